// SPDX-License-Identifier: Apache-2.0
// Alarm: a deadline that moves often and strikes rarely: moving it later costs no timer operation.
#pragma once

#include "loop/loop.h"
#include "loop/signal.h"

#include <memory>

namespace nacre::http {

/// A member of the thing it watches; strikes by `target.wake()`, once per set().
class Alarm {
public:
  Alarm(Loop& loop, Waiter& target);
  ~Alarm();
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  /// Zero means never.
  void set(Duration from_now);
  void clear();

private:
  struct State;
  std::shared_ptr<State> state_;
};

} // namespace nacre::http
