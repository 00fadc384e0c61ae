// SPDX-License-Identifier: Apache-2.0
// Runner: lets guests of one loop run: each on a fiber, in slices, beside everything else that the
// loop does.
#pragma once

#include "component/store.h"
#include "engine/fiber.h"
#include "engine/ticker.h"
#include "loop/task.h"

namespace nacre::component {

/// One per loop.
class Runner {
public:
  explicit Runner(engine::Ticker& ticker) : ticker_(ticker), lane_(ticker.add_lane()) {}

  /// Runs `body()` on a fiber of `store` until it ends. The body calls the guest (GuestCall) and
  /// may be suspended in each such call. Fails with Code::cancelled when the guest was interrupted
  /// (Store::interrupt) or the task cancelled while it waited: the body has been unwound then.
  template <class Body> Task<> run(Store& store, Body& body) {
    return drive(&store, [](void* env) { (*static_cast<Body*>(env))(); }, &body);
  }

  /// Store::open while the engine's clock runs, without which a start function that spins would
  /// never be stopped.
  std::optional<engine::Fault> open(Store& store, const GuestLimits& limits);

private:
  Task<> drive(Store* store, engine::Fiber::Body body, void* env);
  bool resume(Store& store, engine::Fiber& fiber);

  engine::Ticker& ticker_;
  engine::Ticker::Lane& lane_;
};

} // namespace nacre::component
