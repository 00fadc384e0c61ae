// SPDX-License-Identifier: Apache-2.0
#include "http/testing/wire.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace nacre::http::testing {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  out.sin_port = htons(port);
  return out;
}

} // namespace

bool pump(Loop& loop, const std::function<bool()>& done) {
  // Only a hang gets here: generous, so that a loaded machine does not fail a test.
  const auto limit = Clock::now() + std::chrono::seconds(60);
  while (!done()) {
    if (loop.poll() == 0 && Clock::now() > limit)
      return false;
  }
  return true;
}

void settle(Loop& loop) {
  // Loopback delivers within the sender's system call: when the loop has nothing, there is nothing.
  for (int quiet = 0; quiet < 3;)
    quiet = loop.poll() == 0 ? quiet + 1 : 0;
}

Wire::Wire(Loop& loop, std::uint16_t port, int receive_buffer) : loop_(loop) {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer != 0)
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto address = loopback(port);
  EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

Wire::Wire(Loop& loop, int descriptor, int) : loop_(loop), fd_(descriptor) {}
Wire::~Wire() {
  close();
}
Wire::Wire(Wire&& other) noexcept
    : loop_(other.loop_), fd_(std::exchange(other.fd_, -1)), received_(std::move(other.received_)),
      ended_(other.ended_), reset_(other.reset_) {}

void Wire::send(std::string_view text) {
  const auto limit = Clock::now() + std::chrono::seconds(60);
  while (!text.empty() && Clock::now() < limit) {
    const auto sent = ::send(fd_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
      text.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      loop_.poll();
      read();
    } else {
      return; // The peer is gone; what follows will show it.
    }
  }
}

void Wire::read() {
  char bytes[65536];
  const auto got = ::recv(fd_, bytes, sizeof bytes, MSG_DONTWAIT);
  if (got > 0) {
    received_.append(bytes, static_cast<std::size_t>(got));
  } else if (got == 0) {
    ended_ = true;
  } else if (errno != EAGAIN) {
    ended_ = reset_ = true;
  }
}

bool Wire::read_until(std::string_view text) {
  return pump(loop_,
              [&] {
                read();
                return received_.find(text) != std::string::npos || ended_;
              }) &&
         received_.find(text) != std::string::npos;
}

std::string Wire::read_all() {
  EXPECT_TRUE(pump(loop_,
                   [&] {
                     read();
                     return ended_;
                   }))
      << "the connection stays open; received so far: " << received_;
  return received_;
}

std::string Wire::read_now() {
  std::size_t before = 0;
  do {
    before = received_.size();
    settle(loop_);
    read();
  } while (received_.size() != before);
  return received_;
}

void Wire::half_close() {
  ::shutdown(fd_, SHUT_WR);
}
void Wire::close() {
  if (fd_ >= 0)
    ::close(std::exchange(fd_, -1));
}
void Wire::reset() {
  const linger now{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

Port::Port(Loop& loop) : loop_(loop), fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  auto address = loopback(0);
  EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::listen(fd_, 16), 0);
  socklen_t length = sizeof address;
  ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length);
  number_ = ntohs(address.sin_port);
  authority_ = "127.0.0.1:" + std::to_string(number_);
}
Port::~Port() {
  ::close(fd_);
}

bool Port::somebody_waits() const {
  pollfd poll{fd_, POLLIN, 0};
  return ::poll(&poll, 1, 0) > 0;
}

int Port::accept_descriptor() {
  EXPECT_TRUE(pump(loop_, [&] { return somebody_waits(); })) << "nobody connects";
  return ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
}

Wire Port::accept() {
  return {loop_, accept_descriptor(), 0};
}

} // namespace nacre::http::testing
