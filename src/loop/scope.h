// SPDX-License-Identifier: Apache-2.0
// Scope: owns running tasks: gives each a name and an owner, hears its failure once, and ends them
// all in close().
#pragma once

#include "loop/task.h"

#include <functional>
#include <memory>
#include <string_view>

namespace nacre {

class Loop;

/// Belongs to one loop and is used on its thread only. Whoever spawns has a Scope member and a
/// close(). Destroying a scope with running tasks cancels them; their frames end on the loop soon
/// after and must not touch what the owner freed: call close() first where tasks borrow from the
/// owner.
class Scope {
public:
  explicit Scope(Loop& loop);
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  /// Runs `task` at once up to its first suspension. An Error is logged (cancelled is not), a Bug
  /// is logged and counted. `name` must outlive the task (a literal).
  void spawn(std::string_view name, Task<> task);
  /// As spawn, but the end is told to `done` on the loop's thread (a Bug arrives as
  /// Code::internal).
  void spawn(std::string_view name, Task<> task, std::function<void(Result<>)> done);

  /// Cancels every task of the scope; they end at their next suspension point.
  void cancel();
  /// Cancels and waits until all have ended. After it, spawn() cancels at once.
  Task<> close();
  std::size_t running() const;
  Loop& loop() const { return loop_; }

private:
  struct State;
  Loop& loop_;
  std::shared_ptr<State> state_;
};

/// How many tasks of this process ended with a Bug so far.
std::uint64_t bugs_seen();

} // namespace nacre
