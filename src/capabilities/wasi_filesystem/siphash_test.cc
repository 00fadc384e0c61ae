// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_filesystem/siphash.h"

#include <gtest/gtest.h>

namespace nacre::wasi_filesystem {
namespace {

constexpr std::array<std::uint64_t, 2> kKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

TEST(SipHash, AgreesWithTheReference) {
  // The first of the published vectors: no input, key 00 01 .. 0f.
  const auto empty = siphash_128(kKey, {});
  EXPECT_EQ(empty[0], 0xe6a825ba047f81a3U);
  EXPECT_EQ(empty[1], 0x930255c71472f66dU);
}

TEST(SipHash, EveryByteAndTheLengthCount) {
  std::array<std::byte, 20> input{};
  const auto zeroes = siphash_128(kKey, input);
  for (std::byte& byte : input) {
    byte = std::byte{1};
    EXPECT_NE(siphash_128(kKey, input), zeroes);
    byte = std::byte{0};
  }
  EXPECT_NE(siphash_128(kKey, std::span{input}.first(19)), zeroes);
  EXPECT_NE(siphash_128({1, 2}, input), zeroes);
}

} // namespace
} // namespace nacre::wasi_filesystem
