// SPDX-License-Identifier: Apache-2.0
// Abi of list<T>: std::span<const T> (a view), std::vector<T> (owned) and Bytes (a list<u8>
// result).
#pragma once

#include "component/typed/abi.h"
#include "component/typed/bytes.h"
#include "component/typed/scalar.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

namespace nacre::component {

/// Checks where a guest says a list of `length` elements lies.
template <class T> bool check_list(CallContext& call, std::uint32_t addr, std::uint32_t length) {
  const std::uint64_t bytes = std::uint64_t{length} * Abi<T>::kSize;
  if (bytes > kMaxBytes || !call.memory().contains(addr, bytes)) [[unlikely]]
    return fail_list_bounds(call);
  if ((addr & (Abi<T>::kAlign - 1)) != 0) [[unlikely]]
    return fail_list_align(call);
  return true;
}

/// Lifts a list as a view: numbers stay where they are, other elements are lifted into the arena.
template <class T>
bool lift_view(CallContext& call, std::uint32_t addr, std::uint32_t length,
               std::span<const T>& out) {
  if (!check_list<T>(call, addr, length))
    return false;
  if constexpr (Number<T>) {
    const std::byte* const bytes = call.memory().at(addr);
    if (reinterpret_cast<std::uintptr_t>(bytes) % alignof(T) == 0) [[likely]] {
      out = {reinterpret_cast<const T*>(bytes), length};
      return true;
    }
  }
  if (!call.charge(std::uint64_t{length} * sizeof(T)))
    return false;
  T* const elements = call.scratch().template array<T>(length);
  if constexpr (Number<T>) { // guest memory misaligned for the host
    std::memcpy(elements, call.memory().at(addr), std::size_t{length} * sizeof(T));
  } else {
    for (std::uint32_t i = 0; i < length; ++i) {
      T* const element = std::construct_at(elements + i);
      if (!Abi<T>::load(call, addr + i * Abi<T>::kSize, *element))
        return false;
    }
  }
  out = {elements, length};
  return true;
}

/// Lifts a list into elements of our own.
template <class T>
bool lift_owned(CallContext& call, std::uint32_t addr, std::uint32_t length, std::vector<T>& out) {
  if (!check_list<T>(call, addr, length) || !call.charge(std::uint64_t{length} * sizeof(T)))
    return false;
  if constexpr (Number<T>) {
    out.resize(length);
    if (length > 0)
      std::memcpy(out.data(), call.memory().at(addr), std::size_t{length} * sizeof(T));
  } else {
    out.clear();
    out.reserve(length);
    for (std::uint32_t i = 0; i < length; ++i) {
      T element{};
      if (!Abi<T>::load(call, addr + i * Abi<T>::kSize, element))
        return false;
      out.push_back(std::move(element));
    }
  }
  return true;
}

/// Allocates in the guest and stores the elements there. Handles are moved out of them.
template <class T, class Elements>
bool lower_elements(CallContext& call, Elements& elements, std::uint32_t& addr,
                    std::uint32_t& length) {
  const std::uint64_t bytes = std::uint64_t{elements.size()} * Abi<T>::kSize;
  if (bytes > kMaxBytes) [[unlikely]]
    return fail_list_length(call, elements.size());
  length = static_cast<std::uint32_t>(elements.size());
  if (!call.realloc(0, 0, Abi<T>::kAlign, static_cast<std::uint32_t>(bytes), addr))
    return false;
  if constexpr (Number<T>) {
    if (bytes > 0)
      std::memcpy(call.memory().at(addr), elements.data(), bytes);
  } else {
    std::uint32_t at = addr;
    for (auto&& element : elements) {
      if (!Abi<T>::store(call, at, element))
        return false;
      at += Abi<T>::kSize;
    }
  }
  return true;
}

/// What the kinds of list share: a pointer and a length. `Self` says how elements travel.
template <class Self, class List> struct ListAbi {
  static constexpr std::uint32_t kSize = 8;
  static constexpr std::uint32_t kAlign = 4;
  static constexpr std::uint32_t kFlat = 2;

  static bool lift(CallContext& call, FlatReader& in, List& out) {
    const std::uint32_t addr = in.i32();
    return Self::lift_list(call, addr, in.i32(), out);
  }
  template <class V> static bool lower(CallContext& call, FlatWriter& out, V& value) {
    std::uint32_t addr = 0;
    std::uint32_t length = 0;
    if (!Self::lower_list(call, value, addr, length))
      return false;
    out.i32(addr);
    out.i32(length);
    return true;
  }
  static bool load(CallContext& call, std::uint32_t addr, List& out) {
    return Self::lift_list(call, call.memory().template read<std::uint32_t>(addr),
                           call.memory().template read<std::uint32_t>(addr + 4), out);
  }
  template <class V> static bool store(CallContext& call, std::uint32_t addr, V& value) {
    std::uint32_t to = 0;
    std::uint32_t length = 0;
    if (!Self::lower_list(call, value, to, length))
      return false;
    call.memory().write(addr, to);
    call.memory().write(addr + 4, length);
    return true;
  }
};

template <class T>
struct Abi<std::span<const T>> : ListAbi<Abi<std::span<const T>>, std::span<const T>> {
  static bool lift_list(CallContext& call, std::uint32_t addr, std::uint32_t length,
                        std::span<const T>& out) {
    return lift_view<T>(call, addr, length, out);
  }
  static bool lower_list(CallContext& call, const std::span<const T>& value, std::uint32_t& addr,
                         std::uint32_t& length) {
    return lower_elements<T>(call, value, addr, length);
  }
};

template <class T> struct Abi<std::vector<T>> : ListAbi<Abi<std::vector<T>>, std::vector<T>> {
  static bool lift_list(CallContext& call, std::uint32_t addr, std::uint32_t length,
                        std::vector<T>& out) {
    return lift_owned<T>(call, addr, length, out);
  }
  template <class V>
  static bool lower_list(CallContext& call, V& value, std::uint32_t& addr, std::uint32_t& length) {
    return lower_elements<T>(call, value, addr, length);
  }
};

template <> struct Abi<Bytes> : ListAbi<Abi<Bytes>, Bytes> {
  static bool lift_list(CallContext& call, std::uint32_t addr, std::uint32_t length, Bytes& out) {
    std::vector<std::uint8_t> bytes;
    if (!lift_owned<std::uint8_t>(call, addr, length, bytes))
      return false;
    out = Bytes{std::move(bytes)};
    return true;
  }
  static bool lower_list(CallContext& call, const Bytes& value, std::uint32_t& addr,
                         std::uint32_t& length) {
    const std::span<const std::uint8_t> view = value.view();
    return lower_elements<std::uint8_t>(call, view, addr, length);
  }
};

} // namespace nacre::component
