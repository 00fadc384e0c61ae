// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_filesystem/file_streams.h"

#include "capabilities/wasi_filesystem/operations.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace nacre::wasi_filesystem {
namespace {

using component::Bytes;
using streams::Background;
using streams::Outcome;
using Buffer = std::vector<std::uint8_t>;

/// Read ahead when a guest asks whether there is something, without saying how much it wants.
constexpr std::size_t kAhead = 16 * 1024;
/// Bytes that a stream took and has not handed to the system yet.
constexpr std::size_t kMostPending = 64 * 1024;

class FileSource final : public streams::Source, public std::enable_shared_from_this<FileSource> {
public:
  FileSource(NodePtr file, std::uint64_t offset, streams::Ticket ticket, Background& background)
      : file_(std::move(file)), offset_(offset), ticket_(std::move(ticket)),
        background_(background) {}

  bool ready() override {
    if (!settled() && !loading_)
      fill(kAhead);
    return settled();
  }
  void arm() override {
    if (!settled() && !loading_)
      load(kAhead);
  }
  Signal& signal() override { return signal_; }

  Outcome<Bytes> read(std::size_t most) override {
    if (!settled() && !loading_ && most > 0) {
      fill(most);
      if (!settled())
        load(most);
    }
    if (!ahead_.empty())
      return take(most);
    if (failure_)
      return streams::failed(file_error(*failure_));
    if (ended_)
      return streams::closed();
    return Bytes{};
  }

private:
  bool settled() const { return !ahead_.empty() || ended_ || failure_.has_value(); }

  void fill(std::size_t most) {
    Buffer buffer(most);
    const Answer<std::size_t> got =
        file_->read_now(std::as_writable_bytes(std::span{buffer}), offset_);
    if (!got && got.error() == ErrorCode::would_block)
      return;
    arrived(std::move(buffer), got);
  }

  void arrived(Buffer buffer, Answer<std::size_t> got) {
    if (!got) {
      failure_ = got.error();
    } else if (*got == 0) {
      ended_ = true;
    } else {
      buffer.resize(*got);
      offset_ += *got;
      ahead_ = std::move(buffer);
    }
  }

  Bytes take(std::size_t most) {
    if (ahead_.size() <= most)
      return std::exchange(ahead_, {});
    const auto count = static_cast<std::ptrdiff_t>(most);
    Buffer part{ahead_.begin(), ahead_.begin() + count};
    ahead_.erase(ahead_.begin(), ahead_.begin() + count);
    return part;
  }

  void load(std::size_t most) {
    loading_ = true;
    background_.run("reading a file", load_later(shared_from_this(), most));
  }

  static Task<> load_later(std::shared_ptr<FileSource> self, std::size_t most) {
    auto buffer = std::make_shared<Buffer>(most);
    CO_TRY(const Answer<std::size_t> got,
           co_await offload([file = self->file_, offset = self->offset_, buffer] {
             return read_at(*file, std::as_writable_bytes(std::span{*buffer}), offset);
           }));
    self->loading_ = false;
    self->arrived(std::move(*buffer), got);
    self->signal_.notify();
    co_return Result<>{};
  }

  NodePtr file_;
  std::uint64_t offset_;
  streams::Ticket ticket_;
  Background& background_;
  Buffer ahead_;
  std::optional<ErrorCode> failure_;
  bool ended_ = false;
  bool loading_ = false;
  Signal signal_;
};

class FileSink final : public streams::Sink, public std::enable_shared_from_this<FileSink> {
public:
  FileSink(NodePtr file, std::optional<std::uint64_t> offset, streams::Ticket ticket,
           Background& background)
      : file_(std::move(file)), offset_(offset), ticket_(std::move(ticket)),
        background_(background) {}

  bool ready() override {
    return failure_.has_value() || (!flushing_ && pending_.size() < kMostPending);
  }
  Signal& signal() override { return signal_; }

  Outcome<std::size_t> room() override {
    if (failure_)
      return streams::failed(file_error(*failure_));
    return flushing_ ? 0 : kMostPending - pending_.size();
  }

  Outcome<> write(std::span<const std::byte> bytes) override {
    if (failure_)
      return streams::failed(file_error(*failure_));
    if (!draining_ && offset_) {
      const Answer<std::size_t> done = file_->write_now(bytes, *offset_);
      if (done) {
        *offset_ += *done;
        bytes = bytes.subspan(*done);
      } else if (done.error() != ErrorCode::would_block) {
        failure_ = done.error();
        return streams::failed(file_error(*failure_));
      }
    }
    if (bytes.empty())
      return {};
    pending_.insert(pending_.end(), bytes.begin(), bytes.end());
    if (!std::exchange(draining_, true))
      background_.run("writing a file", drain(shared_from_this()));
    return {};
  }

  Outcome<> flush() override {
    if (failure_)
      return streams::failed(file_error(*failure_));
    flushing_ = draining_;
    return {};
  }

private:
  using Batch = std::vector<std::byte>;

  static Task<> drain(std::shared_ptr<FileSink> self) {
    while (!self->pending_.empty() && !self->failure_) {
      auto batch = std::make_shared<Batch>(std::exchange(self->pending_, {}));
      self->signal_.notify();
      CO_TRY(const Answer<> written,
             co_await offload([file = self->file_, offset = self->offset_, batch] {
               return write_all(*file, *batch, offset);
             }));
      if (!written)
        self->failure_ = written.error();
      else if (self->offset_)
        *self->offset_ += batch->size();
    }
    self->pending_.clear();
    self->draining_ = false;
    self->flushing_ = false;
    self->signal_.notify();
    co_return Result<>{};
  }

  static Answer<> write_all(const Node& file, std::span<const std::byte> bytes,
                            std::optional<std::uint64_t> offset) {
    for (std::size_t done = 0; done < bytes.size();) {
      const std::span<const std::byte> rest = bytes.subspan(done);
      const Answer<std::size_t> now =
          offset ? write_at(file, rest, *offset + done) : append(file, rest);
      if (!now)
        return std::unexpected{now.error()};
      if (*now == 0)
        return std::unexpected{ErrorCode::io};
      done += *now;
    }
    return {};
  }

  NodePtr file_;
  std::optional<std::uint64_t> offset_; ///< empty: append
  streams::Ticket ticket_;
  Background& background_;
  Batch pending_;
  std::optional<ErrorCode> failure_;
  bool draining_ = false;
  bool flushing_ = false;
  Signal signal_;
};

} // namespace

std::shared_ptr<streams::Source> make_file_source(NodePtr file, std::uint64_t offset,
                                                  streams::Ticket ticket, Background& background) {
  return std::make_shared<FileSource>(std::move(file), offset, std::move(ticket), background);
}

std::shared_ptr<streams::Sink> make_file_sink(NodePtr file, std::optional<std::uint64_t> offset,
                                              streams::Ticket ticket, Background& background) {
  return std::make_shared<FileSink>(std::move(file), offset, std::move(ticket), background);
}

} // namespace nacre::wasi_filesystem
