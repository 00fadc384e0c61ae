// SPDX-License-Identifier: Apache-2.0
// SipHash-2-4 with 128 bits: a short keyed hash whose input cannot be told from its output.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace nacre::wasi_filesystem {

/// Reference: Aumasson and Bernstein, "SipHash: a fast short-input PRF", with the 128-bit finish of
/// the reference code. The two halves are the little-endian words of its output.
std::array<std::uint64_t, 2> siphash_128(std::array<std::uint64_t, 2> key,
                                         std::span<const std::byte> input);

} // namespace nacre::wasi_filesystem
