// SPDX-License-Identifier: Apache-2.0
#include "telemetry/line_writer.h"

#include <cerrno>
#include <chrono>
#include <poll.h>
#include <unistd.h>

namespace nacre::telemetry {
namespace {

constexpr std::size_t kMost = std::size_t{8} << 20;
constexpr std::size_t kSoon = std::size_t{64} << 10;
constexpr std::chrono::milliseconds kPause{50};
constexpr int kPatienceMillis = 1000;

} // namespace

LineWriter::LineWriter(int fd) : fd_(fd), thread_([this] { run(); }) {}

LineWriter::~LineWriter() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void LineWriter::add(std::string_view line) {
  const std::lock_guard lock{mutex_};
  if (buffer_.size() + line.size() + 1 > kMost) {
    ++dropped_;
    return;
  }
  const bool wake =
      buffer_.empty() || (buffer_.size() < kSoon && buffer_.size() + line.size() >= kSoon);
  buffer_.append(line).push_back('\n');
  if (wake)
    changed_.notify_one();
}

std::uint64_t LineWriter::dropped() const {
  const std::lock_guard lock{mutex_};
  return dropped_;
}

void LineWriter::write_out(const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t wrote = ::write(fd_, text.data() + done, text.size() - done);
    if (wrote > 0) {
      done += static_cast<std::size_t>(wrote);
    } else if (wrote < 0 && errno == EAGAIN) {
      pollfd wait{fd_, POLLOUT, 0};
      if (::poll(&wait, 1, kPatienceMillis) == 0 && stopping_)
        return;
    } else if (wrote < 0 && errno != EINTR) {
      return; // nobody reads: there is nowhere to say so
    }
  }
}

void LineWriter::run() {
  std::unique_lock lock{mutex_};
  std::string text;
  while (!stopping_ || !buffer_.empty()) {
    changed_.wait(lock, [this] { return stopping_ || !buffer_.empty(); });
    // Lines come in bursts: a moment of patience saves most of the system calls.
    if (!stopping_ && buffer_.size() < kSoon)
      changed_.wait_for(lock, kPause, [this] { return stopping_ || buffer_.size() >= kSoon; });
    text.clear();
    text.swap(buffer_);
    lock.unlock();
    write_out(text);
    lock.lock();
  }
}

} // namespace nacre::telemetry
