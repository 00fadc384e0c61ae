// SPDX-License-Identifier: Apache-2.0
// Output: the BodySink of both server and client: frames a message into one buffer and sends that
// with as few system calls as it can.
#pragma once

#include "base/ensure.h"
#include "http/body.h"
#include "http/buffer.h"
#include "net/stream.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace nacre::http {

/// How the body of a message may be delimited; decided by the head that goes before it.
struct OutputShape {
  /// False for answers to HEAD, for 204 and 304: what is written is counted and dropped.
  bool body_allowed = true;
  /// False for 204: not even a length is said.
  bool framing_allowed = true;
  /// The peer speaks 1.1. Without it an unknown length ends with the connection.
  bool chunked_allowed = true;
  /// A message that turns out empty says nothing about its length (GET requests).
  bool silent_when_empty = false;
  /// The peer is an HTTP/1.0 client that asked to keep the connection: say so when the length is
  /// known.
  bool say_keep_alive = false;
  /// The head says "connection: close" already.
  bool says_close = false;
  std::optional<std::uint64_t> length;
};

/// A member of its connection. Messages follow one another: begin(), head(), the sink's calls.
class Output final : public BodySink, private Waiter {
public:
  /// What the connection does for its output.
  class Owner {
  public:
    virtual ~Owner() = default;
    /// True while more may come before anybody waits, of this message or (`finished`) of the next
    /// one: nothing need leave yet.
    virtual bool may_hold(bool finished) const = 0;
    /// Call turn() soon, before the loop waits.
    virtual void output_pending() = 0;
    /// Bytes left; or the kernel's buffer is full and a peer that reads nothing is in the way.
    virtual void output_moved() = 0;
    /// The connection is of no more use: a write failed, or the message was cut short.
    virtual void output_broken() = 0;
  };

  Output(Owner& owner, BufferPool& pool, std::size_t limit)
      : owner_(owner), buffer_(pool), limit_(limit) {}

  /// Null until a client's connection stands; bytes gather meanwhile.
  void attach(net::Stream* stream);
  /// Forgets everything, and the connection.
  void reset();

  /// Starts a message; the head's text (without framing fields and the last empty line) is to be
  /// appended to the buffer returned.
  Buffer& begin(std::size_t head_bytes);
  void head(const OutputShape& shape);

  /// An interim message, complete in itself (100 Continue): sent at once.
  void interim(std::string_view text);
  /// The same in front of a head that waits here: false, and nothing is sent, if some of it has
  /// left or an earlier message waits too.
  bool interim_first(std::string_view text);

  /// Sends what it can. `decide`: no longer waits to learn the length.
  void turn(bool decide);
  bool idle() const { return buffer_.empty(); }
  bool blocked() const { return blocked_; }
  bool finished() const { return finished_; }
  /// failed() because of the connection, not because of what was written.
  bool peer_failed() const { return peer_failed_; }
  /// After finish(): the end of the connection is the end of the body.
  bool until_close() const { return framing_ == Framing::until_close; }
  std::uint64_t bytes() const { return written_; }
  void release_when_idle() {
    if (buffer_.empty())
      buffer_.release();
  }

  std::size_t room() const override;
  Result<> write(std::span<const std::byte> bytes) override;
  void flush() override;
  bool flushed() const override { return buffer_.empty(); }
  Result<> finish(const Fields* trailers) override;
  void abort(Error error) override { break_off(std::move(error)); }
  bool failed() const override { return error_.has_value(); }
  const Error& error() const override {
    ENSURE(error_, "an output that failed says why");
    return *error_;
  }
  Signal& signal() override { return signal_; }

private:
  enum class Framing : std::uint8_t { undecided, none, length, chunked, until_close };

  void wake() override;
  void reserve(std::size_t space);
  void decide(bool complete, bool trailers);
  void place_framing(std::string_view text);
  void append_body(std::span<const std::byte> bytes);
  void seal_chunk();
  bool send_now();
  bool write_through(std::span<const std::byte> bytes);
  void break_off(Error error);
  void break_off_by_peer();

  Owner& owner_;
  Buffer buffer_;
  std::size_t limit_;
  net::Stream* stream_ = nullptr;
  OutputShape shape_;
  Framing framing_ = Framing::none;
  // Offsets in the buffer's block.
  std::size_t head_at_ = 0;  // while undecided: the head, then a gap, then the body
  std::size_t body_at_ = 0;  // while undecided
  std::size_t chunk_at_ = 0; // the open chunk's head
  bool chunk_open_ = false;
  bool head_waits_ = false; // nothing of this message has been sent
  std::uint64_t written_ = 0;
  bool finished_ = true;
  bool blocked_ = false;
  bool peer_failed_ = false;
  std::optional<Error> error_;
  Signal signal_;
};

} // namespace nacre::http
