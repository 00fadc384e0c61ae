// SPDX-License-Identifier: Apache-2.0
// Readiness: something that is ready or will be; what pollables and blocking calls wait for.
#pragma once

#include "loop/signal.h"
#include "loop/task.h"

#include <memory>

namespace nacre::streams {

/// Belongs to one loop. Shared by all who wait for it, so that none has to outlive another: a
/// stream, the pollables made from it, and the tasks that serve it.
class Readiness {
public:
  Readiness() = default;
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;
  virtual ~Readiness() = default;

  /// Whether it is ready now: there is data or room, or an end or a failure to hear about. May try
  /// what cannot block. Stays true until somebody takes what is ready.
  virtual bool ready() = 0;
  /// Starts the work that will make it ready, where nothing does so by itself. Called before each
  /// wait, and calm when called twice.
  virtual void arm() {}
  /// Fires when ready() may have become true.
  virtual Signal& signal() = 0;
};

/// Ends when it is ready, or with Code::cancelled.
Task<> wait_ready(std::shared_ptr<Readiness> readiness);

} // namespace nacre::streams
