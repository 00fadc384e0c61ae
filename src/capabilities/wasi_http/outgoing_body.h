// SPDX-License-Identifier: Apache-2.0
// OutgoingBody: the guest's `outgoing-body` resource; finished by a function, or broken when
// dropped.
#pragma once

#include "bindings/wasi_http_p2.h"
#include "capabilities/wasi_http/outgoing.h"
#include "capabilities/wasi_http/pooled.h"

#include <memory>

namespace nacre::wasi_http {

class OutgoingBody final : public wasi_http_p2::OutgoingBody, public Pooled<OutgoingBody> {
public:
  explicit OutgoingBody(std::shared_ptr<Outgoing> message) : message_(std::move(message)) {}
  /// Breaks the message unless it was finished.
  ~OutgoingBody() override;

  Result<std::expected<std::unique_ptr<wasi_io_p2::OutputStream>, component::Unit>>
  write(component::HostCall& call) override;

  /// outgoing-body.finish, which ends this resource.
  Result<std::expected<void, ErrorCode>>
  finish(std::optional<std::unique_ptr<wasi_http_p2::Fields>> trailers);

private:
  std::shared_ptr<Outgoing> message_;
};

/// The body of a request or response, once.
std::expected<std::unique_ptr<wasi_http_p2::OutgoingBody>, component::Unit>
take_body(const std::shared_ptr<Outgoing>& message);

} // namespace nacre::wasi_http
