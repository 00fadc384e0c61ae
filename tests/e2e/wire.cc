// SPDX-License-Identifier: Apache-2.0
#include "e2e/wire.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>
#include <charconv>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace nacre::e2e {
namespace {

constexpr timeval kPatience{120, 0};

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return fd;
  ::close(fd);
  return -1;
}

std::size_t number(std::string_view text, int base) {
  std::size_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out, base);
  return out;
}

std::pair<std::string, std::string> field_of(const std::string& line) {
  const auto colon = line.find(':');
  std::string name = line.substr(0, colon);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto value = colon == std::string::npos ? colon : line.find_first_not_of(' ', colon + 1);
  return {name, value == std::string::npos ? "" : line.substr(value)};
}

std::string text_of(const Fields& fields) {
  std::string out;
  for (const auto& [name, value] : fields)
    out.append(name).append(": ").append(value).append("\r\n");
  return out;
}

} // namespace

std::string Response::field(std::string_view name) const {
  for (const auto& [known, value] : fields) {
    if (known == name)
      return value;
  }
  return {};
}

Wire::Wire(std::uint16_t port) : fd_(connect_to(port)) {
  if (fd_ < 0)
    throw std::runtime_error("nobody listens on port " + std::to_string(port));
}

Wire::~Wire() {
  close();
}

void Wire::close() {
  if (fd_ >= 0)
    ::close(fd_);
  fd_ = -1;
}

void Wire::send_head(std::string_view method, std::string_view target, const Fields& fields) {
  std::string head{method};
  head.append(" ").append(target).append(" HTTP/1.1\r\nhost: test\r\n");
  send(head.append(text_of(fields)).append("\r\n"));
}

bool Wire::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Wire::send_chunk(std::string_view bytes) {
  std::array<char, 32> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16).ptr;
  std::string chunk(size.data(), end);
  return send(chunk.append("\r\n").append(bytes).append("\r\n"));
}

bool Wire::send_last_chunk(const Fields& trailers) {
  return send("0\r\n" + text_of(trailers) + "\r\n");
}

bool Wire::fill() {
  if (at_ > (1U << 16)) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  std::array<char, 1 << 16> bytes{};
  const ssize_t got = ::recv(fd_, bytes.data(), bytes.size(), 0);
  if (got <= 0)
    return false;
  buffer_.append(bytes.data(), static_cast<std::size_t>(got));
  return true;
}

bool Wire::line(std::string& out) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n", at_)) == std::string::npos) {
    if (!fill())
      return false;
  }
  out = buffer_.substr(at_, end - at_);
  at_ = end + 2;
  return true;
}

std::string Wire::take(std::size_t count) {
  while (buffer_.size() - at_ < count && fill()) {
  }
  std::string out = buffer_.substr(at_, count);
  at_ += out.size();
  return out;
}

std::string Wire::read_raw(std::size_t count) {
  return take(count);
}

bool Wire::closed() {
  while (fill()) {
  }
  return errno != EAGAIN;
}

Response Wire::read(bool head_only) {
  Response out = read_head();
  if (out.status != 0 && !head_only)
    read_body(out);
  out.complete = out.complete || (head_only && out.status != 0);
  return out;
}

Response Wire::read_head() {
  Response out;
  std::string text;
  if (!line(text) || text.size() < 12)
    return out;
  const int status = static_cast<int>(number(std::string_view(text).substr(9, 3), 10));
  while (line(text)) {
    if (text.empty()) {
      out.status = status;
      return status == 100 ? read_head() : out;
    }
    out.fields.push_back(field_of(text));
  }
  return out;
}

void Wire::read_body(Response& response) {
  if (response.field("transfer-encoding") == "chunked") {
    response.complete = read_chunks(response);
  } else if (const auto length = response.field("content-length"); !length.empty()) {
    const std::size_t want = number(length, 10);
    response.body = take(want);
    response.complete = response.body.size() == want;
  } else {
    response.complete = closed();
    response.body = buffer_.substr(at_);
  }
}

bool Wire::read_chunks(Response& response) {
  std::string text;
  while (line(text)) {
    const std::size_t size = number(text, 16);
    if (size == 0) {
      while (line(text)) {
        if (text.empty())
          return true;
        response.trailers.push_back(field_of(text));
      }
      return false;
    }
    const std::string bytes = take(size);
    response.body += bytes;
    if (bytes.size() < size || !line(text))
      return false;
  }
  return false;
}

WebServer::WebServer(std::map<std::string, std::string> answers)
    : answers_(std::move(answers)), fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(fd_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::listen(fd_, 16) != 0 ||
      ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no port to listen on");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

WebServer::~WebServer() {
  ::shutdown(fd_, SHUT_RDWR);
  thread_.join();
  ::close(fd_);
}

std::string WebServer::url(std::string_view path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

void WebServer::serve() {
  for (;;) {
    const int peer = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (peer < 0)
      return;
    std::string head;
    std::array<char, 4096> bytes{};
    while (head.find("\r\n\r\n") == std::string::npos) {
      const ssize_t got = ::recv(peer, bytes.data(), bytes.size(), 0);
      if (got <= 0)
        break;
      head.append(bytes.data(), static_cast<std::size_t>(got));
    }
    const auto path = head.find(' ') + 1;
    const auto found = answers_.find(head.substr(path, head.find(' ', path) - path));
    std::string_view rest = found == answers_.end() ? "HTTP/1.1 404 Not Found\r\n\r\n"
                                                    : std::string_view(found->second);
    while (!rest.empty()) {
      const ssize_t sent = ::send(peer, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent <= 0)
        break;
      rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    ::close(peer);
  }
}

bool reachable(std::uint16_t port) {
  const int fd = connect_to(port);
  if (fd >= 0)
    ::close(fd);
  return fd >= 0;
}

Response get(std::uint16_t port, std::string_view target, const Fields& fields) {
  Wire wire{port};
  wire.send_head("GET", target, fields);
  return wire.read();
}

Response post(std::uint16_t port, std::string_view target, std::string_view body,
              const Fields& fields) {
  Wire wire{port};
  Fields all = fields;
  all.emplace_back("content-length", std::to_string(body.size()));
  wire.send_head("POST", target, all);
  wire.send(body);
  return wire.read();
}

} // namespace nacre::e2e
