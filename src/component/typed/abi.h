// SPDX-License-Identifier: Apache-2.0
// Abi<T>: how a C++ type travels over the canonical ABI; one specialisation per kind of type.
#pragma once

#include "component/call_context.h"
#include "component/raw.h"
#include "component/typed/unit.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace nacre::component {

/// A specialisation has
///   kSize, kAlign   of the type in guest memory, kFlat: how many core values it flattens to;
///   lift / lower    from and to flat values,
///   load / store    from and to memory at an address that is aligned and in bounds already.
/// All four return false with the context's error set. Lowering takes its value by reference and
/// moves handles out of it. Flat values are untyped 64-bit slots, so that the joins of variants
/// (i32 with f32, anything with i64) need no conversion at all: see FlatReader and FlatWriter.
template <class T> struct Abi;

/// The longest string or list in bytes. The specification says 2^28-1; the engine's fused adapters
/// allow this much, and what passes between two guests should pass to us.
inline constexpr std::uint64_t kMaxBytes = (std::uint64_t{1} << 31) - 1;

/// Functions pass this many flat parameters; more of them go through memory. Results: one.
inline constexpr std::uint32_t kMaxFlatParams = 16;
inline constexpr std::uint32_t kMaxFlatResults = 1;

constexpr std::uint32_t align_up(std::uint32_t offset, std::uint32_t align) {
  return (offset + align - 1) & ~(align - 1);
}

template <> struct Abi<Unit> {
  static constexpr std::uint32_t kSize = 0;
  static constexpr std::uint32_t kAlign = 1;
  static constexpr std::uint32_t kFlat = 0;
  static bool lift(CallContext& /*call*/, FlatReader& /*in*/, Unit& /*out*/) { return true; }
  static bool lower(CallContext& /*call*/, FlatWriter& /*out*/, const Unit& /*value*/) {
    return true;
  }
  static bool load(CallContext& /*call*/, std::uint32_t /*addr*/, Unit& /*out*/) { return true; }
  static bool store(CallContext& /*call*/, std::uint32_t /*addr*/, const Unit& /*value*/) {
    return true;
  }
};

/// Layout of fields in sequence: records, tuples, and parameters that go through memory.
template <class... Ts> struct Sequence {
  static constexpr std::uint32_t kAlign = std::max({std::uint32_t{1}, Abi<Ts>::kAlign...});
  static constexpr std::uint32_t kFlat = (std::uint32_t{0} + ... + Abi<Ts>::kFlat);
  static constexpr auto kOffsets = [] {
    std::array<std::uint32_t, sizeof...(Ts) + 1> offsets{};
    std::uint32_t at = 0;
    std::size_t index = 0;
    ((at = align_up(at, Abi<Ts>::kAlign), offsets[index++] = at, at += Abi<Ts>::kSize), ...);
    offsets[index] = align_up(at, kAlign);
    return offsets;
  }();
  static constexpr std::uint32_t kSize = kOffsets[sizeof...(Ts)];
};

/// Layout of a choice between payloads: variants, options, results, enums.
template <class... Payloads> struct Choice {
  static constexpr std::uint32_t kCases = sizeof...(Payloads);
  static constexpr std::uint32_t kTagSize = kCases <= 0x100 ? 1 : kCases <= 0x10000 ? 2 : 4;
  static constexpr std::uint32_t kPayloadAlign =
      std::max({std::uint32_t{1}, Abi<Payloads>::kAlign...});
  static constexpr std::uint32_t kAlign = std::max(kTagSize, kPayloadAlign);
  static constexpr std::uint32_t kPayload = align_up(kTagSize, kPayloadAlign);
  static constexpr std::uint32_t kSize =
      align_up(kPayload + std::max({std::uint32_t{0}, Abi<Payloads>::kSize...}), kAlign);
  static constexpr std::uint32_t kPayloadFlat =
      std::max({std::uint32_t{0}, Abi<Payloads>::kFlat...});
  static constexpr std::uint32_t kFlat = 1 + kPayloadFlat;
};

/// Reads and writes the discriminant of a choice in memory.
template <std::uint32_t TagSize> std::uint32_t load_tag(CallContext& call, std::uint32_t addr) {
  if constexpr (TagSize == 1)
    return call.memory().read<std::uint8_t>(addr);
  else if constexpr (TagSize == 2)
    return call.memory().read<std::uint16_t>(addr);
  else
    return call.memory().read<std::uint32_t>(addr);
}
template <std::uint32_t TagSize>
void store_tag(CallContext& call, std::uint32_t addr, std::uint32_t tag) {
  if constexpr (TagSize == 1)
    call.memory().write(addr, static_cast<std::uint8_t>(tag));
  else if constexpr (TagSize == 2)
    call.memory().write(addr, static_cast<std::uint16_t>(tag));
  else
    call.memory().write(addr, tag);
}

/// Traps of generated code, out of line; all return false. Texts match Wasmtime's where it has one.
bool fail_char(CallContext& call, std::uint32_t value);
bool fail_option_tag(CallContext& call, std::uint32_t tag);
bool fail_result_tag(CallContext& call, std::uint32_t tag);
bool fail_variant_tag(CallContext& call, std::uint32_t tag);
bool fail_list_align(CallContext& call);
bool fail_list_bounds(CallContext& call);
bool fail_list_length(CallContext& call, std::uint64_t length);
/// A host function answered with an empty pointer where a resource is due: a bug of the host.
bool fail_no_resource(CallContext& call, const ResourceTag& tag);
bool fail_pointer_align(CallContext& call);
bool fail_pointer_bounds(CallContext& call);

/// Checks the pointer to parameters or results that go through memory.
inline bool check_pointer(CallContext& call, std::uint32_t addr, std::uint32_t size,
                          std::uint32_t align) {
  if ((addr & (align - 1)) != 0) [[unlikely]]
    return fail_pointer_align(call);
  if (!call.memory().contains(addr, size)) [[unlikely]]
    return fail_pointer_bounds(call);
  return true;
}

} // namespace nacre::component
