// SPDX-License-Identifier: Apache-2.0
// The string copies between two guests' memories that fused adapters ask for (component model,
// canonical ABI "store_string"): each reads code units at `from` and writes at `to`; the caller has
// checked both ranges.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace nacre::component {

/// Set in a length of latin1+utf16 strings that are UTF-16.
inline constexpr std::uint32_t kUtf16Tag = std::uint32_t{1} << 31;

/// Units read and written by a copy that may stop early.
struct Copied {
  std::uint32_t read = 0;
  std::uint32_t written = 0;
};

using Bytes8 = std::span<const std::byte>;
using Out8 = std::span<std::byte>;

/// Copies that check: nothing (or nullopt) means that the source is not well formed. Lengths of
/// UTF-16 are in units; spans are in bytes and need no alignment.
bool copy_utf8(Bytes8 from, Out8 to);
bool copy_utf16(Bytes8 from, Out8 to);
void copy_latin1(Bytes8 from, Out8 to);
void latin1_to_utf16(Bytes8 from, Out8 to);
/// Units written.
std::optional<std::uint32_t> utf8_to_utf16(Bytes8 from, Out8 to);
/// The first pass stops at the first character that needs more than one byte.
std::optional<Copied> utf16_to_utf8(Bytes8 from, Out8 to, bool first_pass);
Copied latin1_to_utf8(Bytes8 from, Out8 to, bool first_pass);
/// Length with tag: UTF-16, or Latin-1 moved together in place when every character allows it.
std::optional<std::uint32_t> utf16_to_compact_probably_utf16(Bytes8 from, Out8 to);
/// Stops at the first character beyond Latin-1; malformed input too (the second copy will find it).
Copied utf8_to_latin1(Bytes8 from, Out8 to);
Copied utf16_to_latin1(Bytes8 from, Out8 to);
/// The rest of a string of which `latin1_so_far` characters stand at the front of `to` as Latin-1:
/// widens them in place and appends. Units in all.
std::optional<std::uint32_t> utf8_to_compact_utf16(Bytes8 from, Out8 to,
                                                   std::uint32_t latin1_so_far);
std::optional<std::uint32_t> utf16_to_compact_utf16(Bytes8 from, Out8 to,
                                                    std::uint32_t latin1_so_far);

} // namespace nacre::component
