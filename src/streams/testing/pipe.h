// SPDX-License-Identifier: Apache-2.0
// Inlet and Outlet: a Source that a test feeds and a Sink that a test drains.
#pragma once

#include "streams/input_stream.h"
#include "streams/output_stream.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nacre::streams::testing {

/// A Source that gives what it was fed.
class Inlet final : public Source {
public:
  void feed(std::string_view text) {
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    signal_.notify();
  }
  void end() {
    ended_ = true;
    signal_.notify();
  }
  void fail(std::string message) {
    failure_ = std::move(message);
    signal_.notify();
  }
  std::size_t armed() const { return armed_; }
  std::size_t largest_read() const { return largest_; }

  bool ready() override { return !bytes_.empty() || ended_ || failure_; }
  void arm() override { ++armed_; }
  Signal& signal() override { return signal_; }
  Outcome<component::Bytes> read(std::size_t most) override {
    largest_ = std::max(largest_, most);
    if (failure_)
      return failed(Error{Code::internal, *failure_});
    if (bytes_.empty() && ended_)
      return closed();
    const auto count = static_cast<std::ptrdiff_t>(std::min(most, bytes_.size()));
    std::vector<std::uint8_t> out{bytes_.begin(), bytes_.begin() + count};
    bytes_.erase(bytes_.begin(), bytes_.begin() + count);
    return component::Bytes{std::move(out)};
  }

private:
  std::vector<std::uint8_t> bytes_;
  std::optional<std::string> failure_;
  bool ended_ = false;
  std::size_t armed_ = 0;
  std::size_t largest_ = 0;
  Signal signal_;
};

/// A Sink with a buffer of fixed size that the test empties.
class Outlet final : public Sink {
public:
  explicit Outlet(std::size_t size) : size_(size) {}

  /// Takes what has been written; ends a flush.
  std::string drain() {
    flushing_ = false;
    std::string out = std::exchange(text_, {});
    arrived_ += out;
    signal_.notify();
    return out;
  }
  /// Everything drained so far.
  const std::string& arrived() const { return arrived_; }
  /// From now on a flush ends by itself.
  void flush_at_once() { at_once_ = true; }
  void close() {
    closed_ = true;
    signal_.notify();
  }
  void fail(std::string message) {
    failure_ = std::move(message);
    signal_.notify();
  }
  std::size_t writes() const { return writes_; }

  bool ready() override { return closed_ || failure_ || (!flushing_ && text_.size() < size_); }
  Signal& signal() override { return signal_; }
  Outcome<std::size_t> room() override {
    if (failure_)
      return failed(Error{Code::internal, *failure_});
    if (closed_)
      return streams::closed();
    return flushing_ ? 0 : size_ - text_.size();
  }
  Outcome<> write(std::span<const std::byte> bytes) override {
    ++writes_;
    text_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  Outcome<> flush() override {
    if (at_once_)
      drain();
    else
      flushing_ = !text_.empty();
    return {};
  }

private:
  std::size_t size_;
  std::string text_;
  std::string arrived_;
  std::optional<std::string> failure_;
  bool closed_ = false;
  bool flushing_ = false;
  bool at_once_ = false;
  std::size_t writes_ = 0;
  Signal signal_;
};

} // namespace nacre::streams::testing
