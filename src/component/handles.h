// SPDX-License-Identifier: Apache-2.0
// HandleTable: what one component instance holds: resources it owns or has borrowed, by small
// numbers.
#pragma once

#include "component/resource.h"

#include <cstdint>
#include <string>
#include <vector>

namespace nacre::component {

/// The identity of a resource type at run time: a host resource's ResourceTag, or the record of a
/// guest-defined resource in its component. Compared by address only.
using ResourceType = const void*;

/// What stands behind a handle: a host object, or a number that only the defining guest
/// understands.
union Representation {
  Resource* object;
  std::uint32_t rep;
};

/// One entry. `lends` counts the calls between guests that borrow from an own handle. `scope` is
/// the call a borrow handle ends with; of an own handle, the last host call that borrowed from it.
struct Handle {
  enum class Kind : std::uint8_t { free, own, borrow };
  ResourceType type = nullptr;
  Representation what{};
  std::uint32_t lends = 0;
  std::uint32_t scope = 0;
  Kind kind = Kind::free;
  bool host = false; ///< `what` is an object
};

/// Component model, canonical ABI "Table": indices start at 1, the last freed is the next used, at
/// most 2^28-1. Owns the host objects behind its own handles.
class HandleTable {
public:
  HandleTable() = default;
  ~HandleTable() { clear(); }
  HandleTable(const HandleTable&) = delete;
  HandleTable& operator=(const HandleTable&) = delete;
  HandleTable(HandleTable&& other) noexcept = default;
  HandleTable& operator=(HandleTable&&) = delete;

  /// 0 when the table is full.
  std::uint32_t insert(const Handle& handle);
  /// Null when there is no such handle.
  Handle* find(std::uint32_t index) {
    if (index == 0 || index > slots_.size())
      return nullptr;
    Handle& handle = slots_[index - 1];
    return handle.kind == Handle::Kind::free ? nullptr : &handle;
  }
  /// The handle must be there.
  Handle remove(std::uint32_t index);
  std::uint32_t live() const { return live_; }
  void set_limit(std::uint32_t most) { limit_ = most; }

  /// Destroys the host objects that own handles hold, and forgets everything; keeps its memory for
  /// the next guest.
  void clear();

private:
  std::vector<Handle> slots_;
  std::uint32_t free_ = 0; ///< index of the first free slot, linked through Handle::scope; 0: none
  std::uint32_t live_ = 0;
  std::uint32_t limit_ = (1U << 28) - 1;
};

/// "unknown handle index 7".
std::string unknown_handle(std::uint32_t index);
/// "handle index 7 used with the wrong type, expected host resource but found guest-defined
/// resource".
std::string wrong_type(std::uint32_t index, bool expect_host, const Handle& found);

} // namespace nacre::component
