// SPDX-License-Identifier: Apache-2.0
// UTF-8, one scalar value at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace nacre::wit {

/// True for what a `char` may be: no surrogate, at most 0x10FFFF.
constexpr bool is_scalar_value(std::uint32_t value) {
  return value <= 0x10FFFF && (value & ~std::uint32_t{0x7FF}) != 0xD800;
}

/// Where the first byte stands that is not part of valid UTF-8; npos: all is well.
std::size_t find_invalid(std::string_view text);

/// Takes one scalar value from valid UTF-8 at `at`, and moves on.
char32_t take_scalar(std::string_view text, std::size_t& at);

void append_scalar(std::string& out, char32_t value);

} // namespace nacre::wit
