// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_cli/stdio_fd.h"

#include <climits>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace nacre::wasi_cli {
namespace {

/// A negative errno in place of -1.
ssize_t told(ssize_t result) {
  return result < 0 ? -errno : result;
}

ssize_t without_waiting(int fd, std::span<char> into) {
  const iovec part{into.data(), into.size()};
  return told(::preadv2(fd, &part, 1, -1, RWF_NOWAIT));
}
ssize_t without_waiting(int fd, std::span<const char> bytes) {
  const iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  return told(::pwritev2(fd, &part, 1, -1, RWF_NOWAIT));
}
ssize_t not_now(ssize_t result) {
  return result == -EOPNOTSUPP || result == -ENOSYS ? -EAGAIN : result;
}

} // namespace

// A pipe or a terminal is opened once more, for flags of our own: the inherited description is
// shared with other processes, which would be surprised by O_NONBLOCK.
Result<std::shared_ptr<const StdioFd>> StdioFd::open(int fd, Watch::For what) {
  struct stat info{};
  if (::fstat(fd, &info) != 0)
    return Error{Code::not_found, fmt::format("descriptor {}: {}", fd, std::strerror(errno))};
  Kind kind = Kind::shared;
  int mine = -1;
  if (S_ISREG(info.st_mode)) {
    kind = Kind::file;
  } else if (S_ISSOCK(info.st_mode)) {
    kind = Kind::socket;
  } else {
    const int access = what == Watch::For::reading ? O_RDONLY : O_WRONLY;
    mine = ::open(fmt::format("/proc/self/fd/{}", fd).c_str(),
                  access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (mine >= 0)
      kind = Kind::own;
  }
  if (mine < 0)
    mine = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (mine < 0)
    return Error{Code::exhausted, fmt::format("descriptor {}: {}", fd, std::strerror(errno))};
  const bool terminal = ::isatty(mine) == 1;
  return std::shared_ptr<const StdioFd>{new StdioFd{mine, kind, terminal}};
}

StdioFd::~StdioFd() {
  ::close(fd_);
}

bool StdioFd::is_ready(short events) const {
  pollfd one{fd_, events, 0};
  return ::poll(&one, 1, 0) == 1;
}
bool StdioFd::readable() const {
  return is_ready(POLLIN);
}
bool StdioFd::writable() const {
  return is_ready(POLLOUT);
}

ssize_t StdioFd::try_read(std::span<char> into) const {
  switch (kind_) {
  case Kind::file:
    return not_now(without_waiting(fd_, into));
  case Kind::socket:
    return told(::recv(fd_, into.data(), into.size(), MSG_DONTWAIT));
  case Kind::own:
    return told(::read(fd_, into.data(), into.size()));
  case Kind::shared:
    return readable() ? told(::read(fd_, into.data(), into.size())) : -EAGAIN;
  }
  return -EBADF;
}

ssize_t StdioFd::try_write(std::span<const char> bytes) const {
  switch (kind_) {
  case Kind::file:
    return not_now(without_waiting(fd_, bytes));
  case Kind::socket:
    return told(::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
  case Kind::own:
    return told(::write(fd_, bytes.data(), bytes.size()));
  case Kind::shared: // a pipe that is writable takes this much without blocking
    return writable()
               ? told(::write(fd_, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF)))
               : -EAGAIN;
  }
  return -EBADF;
}

ssize_t StdioFd::read(std::span<char> into) const {
  return told(::read(fd_, into.data(), into.size()));
}
ssize_t StdioFd::write(std::span<const char> bytes) const {
  return told(::write(fd_, bytes.data(), bytes.size()));
}

} // namespace nacre::wasi_cli
