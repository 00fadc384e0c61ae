// SPDX-License-Identifier: Apache-2.0
// Alarm: rings a Signal at a time; a timer for those who wait by signals rather than in a task.
#pragma once

#include "loop/loop.h"
#include "loop/signal.h"

#include <memory>

namespace nacre {

/// Belongs to one loop, which outlives it. Destroying it is clearing it.
class Alarm {
public:
  explicit Alarm(Loop& loop);
  ~Alarm();
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  /// Notifies `signal` once, at `when` or soon after; what was set before is forgotten. The signal
  /// stays until it rang or clear().
  void set(Clock::time_point when, Signal& signal);
  void clear();

private:
  struct State;
  std::shared_ptr<State> state_;
};

} // namespace nacre
