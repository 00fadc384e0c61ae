// SPDX-License-Identifier: Apache-2.0
// The templates of loop.h: thin shells over functions without a type parameter, so that Asio stays
// in the .cc files.
#pragma once

#include "loop/loop.h"

namespace nacre {
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
  return std::move(*out);
}

template <class T> Task<T> within(Duration limit, std::string_view what, Task<T> task) {
  std::optional<Result<T>> out;
  Task<> kept = loop_detail::keep(std::move(task), &out);
  CO_TRY_OK(co_await loop_detail::within_limit(limit, what, std::move(kept)));
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
