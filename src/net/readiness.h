// SPDX-License-Identifier: Apache-2.0
// Readiness: edge-triggered news about one descriptor from the loop's reactor, at no system call
// per wait.
#pragma once

#include "loop/loop.h"
#include "loop/signal.h"

namespace nacre::net {

/// Registered for life with the loop's epoll set. The descriptor stays the caller's, who must close
/// it after this object is gone, at once. One waiter per direction; it must outlive its wait.
///
/// Edges, not levels: a wait ends when something happened since the last wait of that direction
/// ended. So read (write) until it would block, or until a short read, and only then wait.
class Readiness {
public:
  Readiness(Loop& loop, int descriptor);
  ~Readiness();
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  void wait_readable(Waiter& waiter);
  void wait_writable(Waiter& waiter);

private:
  struct State;
  State* state_;
};

} // namespace nacre::net
