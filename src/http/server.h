// SPDX-License-Identifier: Apache-2.0
// Server: HTTP/1.1 on one loop: takes connections from a listener and hands each request to a
// handler.
#pragma once

#include "http/body.h"
#include "http/message.h"
#include "loop/loop.h"
#include "net/listener.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>

namespace nacre::http {

/// One request and its answer. Lives until the handler's task ends.
class Exchange {
public:
  virtual ~Exchange() = default;

  virtual const RequestHead& request() const = 0;
  /// The request's body; pulling it first sends "100 Continue" where the client waits for that.
  virtual BodySource& body() = 0;
  /// Sets status and fields and opens the body; once per exchange. The sink must be finished (or
  /// aborted) before the handler ends. Fails on text that would break the head, and when the client
  /// is gone.
  virtual Result<BodySink*> respond(const ResponseHead& head) = 0;
  virtual bool responded() const = 0;
  /// Fires once when the client went away (closed its side, reset, or a write failed).
  virtual Signal& gone() = 0;
  virtual bool is_gone() const = 0;
  virtual const net::Address& peer() const = 0;
};

/// Runs once per request, on the loop. An error before respond() becomes a 500; after it, or with
/// an unfinished sink, the connection is reset so that nobody takes a torn answer for a whole one.
using Handler = std::function<Task<>(Exchange&)>;

/// Every bound of a server; durations are kept to about a second. Zero durations switch off.
struct ServerLimits {
  std::size_t header_count = 100;
  std::size_t head_bytes = 64 * 1024;
  std::size_t target_bytes = 16 * 1024;
  std::uint64_t body_bytes = std::numeric_limits<std::uint64_t>::max();
  /// Bytes of a response body that wait for the client before room() is 0. What is written at once
  /// leaves in one packet up to about this size; 64 KiB would just not fit.
  std::size_t output_bytes = 48 * 1024;
  std::size_t connections = 16 * 1024;
  /// 0: any number.
  std::uint64_t requests_per_connection = 0;
  /// Between requests.
  Duration idle = std::chrono::seconds(75);
  /// From the first byte of a head to its last.
  Duration head_read = std::chrono::seconds(15);
  /// Without a byte while the handler waits for the body.
  Duration body_stall = std::chrono::seconds(30);
  /// Without a byte leaving while output waits.
  Duration write_stall = std::chrono::seconds(30);
  /// How long a connection that must close still swallows what the client sends.
  Duration linger = std::chrono::seconds(2);
};

/// One finished exchange, or a request that was refused (then method and target may be empty). The
/// views are valid during the call.
struct AccessRecord {
  std::string_view method;
  std::string_view target;
  /// 0: the client was gone, or the exchange broke before a response started.
  std::uint16_t status = 0;
  /// Body bytes.
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  Duration duration{};
  const net::Address* peer = nullptr;
};
using AccessHook = std::function<void(const AccessRecord&)>;

/// Owns its connections. close() (or a finished drain()) must have ended before it is destroyed
/// while its loop still runs.
class Server {
public:
  Server(Loop& loop, net::Listener listener, ServerLimits limits, Handler handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Called after each exchange. Clocks are read only when it is set.
  void on_access(AccessHook hook);

  /// Accepts until drain() or close(), then ends; connections go on as those two say.
  Task<> run();
  /// Stops accepting, closes idle connections, lets running exchanges end (their answers say
  /// Connection: close), and resets what is left after `deadline`.
  Task<> drain(Duration deadline);
  /// Resets everything at once and waits for the handlers to end.
  Task<> close();

  /// Enforces the timeouts as of `now` (never earlier than seen before). run() calls it once a
  /// second; tests call it with a time of their choice.
  void tick(Clock::time_point now);

  const net::Address& address() const;
  std::size_t connections() const;
  /// Exchanges whose handler runs now.
  std::size_t active() const;

private:
  struct State;
  std::shared_ptr<State> state_;
};

} // namespace nacre::http
