// SPDX-License-Identifier: Apache-2.0
// Abi of bool, the integers, the floats and char (char32_t).
#pragma once

#include "component/typed/abi.h"

#include <concepts>
#include <cstdint>
#include <type_traits>

namespace nacre::component {

/// Integers and floats: what may be copied between guest and host as bytes.
template <class T>
concept Number = (std::integral<T> || std::floating_point<T>) && !std::same_as<T, bool> &&
                 !std::same_as<T, char32_t> && !std::same_as<T, char>;

template <Number T> struct Abi<T> {
  static constexpr std::uint32_t kSize = sizeof(T);
  static constexpr std::uint32_t kAlign = sizeof(T);
  static constexpr std::uint32_t kFlat = 1;

  static bool lift(CallContext& /*call*/, FlatReader& in, T& out) {
    if constexpr (std::same_as<T, float>)
      out = in.f32();
    else if constexpr (std::same_as<T, double>)
      out = in.f64();
    else if constexpr (sizeof(T) == 8)
      out = static_cast<T>(in.i64());
    else
      out = static_cast<T>(in.i32()); // narrower integers wrap
    return true;
  }
  static bool lower(CallContext& /*call*/, FlatWriter& out, const T& value) {
    if constexpr (std::same_as<T, float>)
      out.f32(value);
    else if constexpr (std::same_as<T, double>)
      out.f64(value);
    else if constexpr (sizeof(T) == 8)
      out.i64(static_cast<std::uint64_t>(value));
    else
      out.i32(static_cast<std::uint32_t>(value)); // signed ones are extended by their sign
    return true;
  }
  static bool load(CallContext& call, std::uint32_t addr, T& out) {
    out = call.memory().template read<T>(addr);
    return true;
  }
  static bool store(CallContext& call, std::uint32_t addr, const T& value) {
    call.memory().write(addr, value);
    return true;
  }
};

template <> struct Abi<bool> {
  static constexpr std::uint32_t kSize = 1;
  static constexpr std::uint32_t kAlign = 1;
  static constexpr std::uint32_t kFlat = 1;

  static bool lift(CallContext& /*call*/, FlatReader& in, bool& out) {
    out = in.i32() != 0;
    return true;
  }
  static bool lower(CallContext& /*call*/, FlatWriter& out, const bool& value) {
    out.i32(value ? 1 : 0);
    return true;
  }
  static bool load(CallContext& call, std::uint32_t addr, bool& out) {
    out = call.memory().read<std::uint8_t>(addr) != 0;
    return true;
  }
  static bool store(CallContext& call, std::uint32_t addr, const bool& value) {
    call.memory().write(addr, static_cast<std::uint8_t>(value ? 1 : 0));
    return true;
  }
};

/// A Unicode scalar value: surrogates and values past 0x10FFFF trap.
template <> struct Abi<char32_t> {
  static constexpr std::uint32_t kSize = 4;
  static constexpr std::uint32_t kAlign = 4;
  static constexpr std::uint32_t kFlat = 1;

  static bool check(CallContext& call, std::uint32_t value, char32_t& out) {
    if (value > 0x10FFFF || (value & ~std::uint32_t{0x7FF}) == 0xD800) [[unlikely]]
      return fail_char(call, value);
    out = static_cast<char32_t>(value);
    return true;
  }
  static bool lift(CallContext& call, FlatReader& in, char32_t& out) {
    return check(call, in.i32(), out);
  }
  static bool lower(CallContext& /*call*/, FlatWriter& out, const char32_t& value) {
    out.i32(static_cast<std::uint32_t>(value));
    return true;
  }
  static bool load(CallContext& call, std::uint32_t addr, char32_t& out) {
    return check(call, call.memory().read<std::uint32_t>(addr), out);
  }
  static bool store(CallContext& call, std::uint32_t addr, const char32_t& value) {
    call.memory().write(addr, static_cast<std::uint32_t>(value));
    return true;
  }
};

} // namespace nacre::component
