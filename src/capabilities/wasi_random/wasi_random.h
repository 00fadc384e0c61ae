// SPDX-License-Identifier: Apache-2.0
// wasi:random 0.2: random, insecure and insecure-seed.
#pragma once

#include "capability/capability.h"

#include <cstdint>
#include <memory>

namespace nacre::wasi_random {

struct Settings {
  /// The most bytes of one call; more is a trap. Up to it, bytes are made in chunks off the loop.
  std::uint64_t max_bytes = std::uint64_t{64} << 20;
};

std::unique_ptr<capability::Capability> make_wasi_random(Settings settings = {});

} // namespace nacre::wasi_random
