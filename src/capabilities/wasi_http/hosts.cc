// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_http/hosts.h"

#include "capabilities/wasi_http/client_wire.h"
#include "capabilities/wasi_http/fields.h"
#include "capabilities/wasi_http/http_error.h"
#include "capabilities/wasi_http/incoming.h"
#include "capabilities/wasi_http/outgoing_body.h"
#include "capabilities/wasi_http/outgoing_request.h"
#include "capabilities/wasi_http/outgoing_response.h"

#include <algorithm>
#include <utility>

namespace nacre::wasi_http {

using component::HostCall;

// Every resource of wasi:http that a guest can hold was made here, so that a generated class always
// is ours: the casts below rest on that.

Result<std::unique_ptr<wasi_http_p2::Fields>> TypesHost::make_fields(HostCall& /*call*/) {
  return Fields::empty();
}

Result<std::expected<std::unique_ptr<wasi_http_p2::Fields>, wasi_http_p2::HeaderError>>
TypesHost::fields_from_list(
    HostCall& /*call*/,
    std::span<const std::tuple<std::string_view, std::span<const std::uint8_t>>> entries) {
  return wasi_http::fields_from_list(entries);
}

Result<std::unique_ptr<wasi_http_p2::OutgoingRequest>>
TypesHost::make_outgoing_request(HostCall& /*call*/,
                                 std::unique_ptr<wasi_http_p2::Fields> headers) {
  TRY(auto lines, static_cast<Fields&>(*headers).freeze());
  return std::make_unique<OutgoingRequest>(std::move(lines));
}

Result<std::unique_ptr<wasi_http_p2::RequestOptions>>
TypesHost::make_request_options(HostCall& /*call*/) {
  return std::make_unique<RequestOptions>();
}

Result<> TypesHost::response_outparam_set(
    HostCall& /*call*/, std::unique_ptr<wasi_http_p2::ResponseOutparam> param,
    std::expected<std::unique_ptr<wasi_http_p2::OutgoingResponse>, wasi_http_p2::ErrorCodeView>
        response) {
  static_cast<ResponseOutparam&>(*param).set(std::move(response));
  return {};
}

Result<std::unique_ptr<wasi_http_p2::FutureTrailers>>
TypesHost::incoming_body_finish(HostCall& /*call*/,
                                std::unique_ptr<wasi_http_p2::IncomingBody> body) {
  return static_cast<IncomingBody&>(*body).finish();
}

Result<std::unique_ptr<wasi_http_p2::OutgoingResponse>>
TypesHost::make_outgoing_response(HostCall& /*call*/,
                                  std::unique_ptr<wasi_http_p2::Fields> headers) {
  TRY(auto lines, static_cast<Fields&>(*headers).freeze());
  return std::make_unique<OutgoingResponse>(std::move(lines));
}

Result<std::expected<void, wasi_http_p2::ErrorCode>>
TypesHost::outgoing_body_finish(HostCall& /*call*/,
                                std::unique_ptr<wasi_http_p2::OutgoingBody> body,
                                std::optional<std::unique_ptr<wasi_http_p2::Fields>> trailers) {
  return static_cast<OutgoingBody&>(*body).finish(std::move(trailers));
}

Result<std::optional<wasi_http_p2::ErrorCode>>
TypesHost::http_error_code(HostCall& /*call*/, wasi_io_p2::Error& error) {
  // Errors come from many capabilities.
  const auto* const ours = dynamic_cast<const HttpError*>(&error);
  return ours != nullptr ? std::optional{ours->code()} : std::nullopt;
}

Duration timeout_of(std::optional<std::uint64_t> wish, Duration usual, Duration longest) {
  if (!wish)
    return std::min(usual, longest);
  const auto most = std::chrono::duration_cast<std::chrono::nanoseconds>(longest).count();
  const std::uint64_t nanos =
      std::clamp<std::uint64_t>(*wish, 1, static_cast<std::uint64_t>(std::max<long>(most, 1)));
  return std::chrono::nanoseconds(static_cast<std::int64_t>(nanos));
}

Result<
    std::expected<std::unique_ptr<wasi_http_p2::FutureIncomingResponse>, wasi_http_p2::ErrorCode>>
OutgoingHandlerHost::handle(HostCall& /*call*/,
                            std::unique_ptr<wasi_http_p2::OutgoingRequest> request,
                            std::optional<std::unique_ptr<wasi_http_p2::RequestOptions>> options) {
  using Handled =
      std::expected<std::unique_ptr<wasi_http_p2::FutureIncomingResponse>, wasi_http_p2::ErrorCode>;
  auto& made = static_cast<OutgoingRequest&>(*request);
  const auto head = made.head();
  if (!head)
    return Handled{std::unexpected{head.error()}};

  RequestOptions none;
  const auto& wish = options ? static_cast<const RequestOptions&>(**options) : none;
  http::Timeouts timeouts;
  timeouts.connect = timeout_of(wish.connect, timeouts_.connect, timeouts_.longest);
  timeouts.first_byte = timeout_of(wish.first_byte, timeouts_.first_byte, timeouts_.longest);
  timeouts.between_bytes =
      timeout_of(wish.between_bytes, timeouts_.between_bytes, timeouts_.longest);

  auto message = made.take_message();
  auto wire = make_pooled<ClientWire>(client_.request(*head, timeouts), message);
  message->attach(*wire);
  // What can be told at once (a host that is not allowed) needs no future.
  if (wire->exchange().response_now() == nullptr && wire->answered())
    return Handled{std::unexpected{wire->failure()}};
  return Handled{std::make_unique<FutureIncomingResponse>(std::move(wire))};
}

} // namespace nacre::wasi_http
