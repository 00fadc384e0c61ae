// SPDX-License-Identifier: Apache-2.0
// LineWriter: log lines to a descriptor without ever making a loop wait for the reader.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace nacre::telemetry {

/// Thread-safe. Lines are collected and written by a thread of its own, at the latest after 50 ms.
/// When the reader is so slow that the buffer is full, lines are dropped and counted.
class LineWriter {
public:
  /// `fd` is not owned.
  explicit LineWriter(int fd);
  /// Writes what is left (for at most a second).
  ~LineWriter();
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  /// Adds a newline.
  void add(std::string_view line);
  std::uint64_t dropped() const;

private:
  void run();
  void write_out(const std::string& text);

  const int fd_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string buffer_;
  std::uint64_t dropped_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace nacre::telemetry
