// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_random/generators.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <sys/random.h>
#include <utility>

namespace nacre::wasi_random {

Result<> fill_secure(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return Error{Code::internal, "the kernel gives no random bytes"};
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

Result<std::uint64_t> SecureNumbers::next() {
  if (left_ == 0) {
    TRY_OK(fill_secure({reinterpret_cast<std::uint8_t*>(pool_.data()), sizeof(pool_)}));
    left_ = pool_.size();
  }
  return std::exchange(pool_[--left_], 0);
}

Result<InsecureNumbers> InsecureNumbers::seeded() {
  State seed{};
  TRY_OK(fill_secure({reinterpret_cast<std::uint8_t*>(seed.data()), sizeof(seed)}));
  seed[0] |= 1; // never all zero
  return InsecureNumbers{seed};
}

std::uint64_t InsecureNumbers::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

void InsecureNumbers::fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const std::uint64_t number = next();
    const std::size_t count = std::min(out.size(), sizeof(number));
    std::memcpy(out.data(), &number, count);
    out = out.subspan(count);
  }
}

} // namespace nacre::wasi_random
