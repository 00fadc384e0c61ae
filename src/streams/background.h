// SPDX-License-Identifier: Apache-2.0
// Background: work that goes on after the guest's call has returned, such as bytes still to be
// written.
#pragma once

#include "loop/loop.h"
#include "loop/scope.h"
#include "loop/signal.h"

#include <string_view>

namespace nacre::streams {

/// A member of a lease; its tasks keep what they need by shared_ptr, since the guest's resources
/// may go first.
class Background {
public:
  explicit Background(Loop& loop) : scope_(loop) {}

  Loop& loop() const { return scope_.loop(); }
  /// `name` outlives the task. Its failure is logged.
  void run(std::string_view name, Task<> task);
  /// Waits until all have ended, for at most `limit`, then cancels the rest. `this` outlives it.
  Task<> close(Duration limit);

private:
  Task<> idle();

  Scope scope_;
  Signal ended_;
};

} // namespace nacre::streams
