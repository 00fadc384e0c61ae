// SPDX-License-Identifier: Apache-2.0
#include "component/handles.h"

#include "base/ensure.h"

#include <string_view>

namespace nacre::component {

std::uint32_t HandleTable::insert(const Handle& handle) {
  if (live_ >= limit_)
    return 0;
  ++live_;
  if (free_ != 0) {
    const std::uint32_t index = free_;
    Handle& slot = slots_[index - 1];
    free_ = slot.scope;
    slot = handle;
    return index;
  }
  slots_.push_back(handle);
  return static_cast<std::uint32_t>(slots_.size());
}

Handle HandleTable::remove(std::uint32_t index) {
  Handle* handle = find(index);
  ENSURE(handle != nullptr, "only live handles are removed");
  const Handle out = *handle;
  *handle = Handle{};
  handle->scope = free_;
  free_ = index;
  --live_;
  return out;
}

void HandleTable::clear() {
  // Destructors of resources may not look at the table: take them out first, newest first (children
  // before parents).
  while (!slots_.empty()) {
    const Handle handle = slots_.back();
    slots_.pop_back();
    if (handle.kind == Handle::Kind::own && handle.host)
      delete handle.what.object;
  }
  free_ = 0;
  live_ = 0;
}

std::string unknown_handle(std::uint32_t index) {
  return "unknown handle index " + std::to_string(index);
}
std::string wrong_type(std::uint32_t index, bool expect_host, const Handle& found) {
  constexpr std::string_view kHost = "host resource";
  constexpr std::string_view kGuest = "guest-defined resource";
  std::string text =
      "handle index " + std::to_string(index) + " used with the wrong type, expected ";
  text += expect_host ? kHost : kGuest;
  text += " but found ";
  // Two of the same sort: it is another one all the same.
  text += expect_host == found.host ? "a different " : "";
  text += found.host ? kHost : kGuest;
  return text;
}

} // namespace nacre::component
