// SPDX-License-Identifier: Apache-2.0
#include "net/dial.h"

#include "net/park.h"
#include "net/tcp.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace nacre::net {
namespace {

struct Target {
  sockaddr_storage address{};
  socklen_t length = 0;
};

struct Lookup {
  std::vector<Target> targets;
  int error = 0;
};

Lookup look_up(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | flags;
  addrinfo* found = nullptr;
  Lookup out;
  out.error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (out.error != 0)
    return out;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned{found, &::freeaddrinfo};
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    Target target;
    std::memcpy(&target.address, at->ai_addr, at->ai_addrlen);
    target.length = at->ai_addrlen;
    out.targets.push_back(target);
  }
  return out;
}

DialFailure failure_of(int os_error) {
  switch (os_error) {
  case ECONNREFUSED:
  case ECONNRESET:
    return DialFailure::refused;
  case ENETUNREACH:
  case EHOSTUNREACH:
  case EADDRNOTAVAIL:
  case ENETDOWN:
  case ETIMEDOUT:
    return DialFailure::unreachable;
  default:
    return DialFailure::other;
  }
}

/// 0 when connected, EINPROGRESS while under way, else what went wrong.
int connect_state(int fd) {
  pollfd poll{fd, POLLOUT, 0};
  if (::poll(&poll, 1, 0) == 0)
    return EINPROGRESS;
  int error = 0;
  socklen_t length = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
  return error;
}

struct Attempt {
  std::unique_ptr<Stream> stream;
  int os_error = 0;
};

Task<Attempt> connect_one(Loop* loop, Target target) {
  Park park; // outlives the stream, which may still know it when this task is cancelled
  Attempt out;
  const int fd = ::socket(target.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    out.os_error = errno;
    co_return out;
  }
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto* address = reinterpret_cast<const sockaddr*>(&target.address);
  const int started = ::connect(fd, address, target.length) == 0 ? 0 : errno;
  auto stream = make_tcp_stream(*loop, fd, address_of(target.address));
  out.os_error = started;
  while (out.os_error == EINPROGRESS) {
    stream->wait_writable(park);
    CO_TRY_OK(co_await park.wait());
    out.os_error = connect_state(fd);
  }
  if (out.os_error == 0)
    out.stream = std::move(stream);
  co_return out;
}

} // namespace

Task<std::unique_ptr<Stream>> dial(Loop* loop, Address to, DialReport* report) {
  DialReport unused;
  DialReport& said = report != nullptr ? *report : unused;
  said.step = DialReport::Step::lookup;
  Lookup found;
  if (is_ip_literal(to.host)) {
    found = look_up(to.host, to.port, AI_NUMERICHOST);
  } else {
    auto job = [host = to.host, port = to.port] { return look_up(host, port, AI_ADDRCONFIG); };
    CO_TRY(found, co_await offload(std::move(job)));
  }
  if (found.targets.empty()) {
    said.failure = DialFailure::lookup;
    co_return Error{Code::not_found,
                    fmt::format("looking up {}: {}", to.host, ::gai_strerror(found.error))};
  }
  said.step = DialReport::Step::connect;
  int last = 0;
  for (const Target& target : found.targets) {
    Target copy = target;
    CO_TRY(auto attempt, co_await connect_one(loop, copy));
    if (attempt.stream != nullptr) {
      said.step = DialReport::Step::done;
      co_return std::move(attempt.stream);
    }
    last = attempt.os_error;
  }
  said.failure = failure_of(last);
  co_return Error{Code::unavailable,
                  fmt::format("connecting to {}: {}", to_string(to), std::strerror(last))};
}

} // namespace nacre::net
