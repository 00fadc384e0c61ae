// SPDX-License-Identifier: Apache-2.0
#include "wit/utf8.h"

#include <cstdint>

namespace nacre::wit {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

/// Bytes of a sequence by its first byte; zero: none starts so.
std::size_t length_of(std::uint8_t lead) {
  return lead < 0x80   ? 1
         : lead < 0xC2 ? 0
         : lead < 0xE0 ? 2
         : lead < 0xF0 ? 3
         : lead < 0xF5 ? 4
                       : 0;
}

} // namespace

char32_t take_scalar(std::string_view text, std::size_t& at) {
  const std::uint8_t lead = byte_at(text, at);
  const std::size_t length = length_of(lead);
  // 7, 5, 4 or 3 bits of the lead byte count.
  char32_t value = length == 1 ? lead : lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i)
    value = (value << 6) | (byte_at(text, at + i) & 0x3Fu);
  at += length;
  return value;
}

std::size_t find_invalid(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t start = at;
    const std::size_t length = length_of(byte_at(text, at));
    if (length == 0 || length > text.size() - at)
      return start;
    for (std::size_t i = 1; i < length; ++i) {
      if ((byte_at(text, start + i) & 0xC0) != 0x80)
        return start;
    }
    const char32_t value = take_scalar(text, at);
    // Overlong forms: two bytes are checked by their lead already.
    if (!is_scalar_value(value) || (length == 3 && value < 0x800) ||
        (length == 4 && value < 0x10000))
      return start;
  }
  return std::string_view::npos;
}

void append_scalar(std::string& out, char32_t value) {
  const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
  if (value < 0x80) {
    put(value);
  } else if (value < 0x800) {
    put(0xC0 | (value >> 6));
    put(0x80 | (value & 0x3F));
  } else if (value < 0x10000) {
    put(0xE0 | (value >> 12));
    put(0x80 | ((value >> 6) & 0x3F));
    put(0x80 | (value & 0x3F));
  } else {
    put(0xF0 | (value >> 18));
    put(0x80 | ((value >> 12) & 0x3F));
    put(0x80 | ((value >> 6) & 0x3F));
    put(0x80 | (value & 0x3F));
  }
}

} // namespace nacre::wit
