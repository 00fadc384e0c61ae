// SPDX-License-Identifier: Apache-2.0
// StdioFd: a descriptor that this process inherited, in a shape whose use does not block a loop.
#pragma once

#include "base/result.h"
#include "loop/watch.h"

#include <cstddef>
#include <memory>
#include <span>
#include <sys/types.h>

namespace nacre::wasi_cli {

/// Shared by the streams of all guests; immutable. Closes what it opened.
class StdioFd {
public:
  static Result<std::shared_ptr<const StdioFd>> open(int fd, Watch::For what);
  StdioFd(const StdioFd&) = delete;
  StdioFd& operator=(const StdioFd&) = delete;
  ~StdioFd();

  int number() const { return fd_; }
  bool terminal() const { return terminal_; }
  /// A file on a disk: there is no waiting for it, only doing it elsewhere.
  bool file() const { return kind_ == Kind::file; }

  /// How many bytes went at once, or a negative errno; -EAGAIN: not now.
  ssize_t try_read(std::span<char> into) const;
  ssize_t try_write(std::span<const char> bytes) const;
  /// The same, waiting as long as it takes: for threads that may. Only for a file.
  ssize_t read(std::span<char> into) const;
  ssize_t write(std::span<const char> bytes) const;
  /// Whether a read would bring bytes or the end.
  bool readable() const;
  bool writable() const;

private:
  enum class Kind { file, socket, own, shared };
  StdioFd(int fd, Kind kind, bool terminal) : fd_(fd), kind_(kind), terminal_(terminal) {}
  bool is_ready(short events) const;

  int fd_;
  Kind kind_;
  bool terminal_;
};

} // namespace nacre::wasi_cli
