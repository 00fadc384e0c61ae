// SPDX-License-Identifier: Apache-2.0
// ClientWire: a request of the guest on its way to another server, and the response that comes
// back.
#pragma once

#include "capabilities/wasi_http/outgoing.h"
#include "capabilities/wasi_http/pooled.h"
#include "capabilities/wasi_http/wire.h"
#include "http/client.h"

#include <memory>

namespace nacre::wasi_http {

/// Lives as long as the guest holds the future or anything of the response; the request's body
/// alone does not keep it: a guest that wants no answer has its request dropped.
class ClientWire final : public Wire {
public:
  ClientWire(std::unique_ptr<http::ClientExchange> exchange, std::shared_ptr<Outgoing> request)
      : exchange_(std::move(exchange)), request_(std::move(request)) {}
  ~ClientWire() override { request_->detach(); }

  http::ClientExchange& exchange() { return *exchange_; }
  /// Whether the response's head is there, or never will be.
  bool answered() const {
    return exchange_->response_now() != nullptr || exchange_->failure() != http::Failure::none;
  }
  ErrorCode failure() const { return code_of(exchange_->failure(), exchange_->error()); }

  std::span<const http::Field> lines() const override;
  http::BodySource* source() override;
  http::BodySink* sink() override { return &exchange_->body(); }
  bool over() const override { return false; }
  ErrorCode source_failure() override;
  ErrorCode sink_failure() override;
  ErrorCode trailers_too_large() const override {
    return ErrorCode::http_response_trailer_section_size(std::nullopt);
  }
  bool sends_no_body() const override { return false; }

private:
  std::unique_ptr<http::ClientExchange> exchange_;
  std::shared_ptr<Outgoing> request_;
};

/// The guest's `future-incoming-response`.
class FutureIncomingResponse final : public wasi_http_p2::FutureIncomingResponse,
                                     public Pooled<FutureIncomingResponse> {
public:
  using Value = std::expected<std::unique_ptr<wasi_http_p2::IncomingResponse>, ErrorCode>;
  using Answer = std::optional<std::expected<Value, component::Unit>>;

  explicit FutureIncomingResponse(std::shared_ptr<ClientWire> wire);

  Result<std::unique_ptr<wasi_io_p2::Pollable>> subscribe(component::HostCall& call) override;
  Result<Answer> get(component::HostCall& call) override;

private:
  class Arrival;
  std::shared_ptr<ClientWire> wire_;
  std::shared_ptr<Arrival> arrival_;
  bool taken_ = false;
};

} // namespace nacre::wasi_http
