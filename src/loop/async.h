// SPDX-License-Identifier: Apache-2.0
// Async<T>: the answer of a function that usually finishes at once: a ready Result, or a Task that
// will have it.
#pragma once

#include "base/result.h"
#include "loop/task.h"

#include <utility>
#include <variant>

namespace nacre {

template <class T = void> class [[nodiscard]] Async {
public:
  Async(Result<T> ready)
      : state_(std::in_place_index<0>, std::move(ready)) {} // NOLINT(google-explicit-constructor)
  Async(Task<T> task)
      : state_(std::in_place_index<1>, std::move(task)) {}   // NOLINT(google-explicit-constructor)
  Async(Error error) : Async(Result<T>{std::move(error)}) {} // NOLINT(google-explicit-constructor)
  template <class U>
    requires(!std::is_void_v<T> && std::is_convertible_v<U, T> &&
             !std::is_same_v<std::decay_t<U>, Async>)
  Async(U&& value)
      : Async(Result<T>{std::forward<U>(value)}) {} // NOLINT(google-explicit-constructor)

  bool ready() const { return state_.index() == 0; }
  /// Only when ready().
  Result<T>& result() { return *std::get_if<0>(&state_); }
  /// Only when not ready(); can be taken once.
  Task<T> take_task() { return std::move(*std::get_if<1>(&state_)); }

private:
  std::variant<Result<T>, Task<T>> state_;
};

} // namespace nacre
