// SPDX-License-Identifier: Apache-2.0
// Ticker: the one thread that advances the engine's clock every millisecond while any guest runs.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace nacre::engine {

class Engine;

/// Outlives the loops that enter and leave. Sleeps when no guest has run for a while, so that an
/// idle process is idle.
class Ticker {
public:
  explicit Ticker(const Engine& engine);
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

  /// One loop's count of guest entries: written by its thread only, on a cache line of its own.
  struct alignas(64) Lane {
    std::atomic<std::uint64_t> entries{0};
    std::atomic<bool> running{false};
  };
  /// Registers a loop; the lane lives as long as the ticker.
  Lane& add_lane();

  /// Around each stretch in which a guest may run. A few nanoseconds; wakes the thread when it
  /// sleeps.
  void enter(Lane& lane) {
    lane.running.store(true, std::memory_order_relaxed);
    lane.entries.fetch_add(1, std::memory_order_seq_cst);
    if (asleep_.load(std::memory_order_seq_cst))
      wake();
  }
  static void leave(Lane& lane) { lane.running.store(false, std::memory_order_relaxed); }

private:
  void run();
  void wake();
  bool idle(std::uint64_t& seen);

  const Engine& engine_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::atomic<bool> asleep_{false};
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace nacre::engine
