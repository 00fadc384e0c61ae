// SPDX-License-Identifier: Apache-2.0
#include "http/output.h"

#include "base/ensure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace nacre::http {
namespace {

// Between head and body until the framing is known: length, keep-alive and the empty line are the
// longest.
constexpr std::size_t kGap = 80;
// An open chunk's head: four hexadecimal digits and CRLF.
constexpr std::size_t kChunkHead = 6;
constexpr std::size_t kMostChunk = 0xffff;
constexpr std::string_view kKeepAliveLine = "connection: keep-alive\r\n";
constexpr std::string_view kChunkedLine = "transfer-encoding: chunked\r\n\r\n";
// From here on a write goes to the kernel from the caller's memory.
constexpr std::size_t kThrough = 16UL * 1024;
// This much waiting is worth a system call even if more may come.
constexpr std::size_t kEager = 32UL * 1024;

std::string_view hex(std::uint64_t value, std::array<char, 24>& text) {
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, 16).ptr;
  return {text.data(), end};
}

} // namespace

void Output::attach(net::Stream* stream) {
  stream_ = stream;
  blocked_ = false;
}

void Output::reset() {
  leave();
  stream_ = nullptr;
  buffer_.release();
  framing_ = Framing::none;
  chunk_open_ = blocked_ = peer_failed_ = false;
  finished_ = true;
  written_ = 0;
  error_.reset();
}

void Output::reserve(std::size_t space) {
  const auto moved = buffer_.reserve(space);
  head_at_ -= std::min(moved, head_at_);
  body_at_ -= std::min(moved, body_at_);
  chunk_at_ -= std::min(moved, chunk_at_);
}

Buffer& Output::begin(std::size_t head_bytes) {
  ENSURE(finished_, "one message at a time");
  error_.reset();
  chunk_open_ = false;
  finished_ = false;
  written_ = 0;
  framing_ = Framing::undecided;
  reserve(head_bytes + 2 * kGap);
  head_at_ = buffer_.end();
  return buffer_;
}

void Output::head(const OutputShape& shape) {
  shape_ = shape;
  head_waits_ = true;
  if (!shape.framing_allowed) {
    buffer_.append("\r\n");
    framing_ = Framing::none;
  } else if (shape.length) {
    buffer_.append("content-length: ");
    std::array<char, 24> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), *shape.length).ptr;
    buffer_.append(std::string_view{text.data(), end});
    buffer_.append("\r\n");
    if (shape.say_keep_alive)
      buffer_.append(kKeepAliveLine);
    buffer_.append("\r\n");
    framing_ = Framing::length;
  } else {
    buffer_.commit(kGap);
    body_at_ = buffer_.end();
  }
  if (!owner_.may_hold(false))
    owner_.output_pending();
}

// Fills the gap's end with the last of the head and closes what remains of it.
void Output::place_framing(std::string_view text) {
  const std::size_t gap_at = body_at_ - kGap;
  const std::size_t hole = kGap - text.size();
  std::byte* const base = buffer_.data();
  if (head_at_ == buffer_.begin()) {
    std::memmove(base + head_at_ + hole, base + head_at_, gap_at - head_at_);
    std::memcpy(base + gap_at + hole, text.data(), text.size());
    buffer_.set_window(head_at_ + hole, buffer_.end());
  } else { // An earlier message still waits in front.
    std::memcpy(base + gap_at, text.data(), text.size());
    std::memmove(base + gap_at + text.size(), base + body_at_, buffer_.end() - body_at_);
    buffer_.set_window(buffer_.begin(), buffer_.end() - hole);
  }
}

void Output::decide(bool complete, bool trailers) {
  if (framing_ != Framing::undecided)
    return;
  const std::uint64_t length = written_;
  std::array<char, kGap> text;
  std::size_t size = 0;
  const auto put = [&](std::string_view more) {
    std::ranges::copy(more, text.begin() + static_cast<std::ptrdiff_t>(size));
    size += more.size();
  };
  std::array<char, 24> digits;
  bool closes_chunk = false;
  if (complete && !(trailers && shape_.chunked_allowed && shape_.body_allowed)) {
    framing_ = Framing::length;
    if (length != 0 || !shape_.silent_when_empty) {
      put("content-length: ");
      put({digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), length).ptr});
      put("\r\n");
    }
    if (shape_.say_keep_alive)
      put(kKeepAliveLine);
    put("\r\n");
  } else if (shape_.chunked_allowed) {
    framing_ = Framing::chunked;
    put(kChunkedLine);
    const std::size_t here = buffer_.end() - body_at_;
    closes_chunk = here != 0;
    if (closes_chunk) {
      put(hex(here, digits));
      put("\r\n");
    }
  } else {
    framing_ = Framing::until_close;
    put(shape_.says_close ? "\r\n" : "connection: close\r\n\r\n");
  }
  place_framing({text.data(), size});
  chunk_open_ = false;
  if (closes_chunk) {
    reserve(2);
    buffer_.append("\r\n");
  }
}

std::size_t Output::room() const {
  if (error_ || finished_)
    return 0;
  const std::size_t aside = framing_ == Framing::undecided ? body_at_ - buffer_.begin() : 0;
  const std::size_t waiting = buffer_.size() - std::min(buffer_.size(), aside);
  return limit_ - std::min(limit_, waiting);
}

void Output::seal_chunk() {
  if (!chunk_open_)
    return;
  chunk_open_ = false;
  const std::size_t data_at = chunk_at_ + kChunkHead;
  const std::size_t size = buffer_.end() - data_at;
  std::array<char, 24> digits;
  const auto head = hex(size, digits);
  const std::size_t hole = kChunkHead - 2 - head.size();
  std::byte* const base = buffer_.data();
  if (hole != 0) { // Less than 4 KiB of data: cheap to move.
    std::memmove(base + data_at - hole, base + data_at, size);
    buffer_.set_window(buffer_.begin(), buffer_.end() - hole);
  }
  std::memcpy(base + chunk_at_, head.data(), head.size());
  std::memcpy(base + chunk_at_ + head.size(), "\r\n", 2);
  buffer_.append("\r\n");
}

void Output::append_body(std::span<const std::byte> bytes) {
  if (framing_ != Framing::chunked) {
    reserve(bytes.size());
    return buffer_.append(bytes);
  }
  while (!bytes.empty()) {
    if (chunk_open_ && buffer_.end() - chunk_at_ - kChunkHead == kMostChunk)
      seal_chunk();
    const std::size_t now_open = chunk_open_ ? buffer_.end() - chunk_at_ - kChunkHead : 0;
    const auto part = bytes.first(std::min(bytes.size(), kMostChunk - now_open));
    reserve(part.size() + kChunkHead + 2); // the CRLF that seals it included
    if (!chunk_open_) {
      chunk_at_ = buffer_.end();
      buffer_.commit(kChunkHead);
      chunk_open_ = true;
    }
    buffer_.append(part);
    bytes = bytes.subspan(part.size());
  }
}

// Sends a large piece straight from the caller's memory, behind what waits; keeps what the kernel
// does not take. False when that is not possible now.
bool Output::write_through(std::span<const std::byte> bytes) {
  if (stream_ == nullptr || blocked_ || framing_ == Framing::undecided)
    return false;
  seal_chunk();
  const bool chunked = framing_ == Framing::chunked;
  std::array<char, 24> digits;
  std::array<char, 24> line{};
  std::size_t line_size = 0;
  if (chunked) {
    const auto size = hex(bytes.size(), digits);
    std::ranges::copy(size, line.begin());
    line[size.size()] = '\r';
    line[size.size() + 1] = '\n';
    line_size = size.size() + 2;
  }
  const std::string_view tail = chunked ? "\r\n" : "";
  const std::array<net::Bytes, 4> all{buffer_.readable(),
                                      std::as_bytes(std::span{line.data(), line_size}), bytes,
                                      std::as_bytes(std::span{tail})};
  std::array<net::Bytes, 4> parts;
  std::size_t count = 0;
  for (const auto part : all) {
    if (!part.empty())
      parts[count++] = part;
  }
  const auto moved = stream_->write({parts.data(), count});
  if (moved.state == net::Transfer::State::failed) {
    break_off_by_peer();
    return true;
  }
  head_waits_ = head_waits_ && moved.bytes == 0;
  std::size_t sent = moved.bytes;
  const std::size_t before = std::min(sent, buffer_.size());
  buffer_.consume(before);
  sent -= before;
  if (buffer_.empty())
    buffer_.set_window(0, 0);
  for (std::size_t i = 1; i < all.size(); ++i) {
    const std::size_t skip = std::min(sent, all[i].size());
    sent -= skip;
    const auto rest = all[i].subspan(skip);
    reserve(rest.size());
    buffer_.append(rest);
  }
  if (!buffer_.empty()) {
    blocked_ = true;
    stream_->wait_writable(*this);
  }
  owner_.output_moved();
  return true;
}

Result<> Output::write(std::span<const std::byte> bytes) {
  if (error_)
    return *error_;
  if (finished_)
    return Error{Code::invalid, "the body is finished"};
  if (shape_.length && shape_.body_allowed && bytes.size() > *shape_.length - written_) {
    Error error{Code::invalid,
                fmt::format("more than the {} bytes of Content-Length", *shape_.length)};
    break_off(error);
    return error;
  }
  if (!shape_.body_allowed) {
    written_ += bytes.size();
    return {};
  }
  if (bytes.size() > room())
    return Error{Code::exhausted, "more than there is room for"};
  if (bytes.empty())
    return {};
  const bool hold = owner_.may_hold(false);
  if (bytes.size() >= kThrough && (!hold || framing_ != Framing::undecided)) {
    decide(false, false);
    written_ += bytes.size();
    if (write_through(bytes))
      return error_ ? Result<>{*error_} : Result<>{};
    append_body(bytes);
    return {};
  }
  append_body(bytes);
  written_ += bytes.size();
  if (framing_ != Framing::undecided && buffer_.size() >= kEager)
    send_now();
  else if (!hold)
    owner_.output_pending();
  return error_ ? Result<>{*error_} : Result<>{};
}

void Output::flush() {
  if (error_ || finished_)
    return;
  decide(false, false);
  send_now();
}

Result<> Output::finish(const Fields* trailers) {
  if (error_)
    return *error_;
  if (finished_)
    return Error{Code::invalid, "the body is finished already"};
  if (shape_.length && shape_.body_allowed && written_ != *shape_.length) {
    Error error{Code::invalid,
                fmt::format("{} bytes where Content-Length says {}", written_, *shape_.length)};
    break_off(error);
    return error;
  }
  const bool have_trailers = trailers != nullptr && !trailers->empty();
  if (have_trailers) {
    for (const Field& line : trailers->lines()) {
      if (!valid_name(line.name) || !valid_value(line.value))
        return Error{Code::invalid, fmt::format("trailer '{}' cannot be sent", line.name)};
    }
  }
  decide(true, have_trailers);
  if (framing_ == Framing::chunked && shape_.body_allowed) {
    seal_chunk();
    reserve(3);
    buffer_.append("0\r\n");
    if (have_trailers) {
      for (const Field& line : trailers->lines()) {
        reserve(line.name.size() + line.value.size() + 4);
        buffer_.append(line.name);
        buffer_.append(": ");
        buffer_.append(line.value);
        buffer_.append("\r\n");
      }
    }
    reserve(2);
    buffer_.append("\r\n");
  }
  finished_ = true;
  if (owner_.may_hold(true))
    owner_.output_pending();
  else
    send_now();
  return error_ ? Result<>{*error_} : Result<>{};
}

void Output::interim(std::string_view text) {
  if (error_)
    return;
  reserve(text.size());
  buffer_.append(text);
  send_now();
}

bool Output::interim_first(std::string_view text) {
  if (!head_waits_ || buffer_.begin() != head_at_ || stream_ == nullptr || error_ || blocked_)
    return false;
  const net::Bytes part = std::as_bytes(std::span{text});
  const auto moved = stream_->write({&part, 1});
  if (moved.state == net::Transfer::State::ok && moved.bytes == text.size())
    return true;
  if (moved.state != net::Transfer::State::would_block) // gone, or torn in the middle
    break_off_by_peer();
  return false;
}

// Sends until all is gone or the kernel takes no more; returns whether anything left.
bool Output::send_now() {
  if (stream_ == nullptr || error_ || blocked_)
    return false;
  seal_chunk();
  const bool undecided = framing_ == Framing::undecided && !finished_;
  const std::size_t end = undecided ? head_at_ : buffer_.end();
  bool left = false;
  while (buffer_.begin() < end) {
    const net::Bytes part = buffer_.readable().first(end - buffer_.begin());
    const auto moved = stream_->write({&part, 1});
    if (moved.state == net::Transfer::State::ok) {
      buffer_.consume(moved.bytes);
      head_waits_ = false;
      left = true;
    } else if (moved.state == net::Transfer::State::would_block) {
      blocked_ = true;
      stream_->wait_writable(*this);
      break;
    } else {
      break_off_by_peer();
      return false;
    }
  }
  if (buffer_.empty())
    buffer_.set_window(0, 0);
  owner_.output_moved();
  return left;
}

void Output::turn(bool decide_now) {
  if (error_)
    return;
  if (decide_now && !finished_)
    decide(false, false);
  if (send_now())
    signal_.notify();
}

void Output::wake() {
  blocked_ = false;
  if (send_now())
    signal_.notify();
}

void Output::break_off_by_peer() {
  peer_failed_ = true;
  break_off(Error{Code::cancelled, "the peer closed the connection"});
}

void Output::break_off(Error error) {
  if (error_)
    return;
  error_.emplace(std::move(error));
  owner_.output_broken();
  signal_.notify();
}

} // namespace nacre::http
