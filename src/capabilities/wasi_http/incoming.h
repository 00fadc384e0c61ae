// SPDX-License-Identifier: Apache-2.0
// The resources of a message that comes in: incoming-request, incoming-response, incoming-body and
// future-trailers. All are views of one Wire.
#pragma once

#include "bindings/wasi_http_p2.h"
#include "capabilities/wasi_http/fields.h"
#include "capabilities/wasi_http/pooled.h"
#include "capabilities/wasi_http/server_wire.h"
#include "capabilities/wasi_http/wire.h"
#include "streams/input_stream.h"

#include <memory>

namespace nacre::wasi_http {

using MaybeBody = std::expected<std::unique_ptr<wasi_http_p2::IncomingBody>, component::Unit>;

class IncomingRequest final : public wasi_http_p2::IncomingRequest, public Pooled<IncomingRequest> {
public:
  explicit IncomingRequest(std::shared_ptr<ServerWire> wire) : wire_(std::move(wire)) {}

  Result<wasi_http_p2::MethodView> method(component::HostCall& call) override;
  Result<std::optional<std::string_view>> path_with_query(component::HostCall& call) override;
  Result<std::optional<wasi_http_p2::SchemeView>> scheme(component::HostCall& call) override;
  Result<std::optional<std::string_view>> authority(component::HostCall& call) override;
  Result<std::unique_ptr<wasi_http_p2::Fields>> headers(component::HostCall& call) override;
  Result<MaybeBody> consume(component::HostCall& call) override;

private:
  std::shared_ptr<ServerWire> wire_;
};

class IncomingResponse final : public wasi_http_p2::IncomingResponse,
                               public Pooled<IncomingResponse> {
public:
  IncomingResponse(std::shared_ptr<Wire> wire, std::uint16_t status)
      : wire_(std::move(wire)), status_(status) {}

  Result<wasi_http_p2::StatusCode> status(component::HostCall& call) override;
  Result<std::unique_ptr<wasi_http_p2::Fields>> headers(component::HostCall& call) override;
  Result<MaybeBody> consume(component::HostCall& call) override;

private:
  std::shared_ptr<Wire> wire_;
  const std::uint16_t status_;
};

class IncomingBody final : public wasi_http_p2::IncomingBody, public Pooled<IncomingBody> {
public:
  explicit IncomingBody(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}

  Result<std::expected<std::unique_ptr<wasi_io_p2::InputStream>, component::Unit>>
  stream(component::HostCall& call) override;

  /// incoming-body.finish, which ends this resource.
  Result<std::unique_ptr<wasi_http_p2::FutureTrailers>> finish();

private:
  std::shared_ptr<Wire> wire_;
};

/// Ready when the body has come to its end. What the guest did not read of it is swallowed, in
/// portions between which the loop goes on.
class TrailersReadiness final : public streams::Readiness,
                                public std::enable_shared_from_this<TrailersReadiness> {
public:
  explicit TrailersReadiness(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}

  bool ready() override;
  void arm() override;
  Signal& signal() override { return wire_->signal(); }
  Wire& wire() { return *wire_; }

private:
  std::shared_ptr<Wire> wire_;
  bool posted_ = false;
};

class FutureTrailers final : public wasi_http_p2::FutureTrailers, public Pooled<FutureTrailers> {
public:
  using Value = std::expected<std::optional<std::unique_ptr<wasi_http_p2::Fields>>, ErrorCode>;
  using Answer = std::optional<std::expected<Value, component::Unit>>;

  explicit FutureTrailers(std::shared_ptr<Wire> wire)
      : state_(std::make_shared<TrailersReadiness>(std::move(wire))) {}

  Result<std::unique_ptr<wasi_io_p2::Pollable>> subscribe(component::HostCall& call) override;
  Result<Answer> get(component::HostCall& call) override;

private:
  std::shared_ptr<TrailersReadiness> state_;
  bool taken_ = false;
};

} // namespace nacre::wasi_http
