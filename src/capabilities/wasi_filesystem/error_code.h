// SPDX-License-Identifier: Apache-2.0
// Error codes of wasi:filesystem: what each errno is called there, and how a stream's error carries
// one.
#pragma once

#include "bindings/wasi_filesystem_p2.h"
#include "streams/io_error.h"

#include <expected>
#include <memory>
#include <optional>
#include <string_view>

namespace nacre::wasi_filesystem {

using wasi_filesystem_p2::ErrorCode;

/// What a file operation answers.
template <class T = void> using Answer = std::expected<T, ErrorCode>;

/// `io` for what has no name of its own.
ErrorCode from_errno(int error);
/// Of the last system call that failed.
std::unexpected<ErrorCode> last_error();
/// The name as WIT spells it: "no-entry".
std::string_view to_string(ErrorCode code);

/// A stream's error that wasi:filesystem's filesystem-error-code recognises.
class FileError final : public streams::IoError {
public:
  explicit FileError(ErrorCode code);
  ErrorCode code() const { return code_; }

private:
  ErrorCode code_;
};

std::unique_ptr<wasi_io_p2::Error> file_error(ErrorCode code);
/// Nothing for errors of other capabilities.
std::optional<ErrorCode> code_of(const wasi_io_p2::Error& error);

} // namespace nacre::wasi_filesystem
