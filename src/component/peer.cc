// SPDX-License-Identifier: Apache-2.0
#include "component/peer.h"

#include "engine/fault.h"

#include <tuple>
#include <utility>

namespace nacre::component {

Memory StorePeer::memory(CallContext& /*call*/) {
  if (options_.memory == kNone)
    return {};
  const engine::MemoryRef& ref = store_.memory(options_.memory);
  if (!ref)
    return {}; // a start function calls before its memory can be known
  return {store_.engine().memory_data(ref), store_.engine().memory_size(ref)};
}

bool StorePeer::realloc(CallContext& call, std::uint32_t old_ptr, std::uint32_t old_size,
                        std::uint32_t align, std::uint32_t new_size, std::uint32_t& out) {
  if (options_.realloc == kNone)
    return call.fail("the guest gave no realloc function");
  const engine::Func realloc_func = store_.realloc(options_.realloc);
  if (!realloc_func)
    return call.fail("the guest's realloc function is not there yet");
  engine::Raw values[4];
  const std::uint32_t args[4] = {old_ptr, old_size, align, new_size};
  for (std::size_t i = 0; i < 4; ++i)
    values[i].i32 = static_cast<std::int32_t>(args[i]);
  store_.set_may_leave(options_.instance, false);
  trap_ = store_.engine().call(realloc_func, values, 4);
  store_.set_may_leave(options_.instance, true);
  if (trap_ != nullptr)
    return call.fail("realloc trapped");
  out = static_cast<std::uint32_t>(values[0].i32);
  if (out % align != 0)
    return call.fail("realloc return: result not aligned");
  if (!memory(call).contains(out, new_size))
    return call.fail("realloc return: beyond end of memory");
  return true;
}

Resource* StorePeer::borrow(CallContext& call, std::uint32_t index, const ResourceTag& tag) {
  Handle* handle = store_.instance(instance()).handles.find(index);
  if (handle == nullptr) {
    call.fail(unknown_handle(index));
    return nullptr;
  }
  if (handle->type != &tag) {
    call.fail(wrong_type(index, true, *handle));
    return nullptr;
  }
  if (handle->kind == Handle::Kind::own)
    handle->scope = serial_;
  return handle->what.object;
}

std::unique_ptr<Resource> StorePeer::take_own(CallContext& call, std::uint32_t index,
                                              const ResourceTag& tag) {
  HandleTable& handles = store_.instance(instance()).handles;
  const Handle* handle = handles.find(index);
  if (handle == nullptr) {
    call.fail(unknown_handle(index));
  } else if (handle->type != &tag) {
    call.fail(wrong_type(index, true, *handle));
  } else if (handle->kind != Handle::Kind::own) {
    call.fail("cannot lift own resource from a borrow");
  } else if (handle->lends != 0 || handle->scope == serial_) {
    // The host function would use what it borrowed after it destroyed what it owns.
    call.fail("cannot remove owned resource while borrowed");
  } else {
    return std::unique_ptr<Resource>(handles.remove(index).what.object);
  }
  return nullptr;
}

bool StorePeer::give_own(CallContext& call, std::unique_ptr<Resource> resource,
                         const ResourceTag& tag, std::uint32_t& handle_out) {
  Handle handle;
  handle.kind = Handle::Kind::own;
  handle.type = &tag;
  handle.host = true;
  handle.what.object = resource.get();
  handle_out = store_.instance(instance()).handles.insert(handle);
  if (handle_out == 0)
    return call.fail("cannot allocate another handle: the component instance holds too many");
  std::ignore = resource.release(); // the table owns it now
  return true;
}

bool StorePeer::give_borrow(CallContext& call, Resource& resource, const ResourceTag& tag,
                            std::uint32_t& handle_out) {
  if (store_.calls().empty())
    return call.fail("a borrow is lent outside of any call");
  Handle handle;
  handle.kind = Handle::Kind::borrow;
  handle.type = &tag;
  handle.host = true;
  handle.what.object = &resource;
  handle.scope = static_cast<std::uint32_t>(store_.calls().size() - 1);
  handle_out = store_.instance(instance()).handles.insert(handle);
  if (handle_out == 0)
    return call.fail("cannot allocate another handle: the component instance holds too many");
  ++store_.calls().back().borrows;
  return true;
}

} // namespace nacre::component
