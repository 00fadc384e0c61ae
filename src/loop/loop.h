// SPDX-License-Identifier: Apache-2.0
// Loop: one thread's event loop; connections, requests and guests live and die on one.
#pragma once

#include "base/ensure.h"
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

// The templates are thin shells over functions without a type parameter, so that Asio stays in .cc.
namespace loop_detail {

Task<> within_limit(Duration limit, std::string_view what, Task<> task);
Task<> run_offloaded(std::function<void()> function);

template <class T> Task<> keep(Task<T> task, std::optional<Result<T>>* out) {
  out->emplace(co_await std::move(task));
  co_return Result<>{};
}

} // namespace loop_detail

template <class T> Result<T> Loop::block_on(Task<T> task) {
  std::optional<Result<T>> out;
  TRY_OK(drive(loop_detail::keep(std::move(task), &out)));
  ENSURE(out.has_value(), "a task that ended left its result");
  return std::move(*out);
}

template <class T> Task<T> within(Duration limit, std::string_view what, Task<T> task) {
  std::optional<Result<T>> out;
  Task<> kept = loop_detail::keep(std::move(task), &out);
  CO_TRY_OK(co_await loop_detail::within_limit(limit, what, std::move(kept)));
  ENSURE(out.has_value(), "a task that ended left its result");
  co_return std::move(*out);
}

template <class F> Task<std::invoke_result_t<F>> offload(F function) {
  using T = std::invoke_result_t<F>;
  if constexpr (std::is_void_v<T>) {
    std::function<void()> erased = std::move(function);
    CO_TRY_OK(co_await loop_detail::run_offloaded(std::move(erased)));
    co_return Result<>{};
  } else {
    // Shared, because the function outlives this frame when the task is cancelled meanwhile.
    auto out = std::make_shared<std::optional<T>>();
    std::function<void()> erased = [out, f = std::move(function)]() mutable { out->emplace(f()); };
    CO_TRY_OK(co_await loop_detail::run_offloaded(std::move(erased)));
    co_return std::move(**out);
  }
}

} // namespace nacre
