// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_cli/text_filter.h"

#include <cstdint>
#include <cstdio>

namespace nacre::wasi_cli {
namespace {

constexpr std::uint32_t kBad = 0xffffffff;

struct Decoded {
  std::uint32_t code;
  std::size_t length;
};

/// The next code point of UTF-8 text, or kBad for one byte that starts none (overlong forms,
/// surrogates and values beyond Unicode included).
Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80)
    return {lead, 1};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length)
    return {kBad, 1};
  std::uint32_t code = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80)
      return {kBad, 1};
    code = code << 6 | (byte(i) & 0x3fU);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
    return {kBad, 1};
  return {code, length};
}

bool is_control(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029;
}

} // namespace

std::string visible(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Decoded next = decode(text);
    const std::string_view bytes = text.substr(0, next.length);
    text.remove_prefix(next.length);
    if (next.code != kBad && (!is_control(next.code) || next.code == '\t')) {
      out += bytes;
      continue;
    }
    for (const char byte : bytes) {
      char escaped[5];
      std::snprintf(escaped, sizeof(escaped), "\\x%02x", static_cast<unsigned char>(byte));
      out += escaped;
    }
  }
  return out;
}

void EscapeMask::apply(std::span<char> bytes) {
  for (char& byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    if ((value < 0x20 && value != '\n' && value != '\r' && value != '\t') || value == 0x7f)
      byte = '?';
    else if (previous_ == 0xc2 && value >= 0x80 && value < 0xa0)
      byte = static_cast<char>(0xbf); // U+0080..U+009F becomes an inverted question mark
    previous_ = value;
  }
}

} // namespace nacre::wasi_cli
