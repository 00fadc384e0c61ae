// SPDX-License-Identifier: Apache-2.0
// FakeCall: a host call without a guest, for tests of host functions that need none.
#pragma once

#include "component/host_call.h"
#include "loop/async.h"
#include "loop/loop.h"

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace nacre::streams::testing {

/// Give one to a host function by dereferencing it. Two FakeCalls are calls of two guests. Their
/// store may be compared by address and not looked into.
class FakeCall final : private component::Peer {
public:
  component::HostCall& operator*() { return call_; }

  component::Memory memory(component::CallContext& /*call*/) override { return {}; }
  bool realloc(component::CallContext& call, std::uint32_t /*old_ptr*/, std::uint32_t /*old_size*/,
               std::uint32_t /*align*/, std::uint32_t /*new_size*/,
               std::uint32_t& /*out*/) override {
    return call.fail("there is no guest");
  }
  component::Resource* borrow(component::CallContext& call, std::uint32_t /*handle*/,
                              const component::ResourceTag& /*tag*/) override {
    call.fail("there is no guest");
    return nullptr;
  }
  std::unique_ptr<component::Resource> take_own(component::CallContext& call,
                                                std::uint32_t /*handle*/,
                                                const component::ResourceTag& /*tag*/) override {
    call.fail("there is no guest");
    return nullptr;
  }
  bool give_own(component::CallContext& call, std::unique_ptr<component::Resource> /*resource*/,
                const component::ResourceTag& /*tag*/, std::uint32_t& /*handle_out*/) override {
    return call.fail("there is no guest");
  }
  bool give_borrow(component::CallContext& call, component::Resource& /*resource*/,
                   const component::ResourceTag& /*tag*/, std::uint32_t& /*handle_out*/) override {
    return call.fail("there is no guest");
  }

private:
  alignas(std::max_align_t) std::array<std::byte, 64> store_{};
  component::HostCall call_{*this, component::StringEncoding::utf8,
                            reinterpret_cast<component::Store&>(store_)};
};

/// The answer of a host function, waiting for it on `loop` where it is not there yet.
template <class T> Result<T> answer(Loop& loop, Async<T> async) {
  if (async.ready())
    return std::move(async.result());
  return loop.block_on(async.take_task());
}

/// Runs `function` on the loop once a task that is awaited next has got to its first wait.
inline void after_it_waits(Loop& loop, std::function<void()> function) {
  loop.post([&loop, f = std::move(function)]() mutable { loop.post(std::move(f)); });
}

} // namespace nacre::streams::testing
