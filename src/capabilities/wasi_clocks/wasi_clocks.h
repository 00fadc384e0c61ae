// SPDX-License-Identifier: Apache-2.0
// wasi:clocks 0.2: monotonic-clock and wall-clock.
#pragma once

#include "capabilities/wasi_clocks/clocks.h"
#include "capability/capability.h"

#include <chrono>
#include <memory>

namespace nacre::wasi_clocks {

struct Settings {
  std::shared_ptr<const Clocks> clocks = host_clocks();
  /// What `now` is rounded down to and `resolution` tells. Coarser than the host's nanosecond for
  /// tenants that should not measure their neighbours.
  std::chrono::nanoseconds resolution{1};
};

std::unique_ptr<capability::Capability> make_wasi_clocks(Settings settings = {});

} // namespace nacre::wasi_clocks
