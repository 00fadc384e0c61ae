// SPDX-License-Identifier: Apache-2.0
// Strings in the three encodings of the canonical ABI; inside the host all text is valid UTF-8.
#pragma once

#include "component/typed/abi.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace nacre::component {

/// Lifts the string at `addr`; `units` is the length as the encoding counts it. The view points
/// into guest memory where the guest speaks UTF-8, into the scratch arena otherwise. Invalid text
/// traps.
bool lift_text(CallContext& call, std::uint32_t addr, std::uint32_t units, std::string_view& out);

/// Allocates in the guest and writes `text` there in the guest's encoding. `text` must be valid
/// UTF-8 and must not lie in guest memory.
bool lower_text(CallContext& call, std::string_view text, std::uint32_t& addr,
                std::uint32_t& units);

/// Where the first sequence starts that is not valid UTF-8; npos if all is well. A sequence cut off
/// by the end sets `incomplete`.
std::size_t find_invalid_utf8(std::string_view text, bool& incomplete);

template <> struct Abi<std::string_view> {
  static constexpr std::uint32_t kSize = 8;
  static constexpr std::uint32_t kAlign = 4;
  static constexpr std::uint32_t kFlat = 2;

  static bool lift(CallContext& call, FlatReader& in, std::string_view& out) {
    const std::uint32_t addr = in.i32();
    return lift_text(call, addr, in.i32(), out);
  }
  static bool lower(CallContext& call, FlatWriter& out, const std::string_view& value) {
    std::uint32_t addr = 0;
    std::uint32_t units = 0;
    if (!lower_text(call, value, addr, units))
      return false;
    out.i32(addr);
    out.i32(units);
    return true;
  }
  static bool load(CallContext& call, std::uint32_t addr, std::string_view& out) {
    return lift_text(call, call.memory().read<std::uint32_t>(addr),
                     call.memory().read<std::uint32_t>(addr + 4), out);
  }
  static bool store(CallContext& call, std::uint32_t addr, const std::string_view& value) {
    std::uint32_t to = 0;
    std::uint32_t units = 0;
    if (!lower_text(call, value, to, units))
      return false;
    call.memory().write(addr, to);
    call.memory().write(addr + 4, units);
    return true;
  }
};

/// An owned string: the same on the wire.
template <> struct Abi<std::string> {
  using View = Abi<std::string_view>;
  static constexpr std::uint32_t kSize = View::kSize;
  static constexpr std::uint32_t kAlign = View::kAlign;
  static constexpr std::uint32_t kFlat = View::kFlat;

  static bool lift(CallContext& call, FlatReader& in, std::string& out) {
    std::string_view view;
    return View::lift(call, in, view) && keep(call, view, out);
  }
  static bool lower(CallContext& call, FlatWriter& out, const std::string& value) {
    return View::lower(call, out, value);
  }
  static bool load(CallContext& call, std::uint32_t addr, std::string& out) {
    std::string_view view;
    return View::load(call, addr, view) && keep(call, view, out);
  }
  static bool store(CallContext& call, std::uint32_t addr, const std::string& value) {
    return View::store(call, addr, value);
  }

private:
  static bool keep(CallContext& call, std::string_view view, std::string& out) {
    if (!call.charge(view.size()))
      return false;
    out.assign(view);
    return true;
  }
};

} // namespace nacre::component
