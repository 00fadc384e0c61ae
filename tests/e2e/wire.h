// SPDX-License-Identifier: Apache-2.0
// Wire: one plain TCP connection to a server on this machine, and just enough HTTP/1.1 to talk to
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace nacre::e2e {

struct Response {
  int status = 0;                                          ///< 0: no head came
  std::vector<std::pair<std::string, std::string>> fields; ///< names in lower case
  std::string body;
  std::vector<std::pair<std::string, std::string>> trailers;
  bool complete = false; ///< the message came to its end as HTTP says it ends

  std::string field(std::string_view name) const;
};

using Fields = std::vector<std::pair<std::string, std::string>>;

/// Blocking, with a generous limit on every wait.
class Wire {
public:
  /// Throws when nobody listens.
  explicit Wire(std::uint16_t port);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// A request's head; "host" is added.
  void send_head(std::string_view method, std::string_view target, const Fields& fields = {});
  /// False when the peer takes no more.
  bool send(std::string_view bytes);
  bool send_chunk(std::string_view bytes);
  bool send_last_chunk(const Fields& trailers = {});
  /// Reads one response; `head_only` for answers to HEAD.
  Response read(bool head_only = false);
  /// Reads the response's head and leaves the body for read_body().
  Response read_head();
  void read_body(Response& response);
  /// Reads `count` more bytes of the connection; fewer at its end.
  std::string read_raw(std::size_t count);
  /// Waits until the peer has closed.
  bool closed();
  void close();

private:
  bool fill();
  bool line(std::string& out);
  std::string take(std::size_t count);
  bool read_chunks(Response& response);

  int fd_ = -1;
  std::string buffer_;
  std::size_t at_ = 0;
};

/// A web server with a handful of answers, written out in full; each connection gets one.
class WebServer {
public:
  /// By path.
  explicit WebServer(std::map<std::string, std::string> answers);
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;
  std::string url(std::string_view path) const;

private:
  void serve();

  std::map<std::string, std::string> answers_;
  int fd_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

/// Whether somebody listens.
bool reachable(std::uint16_t port);
Response get(std::uint16_t port, std::string_view target, const Fields& fields = {});
Response post(std::uint16_t port, std::string_view target, std::string_view body,
              const Fields& fields = {});

} // namespace nacre::e2e
