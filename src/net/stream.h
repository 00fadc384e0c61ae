// SPDX-License-Identifier: Apache-2.0
// Stream: one connection as non-blocking reads and writes plus "wake me when it is worth another
// try"; TCP and TLS look the same.
#pragma once

#include "loop/signal.h"
#include "net/address.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace nacre::net {

/// What one attempt to read or write came to.
struct Transfer {
  enum class State : std::uint8_t {
    ok,          // `bytes` were moved, at least one
    would_block, // nothing now; wait_readable() / wait_writable() tell when
    ended,       // the peer closed its side in good order (reads only)
    failed,      // the connection is broken; `os_error` says how
  };
  State state = State::would_block;
  std::size_t bytes = 0;
  int os_error = 0;
};

using Bytes = std::span<const std::byte>;

/// Belongs to one loop. Destroying it closes the connection; waiters are forgotten, not woken.
class Stream {
public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  /// One attempt; never blocks. `into` must not be empty.
  virtual Transfer read(std::span<std::byte> into) = 0;
  /// One attempt to send all parts, in order; at most kMaxParts of them.
  virtual Transfer write(std::span<const Bytes> parts) = 0;
  static constexpr std::size_t kMaxParts = 8;

  /// False when a read would surely block: the last one took all there was, and no news came since.
  virtual bool may_read() const = 0;

  /// Wakes `waiter` once when a read (write) may move something, or the connection changed for the
  /// worse. One waiter per direction; a second call replaces the first. Costs no system call when
  /// nothing changed.
  virtual void wait_readable(Waiter& waiter) = 0;
  virtual void wait_writable(Waiter& waiter) = 0;

  /// Whether the peer has closed its sending side or reset the connection, even if bytes before
  /// that are still unread. One system call.
  virtual bool peer_closed() const = 0;

  /// Says "no more from me"; reading goes on.
  virtual void shutdown_write() = 0;
  /// Makes the close at destruction a reset: the peer must not take what it got for complete.
  virtual void reset_on_close() = 0;

  virtual const Address& peer() const = 0;
};

} // namespace nacre::net
