// SPDX-License-Identifier: Apache-2.0
// `canon lower` of host functions: from a guest's call to the thunk of generated code, and back.
#include "component/host_call.h"

#include "base/log.h"
#include "component/builtins.h"
#include "component/peer.h"
#include "component/store.h"
#include "engine/fault.h"
#include "engine/fiber.h"

#include <exception>

namespace nacre::component {
namespace {

using engine::Raw;
using engine::Trap;

constexpr std::uint8_t kCannotLeave = 23;

Trap* failed(StorePeer& peer, const BoundTrampoline& self, const CallContext& call) {
  if (Trap* trap = peer.take_trap())
    return trap;
  return engine::make_trap(call.error() + " (in " + self.name + ")");
}

Trap* finish_parked(StorePeer& peer, const BoundTrampoline& self, ParkedCall& parked, Raw* values) {
  if (!peer.store().wait_for(parked))
    return engine::Fiber::cancelled_trap();
  HostCall call{peer,
                self.options == nullptr ? StringEncoding::utf8
                                        : static_cast<StringEncoding>(self.options->encoding),
                peer.store()};
  if (!parked.finish(call, values))
    return failed(peer, self, call);
  return nullptr;
}

Trap* run(Store& store, const BoundTrampoline& self, Raw* values) {
  StorePeer peer{store, *self.options};
  std::unique_ptr<ParkedCall> parked;
  {
    HostCall call{peer, static_cast<StringEncoding>(self.options->encoding), store};
    if (!self.target.func->thunk(self.target.self, call, values))
      return failed(peer, self, call);
    if (!call.parked()) [[likely]]
      return nullptr;
    parked = call.take_parked();
  }
  return finish_parked(peer, self, *parked, values);
}

} // namespace

Trap* call_host(void* env, engine::Caller* caller, Raw* values, std::size_t /*count*/) {
  Store& store = *static_cast<Store*>(engine::Store::data_of(caller));
  const auto& self = *static_cast<const BoundTrampoline*>(env);
  if (!store.may_leave(self.options->instance))
    return engine::make_trap_code(kCannotLeave);
  try {
    return run(store, self, values);
  } catch (const std::exception& bug) {
    // A bug of ours ends this guest; the engine's frames above must not see the exception.
    log::error("host function failed", {{"function", self.name}, {"what", bug.what()}});
    return engine::make_trap("the host failed in " + self.name);
  }
}

} // namespace nacre::component
