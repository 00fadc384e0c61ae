// SPDX-License-Identifier: Apache-2.0
// err(e): the error case of a WIT result, from any function whose answer holds such a result.
#pragma once

#include <expected>
#include <utility>

namespace nacre::component {

/// What err() makes; becomes a std::expected<T, E> of any T, and what can be made of that.
template <class E> class Err {
public:
  explicit Err(E error) : error_(std::move(error)) {}
  template <class T, class F>
  operator std::expected<T, F>() && { // NOLINT(google-explicit-constructor): the point
    return std::unexpected<F>{std::move(error_)};
  }

private:
  E error_;
};

/// `return component::err(ErrorCode::access);` where the function's type is Result<std::expected<T,
/// ErrorCode>> or Async<…>. An Error would trap the guest; this is an answer.
template <class E> Err<E> err(E error) {
  return Err<E>{std::move(error)};
}

} // namespace nacre::component
