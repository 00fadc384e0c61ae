// SPDX-License-Identifier: Apache-2.0
// BodyReader: the BodySource of both server and client: takes a body off a stream, from where the
// head's buffer left off.
#pragma once

#include "base/ensure.h"
#include "http/body.h"
#include "http/buffer.h"
#include "http/chunk_decoder.h"
#include "net/stream.h"

#include <cstdint>
#include <limits>
#include <optional>

namespace nacre::http {

enum class BodyKind : std::uint8_t { none, length, chunked, until_close };

struct BodyShape {
  BodyKind kind = BodyKind::none;
  std::uint64_t length = 0;
  /// More decoded bytes than this fail with `exhausted`.
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  ChunkLimits chunks;
};

/// A member of its connection, used again for each message.
class BodyReader final : public BodySource {
public:
  /// What the connection does for its body.
  class Owner {
  public:
    virtual ~Owner() = default;
    /// The first pull(): the moment for 100 Continue.
    virtual void body_pulled() = 0;
    /// Wait for the stream to become readable, then call on_readable().
    virtual void body_waits() = 0;
    /// The body ended or failed.
    virtual void body_over() = 0;
  };

  BodyReader(Owner& owner, BufferPool& pool) : owner_(owner), own_(pool) {}

  /// Starts a message's body. `shared` is the connection's buffer; what it holds comes first.
  void begin(const BodyShape& shape, Buffer& shared, net::Stream& stream);
  /// Ends the message: bytes read beyond it are in `shared` afterwards. Only when ended or given
  /// up.
  void end();

  void on_readable();
  void fail(Error error);
  /// Whether a pull() is unanswered.
  bool waiting() const { return waiting_; }
  std::uint64_t bytes() const { return taken_; }
  /// After the end: whether bytes of something else came with it.
  bool has_leftover() { return !raw().empty(); }
  bool pulled() const { return pulled_; }
  BodyKind kind() const { return shape_.kind; }

  std::span<const std::byte> peek() override;
  void consume(std::size_t count) override;
  State state() const override { return state_; }
  const Error& error() const override {
    ENSURE(error_, "a body that failed says why");
    return *error_;
  }
  void pull() override;
  Signal& signal() override { return signal_; }
  const Fields* trailers() const override;

private:
  Buffer& raw() { return using_own_ ? own_ : *shared_; }
  void settle();
  void finish();
  void read_some();
  std::span<std::byte> target();

  Owner& owner_;
  BodyShape shape_;
  Buffer own_;
  Buffer* shared_ = nullptr;
  net::Stream* stream_ = nullptr;
  ChunkDecoder chunks_; // fresh for each chunked body
  State state_ = State::ended;
  std::optional<Error> error_;
  Signal signal_;
  std::uint64_t left_ = 0;  // of a known length
  std::uint64_t taken_ = 0; // decoded bytes consumed
  bool using_own_ = false;
  bool waiting_ = false;
  bool pulled_ = false;
};

} // namespace nacre::http
