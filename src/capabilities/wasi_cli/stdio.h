// SPDX-License-Identifier: Apache-2.0
// Input and Output: what stands behind a guest's stdin, stdout and stderr.
#pragma once

#include "base/result.h"
#include "loop/loop.h"
#include "streams/background.h"
#include "streams/input_stream.h"
#include "streams/output_stream.h"
#include "streams/quota.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace nacre::wasi_cli {

/// Where guests read from. Safe to use from every loop.
class Input {
public:
  Input() = default;
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  virtual ~Input() = default;

  /// One stream for one guest, which keeps the ticket as long as it holds memory. `background`
  /// outlives it.
  virtual std::shared_ptr<streams::Source> open(streams::Background& background,
                                                streams::Ticket ticket) = 0;
  virtual bool terminal() const { return false; }
};

/// Where guests write to. Safe to use from every loop.
class Output {
public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  virtual ~Output() = default;

  /// As Input::open.
  virtual std::shared_ptr<streams::Sink> open(streams::Background& background,
                                              streams::Ticket ticket) = 0;
  virtual bool terminal() const { return false; }
};

std::shared_ptr<Input> empty_input();
std::shared_ptr<Input> text_input(std::string text);
/// A descriptor of this process, usually 0. It is never made non-blocking itself: others share it.
Result<std::shared_ptr<Input>> inherit_input(int fd);

std::shared_ptr<Output> discard_output();

/// Whether bytes that steer a terminal reach it.
enum class Escapes : std::uint8_t { keep, mask };
/// A descriptor of this process, usually 1 or 2. A full pipe holds up the guest, not the loop.
Result<std::shared_ptr<Output>> inherit_output(int fd, Escapes escapes);

/// What guests wrote, kept for whoever asks. Thread-safe.
class Captured {
public:
  explicit Captured(std::size_t limit = std::size_t{1} << 20) : limit_(limit) {}
  /// Bytes beyond the limit are dropped.
  void append(std::string_view bytes);
  std::string text() const;
  bool truncated() const;

private:
  mutable std::mutex mutex_;
  std::size_t limit_;
  std::string text_;
  bool truncated_ = false;
};
std::shared_ptr<Output> capture_output(std::shared_ptr<Captured> captured);

/// How guests' lines go into the log.
struct LogLines {
  std::string guest;          ///< who it was: the workload's name
  std::string stream;         ///< "stdout" or "stderr"
  std::size_t longest = 4096; ///< bytes of one line; the rest is left out and said so
  std::uint32_t per_second = 1000;
  std::uint32_t burst = 2000;
  std::function<Clock::time_point()> now = Clock::now;
};
/// Each line is one log line, with control characters made visible.
std::shared_ptr<Output> log_output(LogLines lines);

} // namespace nacre::wasi_cli
