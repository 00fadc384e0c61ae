// SPDX-License-Identifier: Apache-2.0
// Abi of handles: own<R> is std::unique_ptr<R>, borrow<R> is R*.
#pragma once

#include "component/resource.h"
#include "component/typed/abi.h"

#include <concepts>
#include <cstdint>
#include <memory>
#include <utility>

namespace nacre::component {

/// A generated resource class. The tag in the handle table vouches for the cast to it.
template <class R>
concept ResourceClass = std::derived_from<R, Resource> && requires { R::kTag; };

template <ResourceClass R> struct Abi<std::unique_ptr<R>> {
  static constexpr std::uint32_t kSize = 4;
  static constexpr std::uint32_t kAlign = 4;
  static constexpr std::uint32_t kFlat = 1;

  static bool take(CallContext& call, std::uint32_t handle, std::unique_ptr<R>& out) {
    std::unique_ptr<Resource> resource = call.take_own(handle, R::kTag);
    if (resource == nullptr) [[unlikely]]
      return false;
    out.reset(static_cast<R*>(resource.release()));
    return true;
  }
  static bool give(CallContext& call, std::unique_ptr<R>& value, std::uint32_t& handle) {
    if (value == nullptr) [[unlikely]]
      return fail_no_resource(call, R::kTag);
    return call.give_own(std::move(value), R::kTag, handle);
  }

  static bool lift(CallContext& call, FlatReader& in, std::unique_ptr<R>& out) {
    return take(call, in.i32(), out);
  }
  static bool lower(CallContext& call, FlatWriter& out, std::unique_ptr<R>& value) {
    std::uint32_t handle = 0;
    if (!give(call, value, handle))
      return false;
    out.i32(handle);
    return true;
  }
  static bool load(CallContext& call, std::uint32_t addr, std::unique_ptr<R>& out) {
    return take(call, call.memory().template read<std::uint32_t>(addr), out);
  }
  static bool store(CallContext& call, std::uint32_t addr, std::unique_ptr<R>& value) {
    std::uint32_t handle = 0;
    if (!give(call, value, handle))
      return false;
    call.memory().write(addr, handle);
    return true;
  }
};

template <ResourceClass R> struct Abi<R*> {
  static constexpr std::uint32_t kSize = 4;
  static constexpr std::uint32_t kAlign = 4;
  static constexpr std::uint32_t kFlat = 1;

  static bool find(CallContext& call, std::uint32_t handle, R*& out) {
    out = static_cast<R*>(call.borrow(handle, R::kTag));
    return out != nullptr;
  }

  static bool lift(CallContext& call, FlatReader& in, R*& out) { return find(call, in.i32(), out); }
  static bool lower(CallContext& call, FlatWriter& out, R* const& value) {
    std::uint32_t handle = 0;
    if (!call.give_borrow(*value, R::kTag, handle))
      return false;
    out.i32(handle);
    return true;
  }
  static bool load(CallContext& call, std::uint32_t addr, R*& out) {
    return find(call, call.memory().template read<std::uint32_t>(addr), out);
  }
  static bool store(CallContext& call, std::uint32_t addr, R* const& value) {
    std::uint32_t handle = 0;
    if (!call.give_borrow(*value, R::kTag, handle))
      return false;
    call.memory().write(addr, handle);
    return true;
  }
};

} // namespace nacre::component
