// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value or an Error; with TRY and CO_TRY it reads like straight-line code.
#pragma once

#include "base/error.h"

#include <concepts>
#include <expected>
#include <string_view>
#include <type_traits>
#include <utility>

namespace nacre {

/// std::expected that must not be ignored, and that takes `return Error{...}` and `return value`
/// alike.
template <class T = void> class [[nodiscard]] Result : public std::expected<T, Error> {
public:
  using Base = std::expected<T, Error>;
  using Base::Base;
  Result(Error error)
      : Base(std::unexpect, std::move(error)) {} // NOLINT(google-explicit-constructor): the point

  /// Puts what we were doing in front of the error; a value passes through.
  Result context(std::string_view doing) && {
    if (this->has_value())
      return std::move(*this);
    return Result{std::move(this->error()).context(doing)};
  }
};

} // namespace nacre

#define NACRE_CAT_(a, b) a##b
#define NACRE_CAT(a, b) NACRE_CAT_(a, b)
#define NACRE_TRY_(temp, returns, declaration, ...)                                                \
  auto temp = (__VA_ARGS__);                                                                       \
  if (!temp.has_value())                                                                           \
    returns ::nacre::Error{std::move(temp.error())};                                               \
  declaration = std::move(*temp)
#define NACRE_TRY_OK_(temp, returns, ...)                                                          \
  do {                                                                                             \
    if (auto temp = (__VA_ARGS__); !temp.has_value())                                              \
      returns ::nacre::Error{std::move(temp.error())};                                             \
  } while (false)

/// TRY(auto x, f()): x is f's value, or this function returns f's error.
#define TRY(declaration, ...)                                                                      \
  NACRE_TRY_(NACRE_CAT(try_, __LINE__), return, declaration, __VA_ARGS__)
/// TRY_OK(f()): goes on if f succeeded, or returns its error.
#define TRY_OK(...) NACRE_TRY_OK_(NACRE_CAT(try_, __LINE__), return, __VA_ARGS__)
/// The same two inside a coroutine.
#define CO_TRY(declaration, ...)                                                                   \
  NACRE_TRY_(NACRE_CAT(try_, __LINE__), co_return, declaration, __VA_ARGS__)
#define CO_TRY_OK(...) NACRE_TRY_OK_(NACRE_CAT(try_, __LINE__), co_return, __VA_ARGS__)
