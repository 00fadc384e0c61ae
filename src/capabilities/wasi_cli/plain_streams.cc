// SPDX-License-Identifier: Apache-2.0
// Streams that need no system call: nothing, a text, a buffer.
#include "capabilities/wasi_cli/stdio.h"

#include <algorithm>
#include <utility>

namespace nacre::wasi_cli {
namespace {

using component::Bytes;
using streams::Outcome;
using streams::Ticket;

class TextSource final : public streams::Source {
public:
  TextSource(std::shared_ptr<const std::string> text, Ticket ticket)
      : text_(std::move(text)), ticket_(std::move(ticket)) {}

  bool ready() override { return true; }
  Signal& signal() override { return signal_; }
  Outcome<Bytes> read(std::size_t most) override {
    if (at_ == text_->size())
      return streams::closed();
    const std::size_t count = std::min(most, text_->size() - at_);
    const auto* start = reinterpret_cast<const std::uint8_t*>(text_->data()) + at_;
    at_ += count;
    return Bytes{std::vector<std::uint8_t>{start, start + count}};
  }

private:
  std::shared_ptr<const std::string> text_;
  Ticket ticket_;
  std::size_t at_ = 0;
  Signal signal_;
};

class TextInput final : public Input {
public:
  explicit TextInput(std::string text)
      : text_(std::make_shared<const std::string>(std::move(text))) {}
  std::shared_ptr<streams::Source> open(streams::Background& /*background*/,
                                        Ticket ticket) override {
    return std::make_shared<TextSource>(text_, std::move(ticket));
  }

private:
  std::shared_ptr<const std::string> text_;
};

/// Takes everything at once; null drops it.
class CaptureSink final : public streams::Sink {
public:
  CaptureSink(std::shared_ptr<Captured> captured, Ticket ticket)
      : captured_(std::move(captured)), ticket_(std::move(ticket)) {}

  bool ready() override { return true; }
  Signal& signal() override { return signal_; }
  Outcome<std::size_t> room() override { return streams::kMostRead; }
  Outcome<> write(std::span<const std::byte> bytes) override {
    if (captured_ != nullptr)
      captured_->append({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return {};
  }
  Outcome<> flush() override { return {}; }

private:
  std::shared_ptr<Captured> captured_;
  Ticket ticket_;
  Signal signal_;
};

class CaptureOutput final : public Output {
public:
  explicit CaptureOutput(std::shared_ptr<Captured> captured) : captured_(std::move(captured)) {}
  std::shared_ptr<streams::Sink> open(streams::Background& /*background*/, Ticket ticket) override {
    return std::make_shared<CaptureSink>(captured_, std::move(ticket));
  }

private:
  std::shared_ptr<Captured> captured_;
};

} // namespace

std::shared_ptr<Input> empty_input() {
  return text_input({});
}
std::shared_ptr<Input> text_input(std::string text) {
  return std::make_shared<TextInput>(std::move(text));
}
std::shared_ptr<Output> discard_output() {
  return capture_output(nullptr);
}
std::shared_ptr<Output> capture_output(std::shared_ptr<Captured> captured) {
  return std::make_shared<CaptureOutput>(std::move(captured));
}

void Captured::append(std::string_view bytes) {
  const std::lock_guard lock{mutex_};
  const std::size_t room = limit_ - text_.size();
  truncated_ |= bytes.size() > room;
  text_.append(bytes.substr(0, room));
}
std::string Captured::text() const {
  const std::lock_guard lock{mutex_};
  return text_;
}
bool Captured::truncated() const {
  const std::lock_guard lock{mutex_};
  return truncated_;
}

} // namespace nacre::wasi_cli
