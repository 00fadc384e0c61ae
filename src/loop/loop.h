// SPDX-License-Identifier: Apache-2.0
// Loop: one thread's event loop; connections, requests and guests live and die on one.
#pragma once

#include "loop/task.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace nacre {

using Clock = std::chrono::steady_clock;
using Duration = Clock::duration;

/// Owns an io_context. run() belongs to one thread; post() may come from any.
class Loop {
public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until stop(); calls from other threads enter by post().
  void run();
  /// Runs what is ready, without waiting; returns how many handlers ran. For tests and embedding.
  std::size_t poll();
  void stop();
  void post(std::function<void()> function);
  bool on_this_thread() const;

  /// Runs one task to its end on the calling thread and returns its result. For mains and tests.
  template <class T> Result<T> block_on(Task<T> task);

  /// The loop whose run(), poll() or block_on() is on this thread's stack; null elsewhere.
  static Loop* current();

  /// The Asio context, for the modules that hide sockets (a `void`-like handle elsewhere).
  boost::asio::any_io_executor executor();

private:
  Result<> drive(Task<> task);
  struct State;
  std::unique_ptr<State> state_;
};

/// Suspends the calling task for `duration` of the steady clock.
Task<> sleep_for(Duration duration);

/// Lets everything else that is ready on this loop run first.
Task<> yield_to_loop();

/// Runs `task` with a limit: Code::timeout (with `what`) when it takes longer; the task is
/// cancelled then.
template <class T> Task<T> within(Duration limit, std::string_view what, Task<T> task);

/// Runs a blocking function on the process's offload pool and comes back to the calling loop.
template <class F> Task<std::invoke_result_t<F>> offload(F function);

} // namespace nacre

#include "loop/loop_inl.h"
