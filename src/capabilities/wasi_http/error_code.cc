// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_http/error_code.h"

#include <array>
#include <string_view>

namespace nacre::wasi_http {
namespace {

struct Row {
  std::string_view name;
  std::uint16_t status;
};

// In the order of the WIT's cases.
constexpr std::array<Row, 39> kRows{{
    {"DNS-timeout", 504},
    {"DNS-error", 502},
    {"destination-not-found", 500},
    {"destination-unavailable", 503},
    {"destination-IP-prohibited", 502},
    {"destination-IP-unroutable", 502},
    {"connection-refused", 502},
    {"connection-terminated", 502},
    {"connection-timeout", 504},
    {"connection-read-timeout", 504},
    {"connection-write-timeout", 504},
    {"connection-limit-reached", 503},
    {"TLS-protocol-error", 502},
    {"TLS-certificate-error", 502},
    {"TLS-alert-received", 502},
    {"HTTP-request-denied", 403},
    {"HTTP-request-length-required", 411},
    {"HTTP-request-body-size", 413},
    {"HTTP-request-method-invalid", 405},
    {"HTTP-request-URI-invalid", 400},
    {"HTTP-request-URI-too-long", 414},
    {"HTTP-request-header-section-size", 431},
    {"HTTP-request-header-size", 431},
    {"HTTP-request-trailer-section-size", 431},
    {"HTTP-request-trailer-size", 431},
    {"HTTP-response-incomplete", 502},
    {"HTTP-response-header-section-size", 502},
    {"HTTP-response-header-size", 502},
    {"HTTP-response-body-size", 502},
    {"HTTP-response-trailer-section-size", 502},
    {"HTTP-response-trailer-size", 502},
    {"HTTP-response-transfer-coding", 502},
    {"HTTP-response-content-coding", 502},
    {"HTTP-response-timeout", 504},
    {"HTTP-upgrade-failed", 502},
    {"HTTP-protocol-error", 502},
    {"loop-detected", 502},
    {"configuration-error", 500},
    {"internal-error", 500},
}};
static_assert(kRows.size() == std::variant_size_v<ErrorCode::Payload>);

const Row& row_of(const ErrorCode& code) {
  return kRows[static_cast<std::size_t>(code.case_())];
}

} // namespace

ErrorCode code_of(http::Failure failure, const Error& error) {
  using http::Failure;
  switch (failure) {
  case Failure::bad_request:
    return ErrorCode::http_request_uri_invalid();
  case Failure::denied:
    return ErrorCode::http_request_denied();
  case Failure::dns_failed:
    return ErrorCode::dns_error({});
  case Failure::dns_timeout:
    return ErrorCode::dns_timeout();
  case Failure::refused:
    return ErrorCode::connection_refused();
  case Failure::unreachable:
    return ErrorCode::destination_ip_unroutable();
  case Failure::connect_timeout:
    return ErrorCode::connection_timeout();
  case Failure::tls_certificate:
    return ErrorCode::tls_certificate_error();
  case Failure::tls_failed:
    return ErrorCode::tls_protocol_error();
  case Failure::first_byte_timeout:
  case Failure::between_bytes_timeout:
    return ErrorCode::connection_read_timeout();
  case Failure::connection_closed:
  case Failure::cancelled:
    return ErrorCode::connection_terminated();
  case Failure::response_incomplete:
    return ErrorCode::http_response_incomplete();
  case Failure::head_too_large:
    return ErrorCode::http_response_header_section_size(std::nullopt);
  case Failure::protocol:
    return ErrorCode::http_protocol_error();
  case Failure::pool_exhausted:
    return ErrorCode::connection_limit_reached();
  case Failure::body_mismatch:
    return ErrorCode::http_request_body_size(std::nullopt);
  case Failure::none:
    break;
  }
  return ErrorCode::internal_error(error.message());
}

ErrorCode code_of_request_body(const Error& error) {
  switch (error.code()) {
  case Code::timeout:
    return ErrorCode::connection_read_timeout();
  case Code::invalid:
    return ErrorCode::http_protocol_error();
  case Code::exhausted:
    return ErrorCode::http_request_body_size(std::nullopt);
  case Code::cancelled:
  case Code::unavailable:
    return ErrorCode::connection_terminated();
  default:
    return ErrorCode::internal_error(error.message());
  }
}

ErrorCode code_of_response_body(const Error& error) {
  switch (error.code()) {
  case Code::timeout:
    return ErrorCode::connection_write_timeout();
  case Code::invalid:
    return ErrorCode::http_response_body_size(std::nullopt);
  case Code::cancelled:
  case Code::unavailable:
    return ErrorCode::connection_terminated();
  default:
    return ErrorCode::internal_error(error.message());
  }
}

std::uint16_t status_of(const ErrorCode& code) {
  return row_of(code).status;
}

std::string to_string(const ErrorCode& code) {
  std::string text{row_of(code).name};
  if (const auto* what = code.if_internal_error(); what != nullptr && what->has_value())
    text += ": " + **what;
  return text;
}

} // namespace nacre::wasi_http
