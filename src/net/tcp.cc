// SPDX-License-Identifier: Apache-2.0
#include "net/tcp.h"

#include "base/ensure.h"
#include "net/readiness.h"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utility>

namespace nacre::net {
namespace {

Transfer outcome_of(ssize_t moved) {
  if (moved > 0)
    return {Transfer::State::ok, static_cast<std::size_t>(moved), 0};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
    return {Transfer::State::would_block, 0, 0};
  return {Transfer::State::failed, 0, errno};
}

struct Descriptor {
  int fd;
  explicit Descriptor(int owned) : fd(owned) {}
  ~Descriptor() { ::close(fd); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
};

class TcpStream final : public Stream, private Waiter {
public:
  TcpStream(Loop& loop, int descriptor, Address peer)
      : descriptor_{descriptor}, readiness_(loop, descriptor), peer_(std::move(peer)) {}

  Transfer read(std::span<std::byte> into) override {
    ssize_t got = 0;
    do {
      got = ::recv(descriptor_.fd, into.data(), into.size(), 0);
    } while (got < 0 && errno == EINTR);
    // A short read means the kernel had no more; whatever comes later makes an edge.
    drained_ = got < static_cast<ssize_t>(into.size());
    if (got == 0)
      return {Transfer::State::ended, 0, 0};
    return outcome_of(got);
  }

  Transfer write(std::span<const Bytes> parts) override {
    ssize_t sent = 0;
    do {
      sent = parts.size() == 1
                 ? ::send(descriptor_.fd, parts.front().data(), parts.front().size(), MSG_NOSIGNAL)
                 : send_parts(parts);
    } while (sent < 0 && errno == EINTR);
    return outcome_of(sent);
  }

  bool may_read() const override { return !drained_; }

  void wait_readable(Waiter& waiter) override {
    reader_ = &waiter;
    readiness_.wait_readable(*this);
  }
  void wait_writable(Waiter& waiter) override { readiness_.wait_writable(waiter); }

  bool peer_closed() const override {
    pollfd poll{descriptor_.fd, POLLRDHUP, 0};
    return ::poll(&poll, 1, 0) > 0 && (poll.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
  }
  void shutdown_write() override { ::shutdown(descriptor_.fd, SHUT_WR); }
  void reset_on_close() override {
    const linger now{1, 0};
    ::setsockopt(descriptor_.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  const Address& peer() const override { return peer_; }

private:
  // News for the reader: the next read is worth its price again.
  void wake() override {
    drained_ = false;
    if (Waiter* reader = std::exchange(reader_, nullptr))
      reader->wake();
  }

  ssize_t send_parts(std::span<const Bytes> parts) const {
    std::array<iovec, kMaxParts> vectors;
    ENSURE(parts.size() <= vectors.size(), "at most kMaxParts");
    for (std::size_t i = 0; i < parts.size(); ++i) {
      // The kernel only reads it; iovec has no const.
      vectors[i] = {const_cast<std::byte*>(parts[i].data()), parts[i].size()};
    }
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = parts.size();
    return ::sendmsg(descriptor_.fd, &message, MSG_NOSIGNAL);
  }

  Descriptor descriptor_; // in front of readiness_, which goes before it is closed
  Readiness readiness_;
  Address peer_;
  Waiter* reader_ = nullptr;
  bool drained_ = false;
};

} // namespace

std::unique_ptr<Stream> make_tcp_stream(Loop& loop, int descriptor, Address peer) {
  return std::make_unique<TcpStream>(loop, descriptor, std::move(peer));
}

Address address_of(const sockaddr_storage& from) {
  char text[INET6_ADDRSTRLEN] = "";
  if (from.ss_family == AF_INET) {
    const auto& four = reinterpret_cast<const sockaddr_in&>(from);
    inet_ntop(AF_INET, &four.sin_addr, text, sizeof text);
    return {text, ntohs(four.sin_port)};
  }
  if (from.ss_family == AF_INET6) {
    const auto& six = reinterpret_cast<const sockaddr_in6&>(from);
    inet_ntop(AF_INET6, &six.sin6_addr, text, sizeof text);
    return {text, ntohs(six.sin6_port)};
  }
  return {};
}

} // namespace nacre::net
