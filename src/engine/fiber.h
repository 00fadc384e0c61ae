// SPDX-License-Identifier: Apache-2.0
// Fiber: a stack on which host and guest code of one store run, and from which they can step aside
// until resumed.
#pragma once

#include "engine/store.h"

#include <exception>
#include <optional>

namespace nacre::engine {

/// Runs `body(env)` on a pooled stack. Everything a body calls in its store (guest functions, host
/// functions below them) may be preempted at a slice's end or step aside by park(); resume() then
/// returns false. Several fibers of one store may be suspended at once; exactly one runs.
/// Destroying a suspended fiber unwinds it: its park() returns false, guest frames end with a trap,
/// and the body's own frames return normally.
class Fiber {
public:
  using Body = void (*)(void* env);

  Fiber(Store& store, Body body, void* env);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Runs until the body has ended (true) or the fiber is suspended (false). What the body throws
  /// comes out here.
  bool resume();
  /// Why a fiber that has ended did not run its body to the end (no stack left in the pool, for
  /// example).
  std::optional<Fault> failure();

  /// Suspends the fiber that is running on this store until its next resume(). False: the fiber is
  /// being destroyed and the caller must return (a host function: with cancelled_trap()).
  static bool park(Store& store);
  static Trap* cancelled_trap();

private:
  Store& store_;
  std::uintptr_t top_ = 0; ///< of the guest's calls on this fiber, while it is suspended
  void* future_ = nullptr;
  void* trap_ = nullptr;
  void* error_ = nullptr;
  std::exception_ptr thrown_;
  Func enter_;
  Body body_;
  void* env_;
  std::array<std::byte, 32> argument_;
  friend struct FiberEntry;
};

} // namespace nacre::engine
