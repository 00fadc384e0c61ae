// SPDX-License-Identifier: Apache-2.0
#include "engine/ticker.h"

#include "engine/engine.h"

#include <chrono>
#include <utility>

namespace nacre::engine {
namespace {

constexpr std::chrono::milliseconds kTick{1};
/// Ticks without any guest before the thread sleeps: a busy server never pays for waking it.
constexpr int kIdleTicks = 50;

} // namespace

Ticker::Ticker(const Engine& engine) : engine_(engine), thread_([this] { run(); }) {}

Ticker::~Ticker() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Ticker::Lane& Ticker::add_lane() {
  const std::lock_guard lock{mutex_};
  return *lanes_.emplace_back(std::make_unique<Lane>());
}

void Ticker::wake() {
  const std::lock_guard lock{mutex_};
  asleep_.store(false);
  changed_.notify_all();
}

/// Whether no guest runs and none has entered since the last look. Called with the lock held.
bool Ticker::idle(std::uint64_t& seen) {
  std::uint64_t entries = 0;
  bool running = false;
  for (const auto& lane : lanes_) {
    entries += lane->entries.load(std::memory_order_seq_cst);
    running = running || lane->running.load(std::memory_order_relaxed);
  }
  return !running && std::exchange(seen, entries) == entries;
}

void Ticker::run() {
  std::unique_lock lock{mutex_};
  std::uint64_t seen = 0;
  int idle_ticks = 0;
  while (!stopping_) {
    if (idle_ticks >= kIdleTicks) {
      asleep_.store(true, std::memory_order_seq_cst);
      // A guest that entered before it could see the flag is seen here.
      if (idle(seen))
        changed_.wait(lock, [this] { return stopping_ || !asleep_.load(); });
      asleep_.store(false);
      idle_ticks = 0;
    }
    changed_.wait_for(lock, kTick, [this] { return stopping_; });
    engine_.tick();
    idle_ticks = idle(seen) ? idle_ticks + 1 : 0;
  }
}

} // namespace nacre::engine
