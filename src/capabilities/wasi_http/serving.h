// SPDX-License-Identifier: Apache-2.0
// Serving: one HTTP exchange on its way through a guest: makes the two arguments of
// wasi:http/incoming-handler.handle and tells afterwards what the guest did with them.
#pragma once

#include "bindings/wasi_http_p2.h"
#include "loop/task.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace nacre::http {
class Exchange;
} // namespace nacre::http

namespace nacre::wasi_http {

class ServerWire;

/// What a guest made of its response-outparam.
enum class Answer : std::uint8_t {
  none,     // never set: the client still waits for a response (500)
  error,    // set to an error-code, see Serving::error(); the client still waits for a response
  refused,  // set to a response that HTTP cannot carry, see Serving::problem(); still waits (500)
  open,     // a response was started and its body is still being written
  complete, // a response with all of its body is on its way
  broken,   // a response was started and its body dropped unfinished, or the client went away
};

/// Lives on the frame of the exchange's handler, around the guest's call. Destroy it after the call
/// has ended and before the exchange does: resources that the guest kept (it may be used again) see
/// an exchange that is over, and a response body that is still open is aborted, so that the client
/// sees an incomplete message.
///
///   wasi_http::Serving serving{exchange};
///   co_await handler.handle(guest, serving.request(), serving.outparam());
///   if (serving.awaits_response()) answer with serving.failure_status()
class Serving {
public:
  /// Borrows the exchange. Costs one pooled allocation.
  explicit Serving(http::Exchange& exchange);
  ~Serving();
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

  /// The request as the guest sees it; once. Scheme and authority are what the exchange says
  /// (connection and target or Host); fields of the connection itself are not shown.
  std::unique_ptr<wasi_http_p2::IncomingRequest> request();

  /// Where the guest puts its response; once. The response goes to the exchange at the moment the
  /// guest sets it.
  std::unique_ptr<wasi_http_p2::ResponseOutparam> outparam();

  /// Valid at any time; final once the guest's call has ended and its resources are dropped.
  Answer answer() const;

  /// Waits until a body that the guest finished has found its way into the exchange. There is
  /// something to wait for only if the guest wrote more before it set the response than the
  /// exchange buffers (32 KiB at most); the guest is not needed any more.
  bool unsettled() const;
  Task<> settle();

  /// True if nothing went to the client and the host has to answer: none, error, refused.
  bool awaits_response() const;

  /// Only when answer() is error: what the guest said.
  const wasi_http_p2::ErrorCode* error() const;

  /// The status for the client when awaits_response(): 500, or what the guest's error-code stands
  /// for (RFC 9209 2.3).
  std::uint16_t failure_status() const;

  /// One sentence for the log on what the guest did wrong; empty for open and complete.
  std::string problem() const;

private:
  std::shared_ptr<ServerWire> wire_;
};

} // namespace nacre::wasi_http
