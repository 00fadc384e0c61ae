// SPDX-License-Identifier: Apache-2.0
// Counters: what one loop counts: written by its thread only, read by whoever shows metrics.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace nacre::host {

/// A number with one writer: no locked instruction on the hot path.
class Counter {
public:
  void add(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
  }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> value_{0};
};

/// On cache lines of its own.
struct alignas(64) Counters {
  std::array<Counter, 6> responses; ///< by first digit of the status; 0: none was sent
  Counter active;                   ///< guests that run or wait now
  Counter queued;                   ///< requests that wait for their turn now
  Counter rejected;                 ///< 503 because of load
  Counter instances;                ///< fresh instances made
  Counter faults;                   ///< guests that trapped
  Counter timeouts;                 ///< guests stopped at their deadline
  Counter cancelled;                ///< guests stopped because the client went away
  Counter cpu_stops;                ///< guests stopped at their CPU budget
};

} // namespace nacre::host
