// SPDX-License-Identifier: Apache-2.0
// The character classes of RFC 9110 and 9112, as tables.
#pragma once

#include <array>
#include <cstdint>

namespace nacre::http {

/// For a token character its lower-case form, 0 for every other byte (RFC 9110 5.6.2).
inline constexpr auto kTokenLower = [] {
  std::array<char, 256> table{};
  for (int c = '0'; c <= '9'; ++c)
    table[static_cast<std::size_t>(c)] = static_cast<char>(c);
  for (int c = 'a'; c <= 'z'; ++c) {
    table[static_cast<std::size_t>(c)] = static_cast<char>(c);
    table[static_cast<std::size_t>(c - 'a' + 'A')] = static_cast<char>(c);
  }
  for (const char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'})
    table[static_cast<std::size_t>(c)] = c;
  return table;
}();

/// Bytes that a field value may hold: visible ones, space, tab and everything above ASCII.
inline constexpr auto kValueByte = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0x20; c < 256; ++c)
    table[c] = c != 0x7f;
  table['\t'] = true;
  return table;
}();

/// Bytes that a request target may hold: visible ASCII without '#', which would start a fragment.
inline constexpr auto kTargetByte = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0x21; c < 0x7f; ++c)
    table[c] = c != '#';
  return table;
}();

/// Bytes of an authority without user information.
inline constexpr auto kAuthorityByte = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < 256; ++c) {
    table[c] = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
  for (const char c : {'-', '.', '_', '~', '!', '$', '&', '\'', '(', ')', '*', '+', ',', ';', '=',
                       ':', '[', ']', '%'})
    table[static_cast<std::size_t>(c)] = true;
  return table;
}();

template <class T> constexpr T of_byte(const std::array<T, 256>& table, char c) {
  return table[static_cast<std::uint8_t>(c)];
}

} // namespace nacre::http
