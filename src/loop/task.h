// SPDX-License-Identifier: Apache-2.0
// Task<T>: the only asynchronous return type of our headers; the one place where Asio's coroutine
// type is named.
#pragma once

#include "base/result.h"

#include <boost/asio/awaitable.hpp>

namespace nacre {

/// A coroutine on one loop that ends with a Result. Lazy: nothing runs before it is awaited or
/// spawned in a Scope. Parameters of coroutines are values. Name a temporary before awaiting a call
/// that takes it (a GCC 12 bug).
template <class T = void> using Task = boost::asio::awaitable<Result<T>>;

} // namespace nacre
