// SPDX-License-Identifier: Apache-2.0
#include "net/listener.h"

#include "net/readiness.h"
#include "net/tcp.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <unistd.h>
#include <utility>

namespace nacre::net {

struct Listener::State {
  State(Loop& l, int descriptor, Address a)
      : loop(l), fd(descriptor), address(std::move(a)), readiness(std::in_place, l, descriptor) {}
  ~State() {
    readiness.reset();
    ::close(fd);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  Loop& loop;
  int fd;
  Address address;
  std::optional<Readiness> readiness;
};

namespace {

struct Closer {
  int fd;
  ~Closer() {
    if (fd >= 0)
      ::close(fd);
  }
};

Error bind_error(const Address& address, int error) {
  const auto where = to_string(address);
  if (error == EADDRINUSE)
    return {Code::exists, fmt::format("{} is in use by another process", where)};
  if (error == EACCES || error == EPERM)
    return {Code::denied, fmt::format("no permission to listen on {}", where)};
  if (error == EADDRNOTAVAIL)
    return {Code::not_found, fmt::format("{} is not an address of this machine", where)};
  return {Code::unavailable, fmt::format("listening on {}: {}", where, std::strerror(error))};
}

Result<int> bind_one(const Address& address, const addrinfo& info, const ListenOptions& options) {
  Closer socket{::socket(info.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (socket.fd < 0)
    return bind_error(address, errno);
  const int on = 1;
  ::setsockopt(socket.fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (options.reuse_port)
    ::setsockopt(socket.fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  // Accepted sockets inherit it: one system call less for each.
  ::setsockopt(socket.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::bind(socket.fd, info.ai_addr, info.ai_addrlen) != 0)
    return bind_error(address, errno);
  if (::listen(socket.fd, options.backlog) != 0)
    return bind_error(address, errno);
  return std::exchange(socket.fd, -1);
}

} // namespace

Result<Listener> Listener::open(Loop& loop, const Address& address, ListenOptions options) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const auto port = std::to_string(address.port);
  if (const int error = ::getaddrinfo(address.host.c_str(), port.c_str(), &hints, &found);
      error != 0)
    return Error{Code::not_found,
                 fmt::format("looking up {}: {}", address.host, ::gai_strerror(error))};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned{found, &::freeaddrinfo};
  TRY(const int fd, bind_one(address, *found, options));

  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &length);
  return Listener{std::make_unique<State>(loop, fd, address_of(bound))};
}

Listener::Listener(std::unique_ptr<State> state) : state_(std::move(state)) {}
Listener::Listener(Listener&&) noexcept = default;
Listener& Listener::operator=(Listener&&) noexcept = default;
Listener::~Listener() = default;

const Address& Listener::address() const {
  return state_->address;
}

Result<std::unique_ptr<Stream>> Listener::accept() {
  for (;;) {
    sockaddr_storage from{};
    socklen_t length = sizeof from;
    const int fd = ::accept4(state_->fd, reinterpret_cast<sockaddr*>(&from), &length,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
      return make_tcp_stream(state_->loop, fd, address_of(from));
    switch (errno) {
    case EAGAIN:
      return std::unique_ptr<Stream>{};
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return Error{Code::exhausted, fmt::format("accepting: {}", std::strerror(errno))};
    case EBADF:
    case EINVAL:
    case ENOTSOCK:
    case EOPNOTSUPP:
      return Error{Code::internal, fmt::format("accepting: {}", std::strerror(errno))};
    default: // The connection broke while it stood in the queue; the next one is another matter.
      continue;
    }
  }
}

void Listener::wait(Waiter& waiter) {
  state_->readiness->wait_readable(waiter);
}

} // namespace nacre::net
