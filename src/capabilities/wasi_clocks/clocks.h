// SPDX-License-Identifier: Apache-2.0
// Clocks: where wasi:clocks takes its time from; the host's own, or one that a test winds.
#pragma once

#include "loop/signal.h"

#include <chrono>
#include <cstdint>
#include <memory>

namespace nacre {
class Loop;
} // namespace nacre

namespace nacre::wasi_clocks {

/// Nanoseconds of the monotonic clock since an origin that says nothing about the host.
using Instant = std::uint64_t;

/// Something that rings at a time. Destroying it is clearing it.
class Timer {
public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  virtual ~Timer() = default;

  /// Notifies `signal` once `when` has come. Calm when called twice. The signal outlives the timer.
  virtual void ring(Instant when, Signal& signal) = 0;
};

/// Made once per workload; its functions may be called on any loop.
class Clocks {
public:
  Clocks() = default;
  Clocks(const Clocks&) = delete;
  Clocks& operator=(const Clocks&) = delete;
  virtual ~Clocks() = default;

  virtual Instant monotonic() const = 0;
  /// Time since 1970; negative before.
  virtual std::chrono::nanoseconds wall() const = 0;
  virtual std::unique_ptr<Timer> timer(Loop& loop) const = 0;
};

/// The host's clocks. The monotonic one starts near zero when this is called.
std::shared_ptr<const Clocks> host_clocks();

} // namespace nacre::wasi_clocks
