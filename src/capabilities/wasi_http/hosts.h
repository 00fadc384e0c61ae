// SPDX-License-Identifier: Apache-2.0
// TypesHost and OutgoingHandlerHost: the functions of wasi:http that are no methods.
#pragma once

#include "bindings/wasi_http_p2.h"
#include "capabilities/wasi_http/wasi_http.h"
#include "http/client.h"

namespace nacre::wasi_http {

/// Stateless.
class TypesHost final : public wasi_http_p2::TypesHost {
public:
  Result<std::unique_ptr<wasi_http_p2::Fields>> make_fields(component::HostCall& call) override;
  Result<std::expected<std::unique_ptr<wasi_http_p2::Fields>, wasi_http_p2::HeaderError>>
  fields_from_list(component::HostCall& call,
                   std::span<const std::tuple<std::string_view, std::span<const std::uint8_t>>>
                       entries) override;
  Result<std::unique_ptr<wasi_http_p2::OutgoingRequest>>
  make_outgoing_request(component::HostCall& call,
                        std::unique_ptr<wasi_http_p2::Fields> headers) override;
  Result<std::unique_ptr<wasi_http_p2::RequestOptions>>
  make_request_options(component::HostCall& call) override;
  Result<> response_outparam_set(
      component::HostCall& call, std::unique_ptr<wasi_http_p2::ResponseOutparam> param,
      std::expected<std::unique_ptr<wasi_http_p2::OutgoingResponse>, wasi_http_p2::ErrorCodeView>
          response) override;
  Result<std::unique_ptr<wasi_http_p2::FutureTrailers>>
  incoming_body_finish(component::HostCall& call,
                       std::unique_ptr<wasi_http_p2::IncomingBody> body) override;
  Result<std::unique_ptr<wasi_http_p2::OutgoingResponse>>
  make_outgoing_response(component::HostCall& call,
                         std::unique_ptr<wasi_http_p2::Fields> headers) override;
  Result<std::expected<void, wasi_http_p2::ErrorCode>>
  outgoing_body_finish(component::HostCall& call, std::unique_ptr<wasi_http_p2::OutgoingBody> body,
                       std::optional<std::unique_ptr<wasi_http_p2::Fields>> trailers) override;
  Result<std::optional<wasi_http_p2::ErrorCode>> http_error_code(component::HostCall& call,
                                                                 wasi_io_p2::Error& error) override;
};

class OutgoingHandlerHost final : public wasi_http_p2::OutgoingHandlerHost {
public:
  /// Borrows the client, which outlives every guest.
  OutgoingHandlerHost(http::Client& client, const TimeoutSettings& timeouts)
      : client_(client), timeouts_(timeouts) {}

  Result<
      std::expected<std::unique_ptr<wasi_http_p2::FutureIncomingResponse>, wasi_http_p2::ErrorCode>>
  handle(component::HostCall& call, std::unique_ptr<wasi_http_p2::OutgoingRequest> request,
         std::optional<std::unique_ptr<wasi_http_p2::RequestOptions>> options) override;

private:
  http::Client& client_;
  const TimeoutSettings timeouts_;
};

/// What a guest's wish in nanoseconds comes to: the default without one, the longest at most, and
/// never zero, which the client takes for "no limit".
Duration timeout_of(std::optional<std::uint64_t> wish, Duration usual, Duration longest);

} // namespace nacre::wasi_http
