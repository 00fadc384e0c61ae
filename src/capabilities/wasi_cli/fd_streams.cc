// SPDX-License-Identifier: Apache-2.0
// Streams over descriptors that this process inherited.
#include "capabilities/wasi_cli/stdio.h"
#include "capabilities/wasi_cli/stdio_fd.h"
#include "capabilities/wasi_cli/text_filter.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

namespace nacre::wasi_cli {
namespace {

using component::Bytes;
using streams::Background;
using streams::closed;
using streams::failed;
using streams::Outcome;
using streams::Ticket;
using Fd = std::shared_ptr<const StdioFd>;

/// Bytes that wait for a pipe to drain, for each guest.
constexpr std::size_t kMostPending = 64 * 1024;
/// What a read of a file elsewhere brings.
constexpr std::size_t kFileRead = 64 * 1024;

Error system_error(ssize_t result) {
  return {Code::unavailable, std::strerror(static_cast<int>(-result))};
}

class FdSink final : public streams::Sink, public std::enable_shared_from_this<FdSink> {
public:
  FdSink(Fd fd, std::optional<EscapeMask> mask, Background& background, Ticket ticket)
      : fd_(std::move(fd)), mask_(mask), background_(background), ticket_(std::move(ticket)) {}

  bool ready() override { return failure_ != 0 || (!flushing_ && pending_.size() < kMostPending); }
  Signal& signal() override { return signal_; }

  Outcome<std::size_t> room() override {
    if (failure_ != 0)
      return broken();
    return flushing_ ? 0 : kMostPending - pending_.size();
  }

  Outcome<> write(std::span<const std::byte> bytes) override {
    if (failure_ != 0)
      return broken();
    const std::size_t before = pending_.size();
    const auto* text = reinterpret_cast<const char*>(bytes.data());
    pending_.insert(pending_.end(), text, text + bytes.size());
    if (mask_)
      mask_->apply(std::span{pending_}.subspan(before));
    push();
    return {};
  }

  Outcome<> flush() override {
    if (failure_ != 0)
      return broken();
    flushing_ = draining_;
    return {};
  }

private:
  std::unexpected<wasi_io_p2::StreamError> broken() const {
    // A reader that went away is an end, and no mishap.
    if (failure_ == -EPIPE)
      return closed();
    return failed(system_error(failure_));
  }

  /// Writes what goes at once; hands the rest to a task.
  void push() {
    if (draining_)
      return;
    const ssize_t written = write_now();
    if (pending_.empty() || (written < 0 && written != -EAGAIN))
      return;
    draining_ = true;
    background_.run("standard output", drain(shared_from_this()));
  }

  ssize_t write_now() {
    ssize_t written = 0;
    while (!pending_.empty()) {
      written = fd_->try_write(pending_);
      if (written == -EINTR)
        continue;
      if (written < 0)
        break;
      took(written);
    }
    if (written < 0 && written != -EAGAIN)
      fail(written);
    return written;
  }
  void took(ssize_t count) { pending_.erase(pending_.begin(), pending_.begin() + count); }
  void fail(ssize_t error) {
    failure_ = error;
    pending_.clear();
  }

  static Task<> drain(std::shared_ptr<FdSink> self) {
    Result<> result;
    if (self->fd_->file())
      result = co_await drain_to_file(self);
    else
      result = co_await drain_to_pipe(self);
    self->draining_ = false;
    self->flushing_ = false;
    self->signal_.notify();
    co_return result;
  }

  static Task<> drain_to_pipe(std::shared_ptr<FdSink> self) {
    CO_TRY(Watch watch,
           Watch::open(self->background_.loop(), self->fd_->number(), Watch::For::writing));
    while (self->write_now() == -EAGAIN) {
      self->signal_.notify();
      Signal writable;
      watch.arm(writable);
      CO_TRY_OK(co_await writable.wait());
    }
    co_return Result<>{};
  }

  static Task<> drain_to_file(std::shared_ptr<FdSink> self) {
    while (!self->pending_.empty()) {
      auto batch = std::make_shared<std::vector<char>>(std::exchange(self->pending_, {}));
      self->signal_.notify();
      CO_TRY(const ssize_t result, co_await offload([fd = self->fd_, batch] {
               ssize_t written = 0;
               for (std::span<const char> rest{*batch}; !rest.empty() && written >= 0;) {
                 written = fd->write(rest);
                 if (written > 0)
                   rest = rest.subspan(static_cast<std::size_t>(written));
                 else if (written == -EINTR)
                   written = 0;
               }
               return written;
             }));
      if (result < 0)
        self->fail(result);
    }
    co_return Result<>{};
  }

  Fd fd_;
  std::optional<EscapeMask> mask_;
  Background& background_;
  Ticket ticket_;
  std::vector<char> pending_;
  ssize_t failure_ = 0; ///< a negative errno
  bool draining_ = false;
  bool flushing_ = false;
  Signal signal_;
};

class FdSource final : public streams::Source, public std::enable_shared_from_this<FdSource> {
public:
  FdSource(Fd fd, Background& background, Ticket ticket)
      : fd_(std::move(fd)), background_(background), ticket_(std::move(ticket)) {}
  ~FdSource() override {
    if (readable_ != nullptr)
      readable_->notify();
  }

  // Looks without reading: what a guest does not ask for is left to others.
  bool ready() override {
    return failure_ != 0 || ended_ || !ahead_.empty() || (!fd_->file() && fd_->readable());
  }
  Signal& signal() override { return signal_; }

  void arm() override {
    if (std::exchange(waiting_, true))
      return;
    background_.run("standard input",
                    fd_->file() ? fill(shared_from_this()) : wait(shared_from_this()));
  }

  Outcome<Bytes> read(std::size_t most) override {
    if (failure_ != 0)
      return failed(system_error(failure_));
    if (!ahead_.empty())
      return from_ahead(most);
    if (ended_)
      return closed();
    if (most == 0 || waiting_)
      return Bytes{};
    std::vector<std::uint8_t> bytes(most);
    const ssize_t got = fd_->try_read({reinterpret_cast<char*>(bytes.data()), bytes.size()});
    if (got == -EAGAIN || got == -EINTR)
      return Bytes{};
    note(got);
    if (got <= 0)
      return read(most);
    bytes.resize(static_cast<std::size_t>(got));
    return Bytes{std::move(bytes)};
  }

private:
  void note(ssize_t got) {
    if (got == 0)
      ended_ = true;
    else if (got < 0)
      failure_ = got;
  }

  Bytes from_ahead(std::size_t most) {
    const auto count = static_cast<std::ptrdiff_t>(std::min(most, ahead_.size()));
    std::vector<std::uint8_t> bytes{ahead_.begin(), ahead_.begin() + count};
    ahead_.erase(ahead_.begin(), ahead_.begin() + count);
    return Bytes{std::move(bytes)};
  }

  static Task<> fill(std::shared_ptr<FdSource> self) {
    auto buffer = std::make_shared<std::vector<char>>(kFileRead);
    CO_TRY(const ssize_t got,
           co_await offload([fd = self->fd_, buffer] { return fd->read(*buffer); }));
    self->waiting_ = false;
    self->note(got);
    if (got > 0)
      self->ahead_.assign(buffer->begin(), buffer->begin() + got);
    self->signal_.notify();
    co_return Result<>{};
  }

  // Ends with the source itself too: a guest that is gone waits for nobody's input.
  static Task<> wait(std::weak_ptr<FdSource> weak) {
    Fd fd;
    Signal readable;
    std::optional<Watch> watch;
    if (const auto self = weak.lock()) {
      fd = self->fd_;
      CO_TRY(Watch opened,
             Watch::open(self->background_.loop(), fd->number(), Watch::For::reading));
      watch.emplace(std::move(opened));
      if (watch->always_ready()) {
        self->waiting_ = false;
        self->signal_.notify();
        co_return Result<>{};
      }
      self->readable_ = &readable;
    } else {
      co_return Result<>{};
    }
    watch->arm(readable);
    Result<> waited = co_await readable.wait();
    if (const auto self = weak.lock()) {
      self->readable_ = nullptr;
      self->waiting_ = false;
      self->signal_.notify();
    }
    co_return waited;
  }

  Fd fd_;
  Background& background_;
  Ticket ticket_;
  std::vector<char> ahead_;
  ssize_t failure_ = 0; ///< a negative errno
  bool ended_ = false;
  bool waiting_ = false;
  Signal* readable_ = nullptr; ///< of the task that waits
  Signal signal_;
};

class InheritedOutput final : public Output {
public:
  InheritedOutput(Fd fd, Escapes escapes) : fd_(std::move(fd)), escapes_(escapes) {}
  std::shared_ptr<streams::Sink> open(Background& background, Ticket ticket) override {
    return std::make_shared<FdSink>(
        fd_, escapes_ == Escapes::mask ? std::optional{EscapeMask{}} : std::nullopt, background,
        std::move(ticket));
  }
  bool terminal() const override { return fd_->terminal(); }

private:
  Fd fd_;
  Escapes escapes_;
};

class InheritedInput final : public Input {
public:
  explicit InheritedInput(Fd fd) : fd_(std::move(fd)) {}
  std::shared_ptr<streams::Source> open(Background& background, Ticket ticket) override {
    return std::make_shared<FdSource>(fd_, background, std::move(ticket));
  }
  bool terminal() const override { return fd_->terminal(); }

private:
  Fd fd_;
};

} // namespace

Result<std::shared_ptr<Output>> inherit_output(int fd, Escapes escapes) {
  TRY(Fd opened, StdioFd::open(fd, Watch::For::writing));
  return std::make_shared<InheritedOutput>(std::move(opened), escapes);
}

Result<std::shared_ptr<Input>> inherit_input(int fd) {
  TRY(Fd opened, StdioFd::open(fd, Watch::For::reading));
  return std::make_shared<InheritedInput>(std::move(opened));
}

} // namespace nacre::wasi_cli
