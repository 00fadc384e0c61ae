// SPDX-License-Identifier: Apache-2.0
#include "component/builtins.h"

#include "component/store.h"
#include "engine/fault.h"

namespace nacre::component {
namespace {

using engine::Caller;
using engine::make_trap;
using engine::Raw;
using engine::Trap;
using TrampolineKind = Plan::TrampolineKind;

/// wasmtime's code for leaving a component instance whose realloc or post-return runs.
constexpr std::uint8_t kCannotLeave = 23;

Store& store_of(Caller* caller) {
  return *static_cast<Store*>(engine::Store::data_of(caller));
}
const BoundTrampoline& bound(void* env) {
  return *static_cast<const BoundTrampoline*>(env);
}
std::uint32_t arg(const Raw* values, std::size_t index) {
  return static_cast<std::uint32_t>(values[index].i32);
}

Trap* give(Raw* values, std::uint32_t result) {
  values[0].i32 = static_cast<std::int32_t>(result);
  return nullptr;
}

/// Finds a handle of the wanted type, or says what is wrong with it.
Trap* find(Store& store, std::uint32_t instance, std::uint32_t index, ResourceType type,
           Handle*& out) {
  out = store.instance(instance).handles.find(index);
  if (out == nullptr)
    return make_trap(unknown_handle(index));
  if (out->type != type)
    return make_trap(wrong_type(index, store.linked().is_host_type(type), *out));
  return nullptr;
}

Trap* insert(Store& store, std::uint32_t instance, const Handle& handle, Raw* values) {
  const std::uint32_t index = store.instance(instance).handles.insert(handle);
  if (index == 0)
    return make_trap("cannot allocate another handle: the component instance holds too many");
  return give(values, index);
}

Trap* resource_new(void* env, Caller* caller, Raw* values, std::size_t /*count*/) {
  Store& store = store_of(caller);
  const BoundTrampoline& self = bound(env);
  if (!store.may_leave(self.plan->instance))
    return engine::make_trap_code(kCannotLeave);
  Handle handle;
  handle.kind = Handle::Kind::own;
  handle.type = self.resource;
  handle.what.rep = arg(values, 0);
  return insert(store, self.plan->instance, handle, values);
}

Trap* resource_rep(void* env, Caller* caller, Raw* values, std::size_t /*count*/) {
  const BoundTrampoline& self = bound(env);
  Handle* handle = nullptr;
  if (Trap* trap =
          find(store_of(caller), self.plan->instance, arg(values, 0), self.resource, handle))
    return trap;
  return give(values, handle->what.rep);
}

Trap* resource_drop(void* env, Caller* caller, Raw* values, std::size_t /*count*/) {
  Store& store = store_of(caller);
  const BoundTrampoline& self = bound(env);
  if (!store.may_leave(self.plan->instance))
    return engine::make_trap_code(kCannotLeave);
  return store.drop_handle(self.plan->instance, self.resource, arg(values, 0));
}

/// Operands at call time: handle, source table, destination table.
struct Transfer {
  std::uint32_t handle, source, destination;
  std::uint32_t from_instance, to_instance;
  ResourceType from_type, to_type;
};

Transfer transfer_of(const BoundTrampoline& self, const Raw* values) {
  const Linked& linked = *self.linked;
  Transfer out{};
  out.handle = arg(values, 0);
  out.source = arg(values, 1);
  out.destination = arg(values, 2);
  out.from_instance = linked.plan().resource_tables[out.source].instance;
  out.to_instance = linked.plan().resource_tables[out.destination].instance;
  out.from_type = linked.resource_type(out.source);
  out.to_type = linked.resource_type(out.destination);
  return out;
}

Trap* resource_transfer_own(void* env, Caller* caller, Raw* values, std::size_t /*count*/) {
  Store& store = store_of(caller);
  const Transfer move = transfer_of(bound(env), values);
  Handle* handle = nullptr;
  if (Trap* trap = find(store, move.from_instance, move.handle, move.from_type, handle))
    return trap;
  if (handle->kind != Handle::Kind::own)
    return make_trap("cannot lift own resource from a borrow");
  if (handle->lends != 0)
    return make_trap("cannot remove owned resource while borrowed");
  Handle moved = store.instance(move.from_instance).handles.remove(move.handle);
  moved.type = move.to_type;
  return insert(store, move.to_instance, moved, values);
}

Trap* resource_transfer_borrow(void* env, Caller* caller, Raw* values, std::size_t /*count*/) {
  Store& store = store_of(caller);
  const BoundTrampoline& self = bound(env);
  const Transfer lend = transfer_of(self, values);
  Handle* handle = nullptr;
  if (Trap* trap = find(store, lend.from_instance, lend.handle, lend.from_type, handle))
    return trap;
  if (store.calls().empty())
    return make_trap("a borrow is lent outside of any call");
  CallScope& call = store.calls().back();
  if (handle->kind == Handle::Kind::own) {
    ++handle->lends;
    call.lent.push_back({lend.from_instance, lend.handle});
  }
  // The instance that defines a resource gets its representation, not a handle (canonical ABI,
  // lower_borrow).
  const Plan::Resource& resource =
      self.linked->plan().resources[self.linked->plan().resource_tables[lend.destination].resource];
  if (resource.instance == lend.to_instance)
    return give(values, handle->what.rep);
  Handle borrowed = *handle;
  borrowed.kind = Handle::Kind::borrow;
  borrowed.type = lend.to_type;
  borrowed.lends = 0;
  borrowed.scope = static_cast<std::uint32_t>(store.calls().size() - 1);
  ++call.borrows;
  return insert(store, lend.to_instance, borrowed, values);
}

Trap* enter_sync_call(void* /*env*/, Caller* caller, Raw* /*values*/, std::size_t /*count*/) {
  Store& store = store_of(caller);
  store.calls().emplace_back();
  return nullptr;
}

Trap* exit_sync_call(void* /*env*/, Caller* caller, Raw* /*values*/, std::size_t /*count*/) {
  std::string error;
  if (!store_of(caller).leave_call(error))
    return make_trap(error);
  return nullptr;
}

Trap* trap(void* /*env*/, Caller* /*caller*/, Raw* values, std::size_t /*count*/) {
  return engine::make_trap_code(static_cast<std::uint8_t>(arg(values, 0)));
}

} // namespace

bool is_resource_builtin(TrampolineKind kind) {
  return kind == TrampolineKind::resource_new || kind == TrampolineKind::resource_rep ||
         kind == TrampolineKind::resource_drop;
}

engine::HostFn builtin_function(TrampolineKind kind) {
  switch (kind) {
  case TrampolineKind::lower_import:
    return call_host;
  case TrampolineKind::transcode:
    return transcode;
  case TrampolineKind::resource_new:
    return resource_new;
  case TrampolineKind::resource_rep:
    return resource_rep;
  case TrampolineKind::resource_drop:
    return resource_drop;
  case TrampolineKind::resource_transfer_own:
    return resource_transfer_own;
  case TrampolineKind::resource_transfer_borrow:
    return resource_transfer_borrow;
  case TrampolineKind::enter_sync_call:
    return enter_sync_call;
  case TrampolineKind::exit_sync_call:
    return exit_sync_call;
  case TrampolineKind::trap:
    return trap;
  default:
    return nullptr;
  }
}

} // namespace nacre::component
