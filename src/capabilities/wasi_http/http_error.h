// SPDX-License-Identifier: Apache-2.0
// HttpError: the `error` of a body's stream, which http-error-code turns back into an error-code.
#pragma once

#include "capabilities/wasi_http/error_code.h"
#include "streams/io_error.h"

#include <utility>

namespace nacre::wasi_http {

class HttpError final : public streams::IoError {
public:
  explicit HttpError(ErrorCode code)
      : IoError(nacre::Error{Code::unavailable, to_string(code)}), code_(std::move(code)) {}

  const ErrorCode& code() const { return code_; }

private:
  ErrorCode code_;
};

/// stream-error::last-operation-failed with an HttpError.
std::unexpected<wasi_io_p2::StreamError> stream_failure(ErrorCode code);

} // namespace nacre::wasi_http
