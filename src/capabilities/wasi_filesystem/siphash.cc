// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_filesystem/siphash.h"

#include <bit>
#include <cstring>

namespace nacre::wasi_filesystem {
namespace {

struct State {
  std::uint64_t a, b, c, d;

  void rounds(int count) {
    for (int i = 0; i < count; ++i) {
      a += b;
      b = std::rotl(b, 13) ^ a;
      a = std::rotl(a, 32);
      c += d;
      d = std::rotl(d, 16) ^ c;
      a += d;
      d = std::rotl(d, 21) ^ a;
      c += b;
      b = std::rotl(b, 17) ^ c;
      c = std::rotl(c, 32);
    }
  }
  void absorb(std::uint64_t word) {
    d ^= word;
    rounds(2);
    a ^= word;
  }
  std::uint64_t sum() const { return a ^ b ^ c ^ d; }
};

} // namespace

std::array<std::uint64_t, 2> siphash_128(std::array<std::uint64_t, 2> key,
                                         std::span<const std::byte> input) {
  // "somepseudorandomlygeneratedbytes", and the mark of the 128-bit variant.
  State state{key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d ^ 0xee,
              key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573};
  const std::uint64_t length = input.size();
  for (; input.size() >= 8; input = input.subspan(8)) {
    std::uint64_t word;
    std::memcpy(&word, input.data(), 8);
    state.absorb(word);
  }
  std::uint64_t last = length << 56;
  for (std::size_t i = 0; i < input.size(); ++i)
    last |= std::to_integer<std::uint64_t>(input[i]) << (8 * i);
  state.absorb(last);
  state.c ^= 0xee;
  state.rounds(4);
  const std::uint64_t low = state.sum();
  state.b ^= 0xdd;
  state.rounds(4);
  return {low, state.sum()};
}

} // namespace nacre::wasi_filesystem
