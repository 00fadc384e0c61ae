// SPDX-License-Identifier: Apache-2.0
// What went wrong with a message, in the words of wasi:http: from our errors to error-codes and
// from error-codes to statuses.
#pragma once

#include "base/error.h"
#include "bindings/wasi_http_p2.h"
#include "http/client.h"

#include <cstdint>
#include <string>

namespace nacre::wasi_http {

using wasi_http_p2::ErrorCode;

/// An outgoing request failed.
ErrorCode code_of(http::Failure failure, const Error& error);

/// A client of ours sent a body that broke off, broke the rules or a limit.
ErrorCode code_of_request_body(const Error& error);

/// A response could not be brought to a client of ours.
ErrorCode code_of_response_body(const Error& error);

/// What a client hears when a guest answers with this (RFC 9209 2.3).
std::uint16_t status_of(const ErrorCode& code);

/// "connection-refused", "internal-error: the queue is full": for logs and debug strings.
std::string to_string(const ErrorCode& code);

} // namespace nacre::wasi_http
