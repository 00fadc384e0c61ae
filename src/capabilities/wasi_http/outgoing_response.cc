// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_http/outgoing_response.h"

#include "capabilities/wasi_http/fields.h"
#include "capabilities/wasi_http/outgoing_body.h"

namespace nacre::wasi_http {

using component::HostCall;
using component::Unit;
using wasi_http_p2::ErrorCodeView;

namespace {

// A guest's words that we keep beyond the call.
constexpr std::size_t kMostText = 1024;

void shorten(std::optional<std::string_view>& text) {
  if (text)
    text = text->substr(0, kMostText);
}
void shorten(wasi_http_p2::DnsErrorPayloadView& payload) {
  shorten(payload.rcode);
}
void shorten(wasi_http_p2::TlsAlertReceivedPayloadView& payload) {
  shorten(payload.alert_message);
}
void shorten(wasi_http_p2::FieldSizePayloadView& payload) {
  shorten(payload.field_name);
}
void shorten(std::optional<wasi_http_p2::FieldSizePayloadView>& payload) {
  if (payload)
    shorten(*payload);
}
template <class T> void shorten(T& /*number_or_nothing*/) {}

} // namespace

OutgoingResponse::~OutgoingResponse() {
  if (message_)
    message_->abandon(ErrorCode::internal_error("the response was dropped before it was sent"));
}

Result<wasi_http_p2::StatusCode> OutgoingResponse::status_code(HostCall& /*call*/) {
  return status_;
}

Result<std::expected<void, Unit>>
OutgoingResponse::set_status_code(HostCall& /*call*/, wasi_http_p2::StatusCode status) {
  using Set = std::expected<void, Unit>;
  if (status < 100 || status > 999)
    return Set{std::unexpected{Unit{}}};
  status_ = status;
  return Set{};
}

Result<std::unique_ptr<wasi_http_p2::Fields>> OutgoingResponse::headers(HostCall& /*call*/) {
  return std::make_unique<Fields>(message_->lines());
}

Result<std::expected<std::unique_ptr<wasi_http_p2::OutgoingBody>, Unit>>
OutgoingResponse::body(HostCall& /*call*/) {
  return take_body(message_);
}

void ResponseOutparam::set(
    std::expected<std::unique_ptr<wasi_http_p2::OutgoingResponse>, ErrorCodeView> response) {
  if (response) {
    static_cast<OutgoingResponse&>(**response).send(*wire_);
    return;
  }
  std::visit([](auto& payload) { shorten(payload); }, response.error().value);
  wire_->answer(wasi_http_p2::to_owned(response.error()));
}

} // namespace nacre::wasi_http
