// SPDX-License-Identifier: Apache-2.0
#include "streams/background.h"

#include "base/log.h"

namespace nacre::streams {

void Background::run(std::string_view name, Task<> task) {
  scope_.spawn(name, std::move(task), [this, name](const Result<>& result) {
    if (!result.has_value() && result.error().code() != Code::cancelled)
      log::warn("task failed", {{"task", name}, {"error", result.error().message()}});
    ended_.notify();
  });
}

Task<> Background::idle() {
  while (scope_.running() > 0)
    CO_TRY_OK(co_await ended_.wait());
  co_return Result<>{};
}

Task<> Background::close(Duration limit) {
  if (scope_.running() > 0) {
    Result<> waited = co_await within(limit, "finishing what guests wrote", idle());
    if (!waited)
      log::warn("output of guests is lost", {{"reason", waited.error().message()}});
  }
  co_return co_await scope_.close();
}

} // namespace nacre::streams
