// SPDX-License-Identifier: Apache-2.0
// Where random bytes come from: the kernel, or a fast generator that is no secret.
#pragma once

#include "base/result.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace nacre::wasi_random {

/// Fills `out` from the kernel's generator. Blocks only while the machine boots.
Result<> fill_secure(std::span<std::uint8_t> out);

/// Numbers from the kernel's generator, some at a time; each is handed out once and forgotten.
class SecureNumbers {
public:
  Result<std::uint64_t> next();

private:
  std::array<std::uint64_t, 64> pool_{};
  std::size_t left_ = 0;
};

/// xoshiro256**: fast, long period, predictable to whoever sees enough of it.
class InsecureNumbers {
public:
  using State = std::array<std::uint64_t, 4>;

  /// `seed` is not all zero.
  explicit InsecureNumbers(State seed) : state_(seed) {}
  static Result<InsecureNumbers> seeded();

  std::uint64_t next();
  void fill(std::span<std::uint8_t> out);

private:
  State state_;
};

} // namespace nacre::wasi_random
