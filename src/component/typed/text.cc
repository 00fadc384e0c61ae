// SPDX-License-Identifier: Apache-2.0
#include "component/typed/text.h"

#include "component/transcode.h"

#include <cstring>
#include <string>

namespace nacre::component {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t index) {
  return static_cast<std::uint8_t>(text[index]);
}

/// How many continuation bytes follow `lead`, and what the first of them must lie between (RFC
/// 3629, table 3-7 of the Unicode standard). Zero: `lead` starts nothing.
struct Lead {
  std::uint8_t more;
  std::uint8_t low;
  std::uint8_t high;
};
Lead lead_of(std::uint8_t lead) {
  if (lead >= 0xC2 && lead <= 0xDF)
    return {1, 0x80, 0xBF};
  if (lead >= 0xE0 && lead <= 0xEF)
    return {2, static_cast<std::uint8_t>(lead == 0xE0 ? 0xA0 : 0x80),
            static_cast<std::uint8_t>(lead == 0xED ? 0x9F : 0xBF)};
  if (lead >= 0xF0 && lead <= 0xF4)
    return {3, static_cast<std::uint8_t>(lead == 0xF0 ? 0x90 : 0x80),
            static_cast<std::uint8_t>(lead == 0xF4 ? 0x8F : 0xBF)};
  return {0, 0, 0};
}

/// The first position at or after `from` that is not ASCII.
std::size_t skip_ascii(std::string_view text, std::size_t from) {
  while (from + 8 <= text.size()) {
    std::uint64_t chunk = 0;
    std::memcpy(&chunk, text.data() + from, 8);
    if ((chunk & 0x8080'8080'8080'8080) != 0)
      break;
    from += 8;
  }
  while (from < text.size() && byte_at(text, from) < 0x80)
    ++from;
  return from;
}

/// Appends one scalar value as UTF-8.
char* put_utf8(char* to, std::uint32_t scalar) {
  const auto put = [&to](std::uint32_t byte) { *to++ = static_cast<char>(byte); };
  if (scalar < 0x80) {
    put(scalar);
  } else if (scalar < 0x800) {
    put(0xC0 | (scalar >> 6));
    put(0x80 | (scalar & 0x3F));
  } else if (scalar < 0x10000) {
    put(0xE0 | (scalar >> 12));
    put(0x80 | ((scalar >> 6) & 0x3F));
    put(0x80 | (scalar & 0x3F));
  } else {
    put(0xF0 | (scalar >> 18));
    put(0x80 | ((scalar >> 12) & 0x3F));
    put(0x80 | ((scalar >> 6) & 0x3F));
    put(0x80 | (scalar & 0x3F));
  }
  return to;
}

/// Takes one scalar value from valid UTF-8 at `at`, and moves on.
std::uint32_t take_utf8(std::string_view text, std::size_t& at) {
  const std::uint32_t lead = byte_at(text, at++);
  if (lead < 0x80)
    return lead;
  const int more = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
  std::uint32_t scalar = lead & (0x3Fu >> more);
  for (int i = 0; i < more && at < text.size(); ++i)
    scalar = (scalar << 6) | (byte_at(text, at++) & 0x3F);
  return scalar;
}

bool check_bounds(CallContext& call, std::uint32_t addr, std::uint64_t bytes, std::uint32_t align) {
  if ((addr & (align - 1)) != 0)
    return call.fail("string pointer not aligned to " + std::to_string(align));
  if (bytes > kMaxBytes || !call.memory().contains(addr, bytes))
    return call.fail("string pointer/length out of bounds of memory");
  return true;
}

bool lift_utf8(CallContext& call, std::uint32_t addr, std::uint32_t bytes, std::string_view& out) {
  if (!check_bounds(call, addr, bytes, 1))
    return false;
  out = {reinterpret_cast<const char*>(call.memory().at(addr)), bytes};
  bool incomplete = false;
  const std::size_t bad = find_invalid_utf8(out, incomplete);
  if (bad == std::string_view::npos) [[likely]]
    return true;
  if (incomplete)
    return call.fail("incomplete utf-8 byte sequence from index " + std::to_string(bad));
  return call.fail("invalid utf-8 sequence from index " + std::to_string(bad));
}

bool lift_utf16(CallContext& call, std::uint32_t addr, std::uint32_t units, std::string_view& out) {
  if (!check_bounds(call, addr, std::uint64_t{units} * 2, 2))
    return false;
  if (!call.charge(std::uint64_t{units} * 3))
    return false;
  char* const start = call.scratch().array<char>(std::size_t{units} * 3);
  char* to = start;
  const Memory& memory = call.memory();
  for (std::uint32_t i = 0; i < units; ++i) {
    std::uint32_t scalar = memory.read<std::uint16_t>(addr + 2 * i);
    if ((scalar & 0xF800) == 0xD800) {
      const std::uint32_t low = i + 1 < units ? memory.read<std::uint16_t>(addr + 2 * i + 2) : 0;
      if (scalar >= 0xDC00 || (low & 0xFC00) != 0xDC00)
        return call.fail("unpaired surrogate found in a utf-16 string at index " +
                         std::to_string(i));
      scalar = 0x10000 + ((scalar & 0x3FF) << 10) + (low & 0x3FF);
      ++i;
    }
    to = put_utf8(to, scalar);
  }
  out = {start, static_cast<std::size_t>(to - start)};
  return true;
}

bool lift_latin1(CallContext& call, std::uint32_t addr, std::uint32_t bytes,
                 std::string_view& out) {
  if (!check_bounds(call, addr, bytes, 2))
    return false;
  const std::string_view text{reinterpret_cast<const char*>(call.memory().at(addr)), bytes};
  if (skip_ascii(text, 0) == bytes) {
    out = text;
    return true;
  }
  if (!call.charge(std::uint64_t{bytes} * 2))
    return false;
  char* const start = call.scratch().array<char>(std::size_t{bytes} * 2);
  char* to = start;
  for (const char c : text)
    to = put_utf8(to, static_cast<std::uint8_t>(c));
  out = {start, static_cast<std::size_t>(to - start)};
  return true;
}

bool check_length(CallContext& call, std::uint64_t bytes, std::size_t length) {
  if (bytes <= kMaxBytes)
    return true;
  return call.fail("string length of " + std::to_string(length) + " too large to copy into wasm");
}

/// Writes `text` from byte `from` on as UTF-16 code units at `addr`; returns how many.
std::uint32_t write_utf16(Memory& memory, std::uint32_t addr, std::string_view text,
                          std::size_t from) {
  std::uint32_t units = 0;
  const auto put = [&](std::uint32_t unit) {
    memory.write(addr + 2 * units++, static_cast<std::uint16_t>(unit));
  };
  while (from < text.size()) {
    const std::uint32_t scalar = take_utf8(text, from);
    if (scalar < 0x10000) {
      put(scalar);
    } else {
      put(0xD800 | ((scalar - 0x10000) >> 10));
      put(0xDC00 | ((scalar - 0x10000) & 0x3FF));
    }
  }
  return units;
}

bool lower_utf8(CallContext& call, std::string_view text, std::uint32_t& addr,
                std::uint32_t& units) {
  if (!check_length(call, text.size(), text.size()))
    return false;
  units = static_cast<std::uint32_t>(text.size());
  if (!call.realloc(0, 0, 1, units, addr))
    return false;
  if (units > 0)
    std::memcpy(call.memory().at(addr), text.data(), units);
  return true;
}

/// The specification's order of calls: room for the worst case first, shrunk to fit afterwards.
bool lower_utf16(CallContext& call, std::string_view text, std::uint32_t& addr,
                 std::uint32_t& units) {
  const std::uint64_t worst = std::uint64_t{text.size()} * 2;
  if (!check_length(call, worst, text.size()))
    return false;
  const auto room = static_cast<std::uint32_t>(worst);
  if (!call.realloc(0, 0, 2, room, addr))
    return false;
  units = write_utf16(call.memory(), addr, text, 0);
  return units * 2 == room || call.realloc(addr, room, 2, units * 2, addr);
}

/// Latin-1 as long as it goes; at the first character beyond it, what is written is widened in
/// place.
bool lower_compact(CallContext& call, std::string_view text, std::uint32_t& addr,
                   std::uint32_t& units) {
  if (!check_length(call, text.size(), text.size()))
    return false;
  const auto room = static_cast<std::uint32_t>(text.size());
  if (!call.realloc(0, 0, 2, room, addr))
    return false;
  units = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const std::uint32_t scalar = take_utf8(text, at);
    if (scalar <= 0xFF) {
      call.memory().write(addr + units++, static_cast<std::uint8_t>(scalar));
      continue;
    }
    const std::uint64_t worst = std::uint64_t{text.size()} * 2;
    if (!check_length(call, worst, text.size()))
      return false;
    const auto wide = static_cast<std::uint32_t>(worst);
    if (!call.realloc(addr, room, 2, wide, addr))
      return false;
    Memory& memory = call.memory();
    for (std::uint32_t i = units; i-- > 0;)
      memory.write(addr + 2 * i, std::uint16_t{memory.read<std::uint8_t>(addr + i)});
    units += write_utf16(memory, addr + 2 * units, text, start);
    const std::uint32_t used = units * 2;
    units |= kUtf16Tag;
    return used == wide || call.realloc(addr, wide, 2, used, addr);
  }
  return units == room || call.realloc(addr, room, 2, units, addr);
}

} // namespace

std::size_t find_invalid_utf8(std::string_view text, bool& incomplete) {
  incomplete = false;
  std::size_t at = skip_ascii(text, 0);
  while (at < text.size()) {
    const std::size_t start = at;
    Lead expect = lead_of(byte_at(text, at++));
    if (expect.more == 0)
      return start;
    for (; expect.more > 0; --expect.more) {
      if (at == text.size()) {
        incomplete = true;
        return start;
      }
      const std::uint8_t next = byte_at(text, at++);
      if (next < expect.low || next > expect.high)
        return start;
      expect.low = 0x80;
      expect.high = 0xBF;
    }
    if (at < text.size() && byte_at(text, at) < 0x80)
      at = skip_ascii(text, at);
  }
  return std::string_view::npos;
}

bool lift_text(CallContext& call, std::uint32_t addr, std::uint32_t units, std::string_view& out) {
  switch (call.encoding()) {
  case StringEncoding::utf8:
    return lift_utf8(call, addr, units, out);
  case StringEncoding::utf16:
    return lift_utf16(call, addr, units, out);
  case StringEncoding::compact_utf16:
    break;
  }
  if ((units & kUtf16Tag) != 0)
    return lift_utf16(call, addr, units & ~kUtf16Tag, out);
  return lift_latin1(call, addr, units, out);
}

bool lower_text(CallContext& call, std::string_view text, std::uint32_t& addr,
                std::uint32_t& units) {
  switch (call.encoding()) {
  case StringEncoding::utf8:
    return lower_utf8(call, text, addr, units);
  case StringEncoding::utf16:
    return lower_utf16(call, text, addr, units);
  case StringEncoding::compact_utf16:
    break;
  }
  return lower_compact(call, text, addr, units);
}

} // namespace nacre::component
