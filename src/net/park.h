// SPDX-License-Identifier: Apache-2.0
// Park: where one task waits until somebody calls wake(), cheaper than a Signal with one waiter.
#pragma once

#include "loop/signal.h"
#include "loop/task.h"

#include <functional>

namespace nacre::net {

/// A member of the thing whose task waits. wake() resumes the task before it returns; it does
/// nothing when nobody is parked (so look at the state before wait()).
class Park final : public Waiter {
public:
  /// One task at a time. Ends with Code::cancelled when the task is cancelled.
  Task<> wait();
  void wake() override;
  bool parked() const { return static_cast<bool>(resume_); }
  /// Destroys the waiting task's frames, without running them.
  void drop() { resume_ = nullptr; }

private:
  std::move_only_function<void(Result<>)> resume_;
};

} // namespace nacre::net
