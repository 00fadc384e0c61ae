// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_http/client_wire.h"

#include "capabilities/wasi_http/incoming.h"
#include "streams/pollable.h"

#include <utility>

namespace nacre::wasi_http {

using component::HostCall;
using component::Unit;

std::span<const http::Field> ClientWire::lines() const {
  const http::ResponseHead* const head = exchange_->response_now();
  return head != nullptr ? head->fields.lines() : std::span<const http::Field>{};
}

http::BodySource* ClientWire::source() {
  return exchange_->response_now() != nullptr ? &exchange_->response_body() : nullptr;
}

ErrorCode ClientWire::source_failure() {
  if (exchange_->failure() != http::Failure::none)
    return failure();
  return code_of_request_body(exchange_->response_body().error());
}

ErrorCode ClientWire::sink_failure() {
  if (exchange_->failure() != http::Failure::none)
    return failure();
  const http::BodySink& body = exchange_->body();
  return body.failed() ? code_of_response_body(body.error()) : ErrorCode::connection_terminated();
}

/// Ready when the response's head is there, or never will be.
class FutureIncomingResponse::Arrival final : public streams::Readiness {
public:
  explicit Arrival(std::shared_ptr<ClientWire> wire) : wire_(std::move(wire)) {}
  bool ready() override { return wire_->answered(); }
  Signal& signal() override { return wire_->exchange().response_signal(); }

private:
  std::shared_ptr<ClientWire> wire_;
};

FutureIncomingResponse::FutureIncomingResponse(std::shared_ptr<ClientWire> wire)
    : wire_(std::move(wire)) {}

Result<std::unique_ptr<wasi_io_p2::Pollable>>
FutureIncomingResponse::subscribe(HostCall& /*call*/) {
  return streams::make_pollable(make_pooled<Arrival>(wire_));
}

Result<FutureIncomingResponse::Answer> FutureIncomingResponse::get(HostCall& /*call*/) {
  if (taken_)
    return Answer{std::unexpected{Unit{}}};
  if (!wire_->answered())
    return Answer{};
  taken_ = true;
  const http::ResponseHead* const head = wire_->exchange().response_now();
  if (head == nullptr)
    return Answer{Value{std::unexpected{wire_->failure()}}};
  return Answer{Value{std::make_unique<IncomingResponse>(wire_, head->status)}};
}

} // namespace nacre::wasi_http
