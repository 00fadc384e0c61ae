// SPDX-License-Identifier: Apache-2.0
#include "component/transcode.h"

#include "base/ensure.h"

#include <algorithm>
#include <cstring>

namespace nacre::component {
namespace {

std::uint8_t byte_at(Bytes8 from, std::size_t at) {
  return static_cast<std::uint8_t>(from[at]);
}
std::uint16_t unit_at(Bytes8 from, std::size_t index) {
  std::uint16_t unit;
  std::memcpy(&unit, from.data() + 2 * index, 2);
  return unit;
}
void put_unit(Out8 to, std::size_t index, std::uint32_t unit) {
  const auto narrow = static_cast<std::uint16_t>(unit);
  std::memcpy(to.data() + 2 * index, &narrow, 2);
}

/// One scalar value and how many units it took; length 0: malformed.
struct Scalar {
  std::uint32_t value = 0;
  std::uint32_t length = 0;
};

/// Unicode 15, table 3-7: well-formed UTF-8 byte sequences.
Scalar decode_utf8(Bytes8 from, std::size_t at) {
  const std::uint8_t lead = byte_at(from, at);
  if (lead < 0x80)
    return {lead, 1};
  const std::uint32_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || from.size() - at < length)
    return {};
  std::uint32_t value = lead & (0xffU >> (length + 1));
  for (std::uint32_t i = 1; i < length; ++i) {
    const std::uint8_t next = byte_at(from, at + i);
    if ((next & 0xc0) != 0x80)
      return {};
    value = (value << 6) | (next & 0x3fU);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
    return {};
  return {value, length};
}

Scalar decode_utf16(Bytes8 from, std::size_t index, std::size_t units) {
  const std::uint32_t first = unit_at(from, index);
  if (first < 0xd800 || first > 0xdfff)
    return {first, 1};
  if (first > 0xdbff || index + 1 >= units)
    return {};
  const std::uint32_t second = unit_at(from, index + 1);
  if (second < 0xdc00 || second > 0xdfff)
    return {};
  return {0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00), 2};
}

std::uint32_t utf8_length(std::uint32_t value) {
  return value < 0x80 ? 1 : value < 0x800 ? 2 : value < 0x10000 ? 3 : 4;
}

void put_utf8(Out8 to, std::size_t at, std::uint32_t value) {
  const std::uint32_t length = utf8_length(value);
  if (length == 1) {
    to[at] = static_cast<std::byte>(value);
    return;
  }
  for (std::uint32_t i = length - 1; i > 0; --i) {
    to[at + i] = static_cast<std::byte>(0x80U | (value & 0x3fU));
    value >>= 6;
  }
  constexpr std::uint32_t kLead[] = {0, 0, 0xc0, 0xe0, 0xf0};
  to[at] = static_cast<std::byte>(kLead[length] | value);
}

/// Units written.
std::uint32_t put_utf16(Out8 to, std::size_t index, std::uint32_t value) {
  if (value < 0x10000) {
    put_unit(to, index, value);
    return 1;
  }
  put_unit(to, index, 0xd800 + ((value - 0x10000) >> 10));
  put_unit(to, index + 1, 0xdc00 + ((value - 0x10000) & 0x3ff));
  return 2;
}

/// Copies well-formed UTF-16; tells whether every character fits Latin-1.
std::optional<bool> copy_utf16_checked(Bytes8 from, Out8 to) {
  const std::size_t units = from.size() / 2;
  bool all_latin1 = true;
  for (std::size_t i = 0; i < units;) {
    const Scalar scalar = decode_utf16(from, i, units);
    if (scalar.length == 0)
      return std::nullopt;
    all_latin1 = all_latin1 && scalar.value < 0x100;
    i += scalar.length;
  }
  std::memcpy(to.data(), from.data(), units * 2);
  return all_latin1;
}

void widen_latin1(Out8 to, std::uint32_t count) {
  for (std::uint32_t i = count; i-- > 0;)
    put_unit(to, i, static_cast<std::uint8_t>(to[i]));
}

} // namespace

bool copy_utf8(Bytes8 from, Out8 to) {
  for (std::size_t i = 0; i < from.size();) {
    const Scalar scalar = decode_utf8(from, i);
    if (scalar.length == 0)
      return false;
    i += scalar.length;
  }
  std::memcpy(to.data(), from.data(), from.size());
  return true;
}

bool copy_utf16(Bytes8 from, Out8 to) {
  return copy_utf16_checked(from, to).has_value();
}
void copy_latin1(Bytes8 from, Out8 to) {
  std::memcpy(to.data(), from.data(), from.size());
}

void latin1_to_utf16(Bytes8 from, Out8 to) {
  for (std::size_t i = 0; i < from.size(); ++i)
    put_unit(to, i, byte_at(from, i));
}

std::optional<std::uint32_t> utf8_to_utf16(Bytes8 from, Out8 to) {
  std::uint32_t written = 0;
  for (std::size_t i = 0; i < from.size();) {
    const Scalar scalar = decode_utf8(from, i);
    if (scalar.length == 0)
      return std::nullopt;
    const std::uint32_t need = scalar.value < 0x10000 ? 1 : 2;
    if ((written + need) * std::size_t{2} > to.size())
      break; // only when the adapter gave too little room
    written += put_utf16(to, written, scalar.value);
    i += scalar.length;
  }
  return written;
}

std::optional<Copied> utf16_to_utf8(Bytes8 from, Out8 to, bool first_pass) {
  const std::size_t units = from.size() / 2;
  Copied done;
  while (done.read < units) {
    const Scalar scalar = decode_utf16(from, done.read, units);
    if (scalar.length == 0)
      return std::nullopt;
    if (first_pass && scalar.value >= 0x80)
      break;
    const std::uint32_t length = utf8_length(scalar.value);
    if (to.size() - done.written < length)
      break;
    put_utf8(to, done.written, scalar.value);
    done.read += scalar.length;
    done.written += length;
  }
  return done;
}

Copied latin1_to_utf8(Bytes8 from, Out8 to, bool first_pass) {
  Copied done;
  while (done.read < from.size()) {
    const std::uint8_t value = byte_at(from, done.read);
    if (first_pass && value >= 0x80)
      break;
    const std::uint32_t length = utf8_length(value);
    if (to.size() - done.written < length)
      break;
    put_utf8(to, done.written, value);
    ++done.read;
    done.written += length;
  }
  return done;
}

std::optional<std::uint32_t> utf16_to_compact_probably_utf16(Bytes8 from, Out8 to) {
  const auto units = static_cast<std::uint32_t>(from.size() / 2);
  const auto all_latin1 = copy_utf16_checked(from, to);
  if (!all_latin1)
    return std::nullopt;
  if (!*all_latin1)
    return units | kUtf16Tag;
  for (std::uint32_t i = 0; i < units; ++i)
    to[i] = to[std::size_t{2} * i];
  return units;
}

Copied utf8_to_latin1(Bytes8 from, Out8 to) {
  Copied done;
  while (done.read < from.size() && done.written < to.size()) {
    const Scalar scalar = decode_utf8(from, done.read);
    if (scalar.length == 0 || scalar.value >= 0x100)
      break;
    to[done.written++] = static_cast<std::byte>(scalar.value);
    done.read += scalar.length;
  }
  return done;
}

Copied utf16_to_latin1(Bytes8 from, Out8 to) {
  Copied done;
  const std::size_t units = from.size() / 2;
  while (done.read < units && done.written < to.size()) {
    const std::uint16_t unit = unit_at(from, done.read);
    if (unit >= 0x100)
      break;
    to[done.written++] = static_cast<std::byte>(unit);
    ++done.read;
  }
  return done;
}

std::optional<std::uint32_t> utf8_to_compact_utf16(Bytes8 from, Out8 to,
                                                   std::uint32_t latin1_so_far) {
  widen_latin1(to, latin1_so_far);
  const auto written = utf8_to_utf16(from, to.subspan(std::size_t{2} * latin1_so_far));
  if (!written)
    return std::nullopt;
  return *written + latin1_so_far;
}

std::optional<std::uint32_t> utf16_to_compact_utf16(Bytes8 from, Out8 to,
                                                    std::uint32_t latin1_so_far) {
  widen_latin1(to, latin1_so_far);
  if (!copy_utf16_checked(from, to.subspan(std::size_t{2} * latin1_so_far)))
    return std::nullopt;
  return static_cast<std::uint32_t>(from.size() / 2) + latin1_so_far;
}

} // namespace nacre::component
