// SPDX-License-Identifier: Apache-2.0
// IoError: what went wrong on a stream, as the guest's `error` resource; and how stream errors are
// made.
#pragma once

#include "base/error.h"
#include "bindings/wasi_io_p2.h"

#include <expected>
#include <memory>
#include <string>
#include <utility>

namespace nacre::streams {

/// The base of every `wasi:io/error` we make. A capability that can say more (an error code of its
/// own) derives from it and finds its kind again with dynamic_cast. The message is for the guest:
/// nothing about the host goes into it.
class IoError : public wasi_io_p2::Error {
public:
  explicit IoError(nacre::Error cause) : cause_(std::move(cause)) {}

  Result<std::string> to_debug_string(component::HostCall& call) override;
  const nacre::Error& cause() const { return cause_; }

private:
  nacre::Error cause_;
};

/// What an operation on a stream answers, below the guest's trap.
template <class T = void> using Outcome = std::expected<T, wasi_io_p2::StreamError>;

/// stream-error::closed and stream-error::last-operation-failed, ready to return as an Outcome.
std::unexpected<wasi_io_p2::StreamError> closed();
std::unexpected<wasi_io_p2::StreamError> failed(nacre::Error cause);
std::unexpected<wasi_io_p2::StreamError> failed(std::unique_ptr<wasi_io_p2::Error> error);

} // namespace nacre::streams
