// SPDX-License-Identifier: Apache-2.0
// Signal: a condition on one loop that many may wait for at once; waking allocates nothing.
#pragma once

#include "loop/task.h"

namespace nacre {

class Signal;

/// One who waits for signals. Intrusive: it may stand in the list of one Signal at a time, and
/// leaves it when destroyed.
class Waiter {
public:
  Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  virtual ~Waiter() { leave(); }

  /// Called by Signal::notify() on the loop's thread, after this waiter has left the list.
  virtual void wake() = 0;
  void leave();
  bool waiting() const { return signal_ != nullptr; }

private:
  friend class Signal;
  Signal* signal_ = nullptr;
  Waiter* next_ = nullptr;
  Waiter* previous_ = nullptr;
};

/// Owned by the thing whose state changes. Not a latch: whoever waits looks at the state first.
class Signal {
public:
  Signal() = default;
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  ~Signal();

  /// Wakes everyone who waits now; those added meanwhile wait for the next one. A waiter may
  /// destroy the signal.
  void notify();
  void add(Waiter& waiter);
  /// Ends at the next notify() or when the signal goes away; with Code::cancelled when the task is
  /// cancelled.
  Task<> wait();
  bool has_waiters() const { return first_ != nullptr; }

private:
  friend class Waiter;
  Waiter* first_ = nullptr;
};

} // namespace nacre
