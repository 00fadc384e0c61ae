// SPDX-License-Identifier: Apache-2.0
// Watch: rings a Signal when a file descriptor of somebody else can be read or written.
#pragma once

#include "loop/loop.h"
#include "loop/signal.h"

#include <cstdint>
#include <memory>

namespace nacre {

/// Belongs to one loop, which outlives it. Changes nothing about the descriptor, not even whether
/// it blocks: other processes may share it. The descriptor stays open as long as the watch.
class Watch {
public:
  enum class For : std::uint8_t { reading, writing };

  static Result<Watch> open(Loop& loop, int fd, For what);
  Watch(Watch&&) noexcept;
  Watch& operator=(Watch&&) = delete;
  ~Watch();

  /// True for what the kernel cannot wait for (regular files, /dev/null): it never blocks for long.
  bool always_ready() const;
  /// Notifies `signal` once, when the descriptor is ready; at once if it is already. Calm when
  /// called twice. The signal outlives the watch.
  void arm(Signal& signal);

private:
  struct State;
  explicit Watch(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

} // namespace nacre
