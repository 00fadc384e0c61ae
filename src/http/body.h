// SPDX-License-Identifier: Apache-2.0
// BodySource and BodySink: the two directions of a message body, the same in server and client.
#pragma once

#include "base/result.h"
#include "http/fields.h"
#include "loop/signal.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace nacre::http {

/// What a peer sends us. Belongs to the exchange; used on its loop only. Driven by pull(): no byte
/// is read from the socket before it, so an unread body pushes back on the peer.
///
/// The loop of a reader: look at peek(); if it is empty and state() is open, pull(); if it is still
/// empty, wait for signal().
class BodySource {
public:
  virtual ~BodySource() = default;

  enum class State : std::uint8_t { open, ended, failed };

  /// Bytes that are here now; valid until consume(), pull() or the end of the exchange.
  virtual std::span<const std::byte> peek() = 0;
  /// Takes the first `count` bytes of peek() away.
  virtual void consume(std::size_t count) = 0;
  /// `ended` and `failed` may already show while peek() still has bytes.
  virtual State state() const = 0;
  /// Only when failed: timeout, invalid (bad framing), exhausted (too large), cancelled (peer
  /// gone).
  virtual const Error& error() const = 0;
  /// Asks for more. What can be had without waiting is in peek() (or state()) when it returns.
  virtual void pull() = 0;
  /// Fires when data, the end or a failure arrives after a pull() that brought nothing.
  virtual Signal& signal() = 0;
  /// After `ended`; null if there were none.
  virtual const Fields* trailers() const = 0;
};

/// What we send to a peer. Belongs to the exchange; used on its loop only.
///
/// Written bytes go out when the buffer fills, at flush(), at finish(), and at the latest when the
/// loop gets its turn; bytes before the handler's first suspension wait for finish() if it comes
/// soon enough, so that a small answer is one packet.
class BodySink {
public:
  virtual ~BodySink() = default;

  /// How many bytes write() takes now; 0 means wait for signal(), which fires when there is room.
  virtual std::size_t room() const = 0;
  /// Copies; never more than room(). Fails on more than the declared Content-Length, after finish()
  /// and when failed().
  virtual Result<> write(std::span<const std::byte> bytes) = 0;
  /// Asks that everything written so far leaves; flushed() turns true (and signal() fires) when the
  /// kernel has it all.
  virtual void flush() = 0;
  virtual bool flushed() const = 0;
  /// The regular end. Fails when fewer bytes were written than Content-Length said; the connection
  /// is reset then. Trailers go out with a chunked body and are dropped otherwise.
  virtual Result<> finish(const Fields* trailers) = 0;
  /// The end for the worse: the peer sees a broken message.
  virtual void abort(Error error) = 0;
  virtual bool failed() const = 0;
  /// Only when failed().
  virtual const Error& error() const = 0;
  virtual Signal& signal() = 0;
};

} // namespace nacre::http
