// SPDX-License-Identifier: Apache-2.0
// Client: outgoing HTTP/1.1 of one loop, with pooled connections, TLS, timeouts and an allow-list.
#pragma once

#include "http/body.h"
#include "http/message.h"
#include "loop/loop.h"
#include "net/allow_list.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace nacre::http {

/// Why a request failed, fine enough for the error-codes of wasi:http.
enum class Failure : std::uint8_t {
  none,
  bad_request,           // the head cannot be sent: bad method, path, authority or field
  denied,                // the allow-list does not name the destination
  dns_failed,            // the name means nothing, or the resolver failed
  dns_timeout,           // the resolver took longer than `connect`
  refused,               // nobody listens
  unreachable,           // no route, no such network
  connect_timeout,       // TCP and TLS took longer than `connect`
  tls_certificate,       // the peer's certificate is not to be trusted for this name
  tls_failed,            // any other handshake or record failure
  first_byte_timeout,    // no response head within `first_byte`
  between_bytes_timeout, // the response body (or our sending) stalled for `between_bytes`
  connection_closed,     // the peer went away before the response head was complete
  response_incomplete,   // ... in the middle of the response body
  head_too_large,        // the response head passed its limits
  protocol,              // what came is not HTTP/1.x as we accept it
  pool_exhausted,        // too many connections of this client are open
  body_mismatch,         // our side wrote more or less than Content-Length, or aborted
  cancelled,             // the exchange or the client was dropped
};
std::string_view to_string(Failure failure);

/// Zero: no limit.
struct Timeouts {
  Duration connect = std::chrono::seconds(30);
  Duration first_byte = std::chrono::seconds(600);
  Duration between_bytes = std::chrono::seconds(600);
};

struct ClientSettings {
  net::AllowList allow = net::AllowList::nothing();
  std::size_t header_count = 256;
  std::size_t head_bytes = 128 * 1024;
  /// Bytes of a request body that wait for the peer before room() is 0. What is written at once
  /// leaves in one packet up to about this size; 64 KiB would just not fit.
  std::size_t output_bytes = 48 * 1024;
  /// Open connections in all, and idle ones kept per authority.
  std::size_t connections = 1024;
  std::size_t idle_per_authority = 32;
  Duration idle = std::chrono::seconds(60);
  /// More roots to trust, as PEM; the system's roots are trusted unless `system_roots` is false.
  std::string extra_roots;
  bool system_roots = true;
};

/// One request under way. Destroying it drops the request: its connection is closed unless both
/// sides had finished.
class ClientExchange {
public:
  virtual ~ClientExchange() = default;

  /// The request's body; takes bytes at once, even before the connection stands. finish() it (with
  /// nothing written, if there is no body) or the request never ends.
  virtual BodySink& body() = 0;

  /// Waits for the response's head (1xx are skipped). The head stays valid as long as the exchange.
  /// May be awaited while the body is still being written.
  virtual Task<const ResponseHead*> response() = 0;
  /// The same without waiting: null as long as there is none.
  virtual const ResponseHead* response_now() const = 0;
  /// Fires when the head is there or the exchange failed.
  virtual Signal& response_signal() = 0;

  /// The response's body; ended for HEAD, 204 and 304. Only after the head is there.
  virtual BodySource& response_body() = 0;

  /// Why response(), body() or response_body() failed; none while all is well.
  virtual Failure failure() const = 0;
  virtual const Error& error() const = 0;
};

/// Keeps idle connections per scheme and authority. Redirects are handed to the caller, never
/// followed.
class Client {
public:
  Client(Loop& loop, ClientSettings settings);
  /// Cancels what is under way.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Starts a request and returns at once; everything that can go wrong shows in the exchange.
  /// `head` is copied. Needs scheme ("http" or "https"), authority and path.
  std::unique_ptr<ClientExchange> request(const RequestHead& head, Timeouts timeouts = {});

  /// Drops idle connections and those under way, and waits for the tasks to end.
  Task<> close();

  std::size_t idle_connections() const;
  std::size_t open_connections() const;

  struct State;

private:
  std::shared_ptr<State> state_;
};

} // namespace nacre::http
