// SPDX-License-Identifier: Apache-2.0
// FakeExchange: an exchange in memory, for tests of handlers that need no socket: the test feeds
// the request's body and drains the response's.
#pragma once

#include "http/server.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace nacre::http::testing {

/// A body whose bytes are "in the socket" until they are pulled.
class FakeSource final : public BodySource {
public:
  /// Bytes arrive, at most `packet` of them for each pull.
  void feed(std::string_view text) {
    arrive([&] { socket_ += text; });
  }
  void end(std::optional<Fields> trailers = std::nullopt) {
    arrive([&] {
      trailers_ = std::move(trailers);
      coming_ = State::ended;
    });
  }
  void fail(Error error) {
    arrive([&] {
      error_ = std::move(error);
      coming_ = State::failed;
    });
  }
  void set_packet(std::size_t bytes) { packet_ = bytes; }
  std::size_t pulls() const { return pulls_; }
  std::size_t unread() const { return socket_.size() + here_.size(); }

  std::span<const std::byte> peek() override { return std::as_bytes(std::span{here_}); }
  void consume(std::size_t count) override { here_.erase(0, count); }
  State state() const override { return state_; }
  const Error& error() const override { return *error_; }
  void pull() override {
    ++pulls_;
    const auto now = std::min(packet_, socket_.size());
    here_ += socket_.substr(0, now);
    socket_.erase(0, now);
    if (socket_.empty())
      state_ = coming_;
    waiting_ = now == 0 && state_ == State::open;
  }
  Signal& signal() override { return signal_; }
  const Fields* trailers() const override {
    return state_ == State::ended && trailers_ ? &*trailers_ : nullptr;
  }

private:
  template <class F> void arrive(F change) {
    change();
    if (!std::exchange(waiting_, false))
      return;
    pull();
    signal_.notify();
  }

  std::string socket_, here_;
  std::size_t packet_ = 64UL * 1024;
  State state_ = State::open;
  State coming_ = State::open;
  std::optional<Fields> trailers_;
  std::optional<Error> error_;
  bool waiting_ = false;
  std::size_t pulls_ = 0;
  Signal signal_;
};

/// A body with a buffer of fixed size that the test empties.
class FakeSink final : public BodySink {
public:
  enum class End : std::uint8_t { open, finished, aborted };

  void open(std::size_t size, std::optional<std::uint64_t> length) {
    size_ = size;
    length_ = length;
  }
  /// The peer takes what is there.
  void drain() {
    buffered_ = 0;
    signal_.notify();
  }
  void fail(Error error) {
    error_ = std::move(error);
    signal_.notify();
  }
  const std::string& text() const { return text_; }
  End end() const { return end_; }
  std::size_t writes() const { return writes_; }
  std::size_t flushes() const { return flushes_; }
  const Fields& trailers() const { return trailers_; }

  std::size_t room() const override {
    return error_ || end_ != End::open ? 0 : size_ - std::min(size_, buffered_);
  }
  Result<> write(std::span<const std::byte> bytes) override {
    if (error_)
      return *error_;
    if (end_ != End::open)
      return Error{Code::invalid, "the body is finished"};
    if (bytes.size() > room())
      return Error{Code::exhausted, "more than there is room for"};
    ++writes_;
    buffered_ += bytes.size();
    text_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  void flush() override { ++flushes_; }
  bool flushed() const override { return buffered_ == 0; }
  Result<> finish(const Fields* trailers) override {
    if (error_)
      return *error_;
    if (length_ && *length_ != text_.size())
      return Error{Code::invalid, "not the bytes that Content-Length says"};
    if (trailers != nullptr)
      trailers_ = trailers->clone();
    end_ = End::finished;
    return {};
  }
  void abort(Error error) override {
    end_ = End::aborted;
    fail(std::move(error));
  }
  bool failed() const override { return error_.has_value(); }
  const Error& error() const override { return *error_; }
  Signal& signal() override { return signal_; }

private:
  std::size_t size_ = 0;
  std::size_t buffered_ = 0;
  std::optional<std::uint64_t> length_;
  std::string text_;
  End end_ = End::open;
  std::optional<Error> error_;
  std::size_t writes_ = 0;
  std::size_t flushes_ = 0;
  Fields trailers_;
  Signal signal_;
};

class FakeExchange final : public Exchange {
public:
  RequestHead head;
  FakeSource source;
  FakeSink sink;
  /// How much of a response waits for its client.
  std::size_t output_bytes = 64UL * 1024;
  /// What respond() will say instead of taking the response.
  std::optional<Error> refusal;
  /// What respond() took.
  std::uint16_t status = 0;
  Fields fields;

  const RequestHead& request() const override { return head; }
  BodySource& body() override { return source; }
  Result<BodySink*> respond(const ResponseHead& response) override {
    if (refusal)
      return *refusal;
    if (status != 0)
      return Error{Code::conflict, "the exchange has its response already"};
    status = response.status;
    fields = response.fields.clone();
    std::optional<std::uint64_t> length;
    if (const auto text = fields.find("content-length"); text && head.method != Method::head)
      length = std::stoull(std::string{*text});
    sink.open(output_bytes, length);
    return &sink;
  }
  bool responded() const override { return status != 0; }
  Signal& gone() override { return gone_; }
  bool is_gone() const override { return false; }
  const net::Address& peer() const override { return peer_; }

private:
  Signal gone_;
  net::Address peer_{"127.0.0.1", 1};
};

} // namespace nacre::http::testing
