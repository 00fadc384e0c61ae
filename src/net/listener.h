// SPDX-License-Identifier: Apache-2.0
// Listener: a listening TCP socket of one loop; with SO_REUSEPORT each loop has its own on the same
// address.
#pragma once

#include "loop/loop.h"
#include "net/stream.h"

#include <memory>

namespace nacre::net {

struct ListenOptions {
  /// Lets other loops (and processes of this user) listen on the same address.
  bool reuse_port = true;
  int backlog = 4096;
};

/// Movable; closes on destruction.
class Listener {
public:
  /// Binds and listens. `exists` when the port is taken, `denied` when it is privileged,
  /// `not_found` when the name means nothing here. Looks names up on the calling thread.
  static Result<Listener> open(Loop& loop, const Address& address, ListenOptions options = {});

  Listener(Listener&&) noexcept;
  Listener& operator=(Listener&&) noexcept;
  ~Listener();

  /// With the port the kernel chose if 0 was asked for.
  const Address& address() const;

  /// One attempt; null when nobody waits. `exhausted` when the process is out of descriptors.
  Result<std::unique_ptr<Stream>> accept();
  void wait(Waiter& waiter);

private:
  struct State;
  explicit Listener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace nacre::net
