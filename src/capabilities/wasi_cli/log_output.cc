// SPDX-License-Identifier: Apache-2.0
// Guests' lines in the log: one line each, visible, not too long, and not too many.
#include "base/log.h"
#include "capabilities/wasi_cli/stdio.h"
#include "capabilities/wasi_cli/text_filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <utility>

namespace nacre::wasi_cli {
namespace {

using streams::Outcome;
using streams::Ticket;

/// Shared by all guests of the workload on all loops.
class LineLog {
public:
  explicit LineLog(LogLines lines)
      : lines_(std::move(lines)), tokens_(lines_.burst), filled_(lines_.now()) {}

  std::size_t longest() const { return lines_.longest; }

  /// `left_out`: bytes that the line had beyond the longest.
  void write(std::string_view line, std::size_t left_out) {
    std::uint64_t dropped = 0;
    if (!admit(dropped))
      return;
    if (dropped > 0)
      log::warn("guest writes too fast: lines dropped",
                {{"guest", lines_.guest}, {"stream", lines_.stream}, {"lines", dropped}});
    std::string text = visible(line);
    if (left_out > 0)
      text += fmt::format(" … {} bytes left out", left_out);
    log::info("guest wrote",
              {{"guest", lines_.guest}, {"stream", lines_.stream}, {"line", std::move(text)}});
  }

private:
  bool admit(std::uint64_t& dropped) {
    const std::lock_guard lock{mutex_};
    const auto now = lines_.now();
    const double seconds = std::chrono::duration<double>(now - filled_).count();
    filled_ = now;
    tokens_ = std::min<double>(lines_.burst, tokens_ + seconds * lines_.per_second);
    if (tokens_ < 1) {
      ++dropped_;
      return false;
    }
    tokens_ -= 1;
    dropped = std::exchange(dropped_, 0);
    return true;
  }

  LogLines lines_;
  std::mutex mutex_;
  double tokens_;
  Clock::time_point filled_;
  std::uint64_t dropped_ = 0;
};

class LineSink final : public streams::Sink {
public:
  LineSink(std::shared_ptr<LineLog> log, Ticket ticket)
      : log_(std::move(log)), ticket_(std::move(ticket)) {}
  ~LineSink() override {
    if (!line_.empty())
      end_line(); // a guest that ended in the middle of a line
  }

  bool ready() override { return true; }
  Signal& signal() override { return signal_; }
  Outcome<std::size_t> room() override { return streams::kMostRead; }
  Outcome<> flush() override { return {}; }

  Outcome<> write(std::span<const std::byte> bytes) override {
    std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      add(text.substr(0, end));
      if (end == std::string_view::npos)
        break;
      end_line();
      text.remove_prefix(end + 1);
    }
    return {};
  }

private:
  void add(std::string_view part) {
    const std::size_t room = log_->longest() - line_.size();
    line_ += part.substr(0, room);
    left_out_ += part.size() - std::min(part.size(), room);
  }
  void end_line() {
    if (line_.ends_with('\r'))
      line_.pop_back();
    log_->write(line_, std::exchange(left_out_, 0));
    line_.clear();
  }

  std::shared_ptr<LineLog> log_;
  Ticket ticket_;
  std::string line_;
  std::size_t left_out_ = 0;
  Signal signal_;
};

class LogOutput final : public Output {
public:
  explicit LogOutput(LogLines lines) : log_(std::make_shared<LineLog>(std::move(lines))) {}
  std::shared_ptr<streams::Sink> open(streams::Background& /*background*/, Ticket ticket) override {
    return std::make_shared<LineSink>(log_, std::move(ticket));
  }

private:
  std::shared_ptr<LineLog> log_;
};

} // namespace

std::shared_ptr<Output> log_output(LogLines lines) {
  return std::make_shared<LogOutput>(std::move(lines));
}

} // namespace nacre::wasi_cli
