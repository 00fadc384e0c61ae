// SPDX-License-Identifier: Apache-2.0
// OutgoingResponse and ResponseOutparam: the guest's answer, and where it puts it.
#pragma once

#include "bindings/wasi_http_p2.h"
#include "capabilities/wasi_http/outgoing.h"
#include "capabilities/wasi_http/pooled.h"
#include "capabilities/wasi_http/server_wire.h"

#include <memory>
#include <utility>

namespace nacre::wasi_http {

class OutgoingResponse final : public wasi_http_p2::OutgoingResponse,
                               public Pooled<OutgoingResponse> {
public:
  /// `lines` as Fields::freeze() gives them.
  explicit OutgoingResponse(std::shared_ptr<const FieldSource> lines)
      : message_(make_pooled<Outgoing>(Outgoing::Kind::response, std::move(lines))) {}
  ~OutgoingResponse() override;

  Result<wasi_http_p2::StatusCode> status_code(component::HostCall& call) override;
  Result<std::expected<void, component::Unit>>
  set_status_code(component::HostCall& call, wasi_http_p2::StatusCode status) override;
  Result<std::unique_ptr<wasi_http_p2::Fields>> headers(component::HostCall& call) override;
  Result<std::expected<std::unique_ptr<wasi_http_p2::OutgoingBody>, component::Unit>>
  body(component::HostCall& call) override;

  /// Hands it to the exchange, which ends this resource.
  void send(ServerWire& wire) { wire.answer(std::exchange(message_, nullptr), status_); }

private:
  std::shared_ptr<Outgoing> message_; // null once sent
  std::uint16_t status_ = 200;
};

class ResponseOutparam final : public wasi_http_p2::ResponseOutparam,
                               public Pooled<ResponseOutparam> {
public:
  explicit ResponseOutparam(std::shared_ptr<ServerWire> wire) : wire_(std::move(wire)) {}

  /// response-outparam.set, which ends this resource.
  void
  set(std::expected<std::unique_ptr<wasi_http_p2::OutgoingResponse>, wasi_http_p2::ErrorCodeView>
          response);

private:
  std::shared_ptr<ServerWire> wire_;
};

} // namespace nacre::wasi_http
