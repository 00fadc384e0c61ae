// SPDX-License-Identifier: Apache-2.0
#include "http/body_reader.h"

#include <algorithm>

namespace nacre::http {
namespace {
// One read fills at most this. Measured with an echo of 1 MiB: 48 KiB costs half of what 64 KiB
// does, since a full 64 KiB with its chunk framing no longer fits one segmentation-offload packet.
constexpr std::size_t kReadBytes = 48UL * 1024;
// Less free space than this behind the head is not worth a system call.
constexpr std::size_t kLeastShared = 2048;
} // namespace

void BodyReader::begin(const BodyShape& shape, Buffer& shared, net::Stream& stream) {
  shape_ = shape;
  shared_ = &shared;
  stream_ = &stream;
  using_own_ = waiting_ = pulled_ = false;
  taken_ = 0;
  left_ = shape.kind == BodyKind::length ? shape.length : 0;
  error_.reset();
  state_ = State::open;
  if (shape.kind == BodyKind::chunked)
    chunks_ = ChunkDecoder{shape.chunks};
  if (shape.kind == BodyKind::none || (shape.kind == BodyKind::length && shape.length == 0))
    state_ = State::ended;
}

void BodyReader::end() {
  if (using_own_) {
    if (!own_.empty())
      shared_->swap(own_);
    own_.release();
    using_own_ = false;
  }
  waiting_ = false;
  if (shape_.kind == BodyKind::chunked)
    chunks_ = ChunkDecoder{}; // its trailers go
}

std::span<const std::byte> BodyReader::peek() {
  if (shape_.kind == BodyKind::none || state_ == State::ended)
    return {};
  if (pulled_)
    settle();
  const auto bytes = raw().readable();
  switch (shape_.kind) {
  case BodyKind::length:
    return bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), left_)));
  case BodyKind::chunked:
    return bytes.first(static_cast<std::size_t>(
        std::min<std::uint64_t>(bytes.size(), state_ == State::open ? chunks_.data_left() : 0)));
  default:
    return bytes;
  }
}

void BodyReader::consume(std::size_t count) {
  if (count == 0)
    return;
  raw().consume(count);
  taken_ += count;
  if (shape_.kind == BodyKind::length) {
    left_ -= count;
    if (left_ == 0 && state_ == State::open)
      finish();
  } else if (shape_.kind == BodyKind::chunked) {
    chunks_.take_data(count);
    settle();
  }
}

// Steps over framing that has arrived, and sees the end of a chunked body.
void BodyReader::settle() {
  if (shape_.kind != BodyKind::chunked || state_ != State::open || chunks_.data_left() != 0)
    return;
  raw().consume(chunks_.skip_framing(raw().readable()));
  if (chunks_.fault() != nullptr)
    return fail(Error{Code::invalid, chunks_.fault()});
  if (chunks_.done())
    return finish();
  if (chunks_.data_left() > shape_.most - std::min(shape_.most, taken_))
    fail(Error{Code::exhausted, "the body is too large"});
}

void BodyReader::finish() {
  state_ = State::ended;
  waiting_ = false;
  owner_.body_over();
}

void BodyReader::fail(Error error) {
  if (state_ != State::open)
    return;
  error_.emplace(std::move(error));
  state_ = State::failed;
  waiting_ = false;
  owner_.body_over();
  signal_.notify();
}

void BodyReader::pull() {
  if (state_ != State::open)
    return;
  const bool first = !pulled_;
  pulled_ = true;
  if (first)
    settle();
  if (state_ != State::open || waiting_ || !peek().empty())
    return;
  if (first)
    owner_.body_pulled();
  read_some();
}

void BodyReader::on_readable() {
  if (!waiting_)
    return;
  waiting_ = false;
  read_some();
  if (!waiting_)
    signal_.notify();
}

std::span<std::byte> BodyReader::target() {
  Buffer& now = raw();
  // A chunk's head may be here in part; data never is, since readers consume before they pull.
  if (!using_own_) {
    const auto space = now.writable().size();
    const bool fits = shape_.kind == BodyKind::length ? left_ <= space : space >= kReadBytes / 4;
    if (fits && space >= kLeastShared)
      return now.writable();
    own_.reserve(kReadBytes);
    own_.append(now.readable());
    now.consume(now.size());
    using_own_ = true;
  }
  if (own_.empty())
    own_.set_window(0, 0);
  own_.reserve(kReadBytes);
  auto space = own_.writable().first(kReadBytes);
  // Bytes of the next message would only have to be moved home again.
  if (shape_.kind == BodyKind::length)
    space = space.first(static_cast<std::size_t>(std::min<std::uint64_t>(space.size(), left_)));
  return space;
}

void BodyReader::read_some() {
  while (state_ == State::open && peek().empty()) {
    if (!stream_->may_read()) {
      waiting_ = true;
      return owner_.body_waits();
    }
    const auto moved = stream_->read(target());
    switch (moved.state) {
    case net::Transfer::State::ok:
      raw().commit(moved.bytes);
      if (shape_.kind == BodyKind::until_close && taken_ + raw().size() > shape_.most)
        return fail(Error{Code::exhausted, "the body is too large"});
      settle();
      break;
    case net::Transfer::State::would_block:
      waiting_ = true;
      return owner_.body_waits();
    case net::Transfer::State::ended:
      if (shape_.kind == BodyKind::until_close)
        return finish();
      return fail(Error{Code::cancelled, "the peer closed in the middle of the body"});
    case net::Transfer::State::failed:
      return fail(Error{Code::cancelled, "the connection broke in the middle of the body"});
    }
  }
}

const Fields* BodyReader::trailers() const {
  return state_ == State::ended && shape_.kind == BodyKind::chunked ? chunks_.trailers() : nullptr;
}

} // namespace nacre::http
