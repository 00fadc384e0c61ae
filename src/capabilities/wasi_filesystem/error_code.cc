// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_filesystem/error_code.h"

#include <array>
#include <cerrno>
#include <string>

namespace nacre::wasi_filesystem {
namespace {

struct Row {
  ErrorCode code;
  std::string_view name;
  int error;
};

/// In the order of the enum; the errno that POSIX gives the same name.
constexpr std::array kRows{
    Row{ErrorCode::access, "access", EACCES},
    Row{ErrorCode::would_block, "would-block", EAGAIN},
    Row{ErrorCode::already, "already", EALREADY},
    Row{ErrorCode::bad_descriptor, "bad-descriptor", EBADF},
    Row{ErrorCode::busy, "busy", EBUSY},
    Row{ErrorCode::deadlock, "deadlock", EDEADLK},
    Row{ErrorCode::quota, "quota", EDQUOT},
    Row{ErrorCode::exist, "exist", EEXIST},
    Row{ErrorCode::file_too_large, "file-too-large", EFBIG},
    Row{ErrorCode::illegal_byte_sequence, "illegal-byte-sequence", EILSEQ},
    Row{ErrorCode::in_progress, "in-progress", EINPROGRESS},
    Row{ErrorCode::interrupted, "interrupted", EINTR},
    Row{ErrorCode::invalid, "invalid", EINVAL},
    Row{ErrorCode::io, "io", EIO},
    Row{ErrorCode::is_directory, "is-directory", EISDIR},
    Row{ErrorCode::loop, "loop", ELOOP},
    Row{ErrorCode::too_many_links, "too-many-links", EMLINK},
    Row{ErrorCode::message_size, "message-size", EMSGSIZE},
    Row{ErrorCode::name_too_long, "name-too-long", ENAMETOOLONG},
    Row{ErrorCode::no_device, "no-device", ENODEV},
    Row{ErrorCode::no_entry, "no-entry", ENOENT},
    Row{ErrorCode::no_lock, "no-lock", ENOLCK},
    Row{ErrorCode::insufficient_memory, "insufficient-memory", ENOMEM},
    Row{ErrorCode::insufficient_space, "insufficient-space", ENOSPC},
    Row{ErrorCode::not_directory, "not-directory", ENOTDIR},
    Row{ErrorCode::not_empty, "not-empty", ENOTEMPTY},
    Row{ErrorCode::not_recoverable, "not-recoverable", ENOTRECOVERABLE},
    Row{ErrorCode::unsupported, "unsupported", ENOTSUP},
    Row{ErrorCode::no_tty, "no-tty", ENOTTY},
    Row{ErrorCode::no_such_device, "no-such-device", ENXIO},
    Row{ErrorCode::overflow, "overflow", EOVERFLOW},
    Row{ErrorCode::not_permitted, "not-permitted", EPERM},
    Row{ErrorCode::pipe, "pipe", EPIPE},
    Row{ErrorCode::read_only, "read-only", EROFS},
    Row{ErrorCode::invalid_seek, "invalid-seek", ESPIPE},
    Row{ErrorCode::text_file_busy, "text-file-busy", ETXTBSY},
    Row{ErrorCode::cross_device, "cross-device", EXDEV},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].code) != i)
      return false;
  }
  return true;
}
static_assert(in_order());

} // namespace

ErrorCode from_errno(int error) {
  for (const Row& row : kRows) {
    if (row.error == error)
      return row.code;
  }
  switch (error) {
  case ENOSYS:
    return ErrorCode::unsupported;
  case EMFILE: // out of descriptors: the nearest word is "no room"
  case ENFILE:
    return ErrorCode::insufficient_memory;
  case ENODATA:
  case ESTALE:
    return ErrorCode::no_entry;
  default:
    return ErrorCode::io;
  }
}

std::unexpected<ErrorCode> last_error() {
  return std::unexpected{from_errno(errno)};
}

std::string_view to_string(ErrorCode code) {
  return kRows.at(static_cast<std::size_t>(code)).name;
}

FileError::FileError(ErrorCode code)
    : IoError(nacre::Error{Code::unavailable, "file: " + std::string{to_string(code)}}),
      code_(code) {}

std::unique_ptr<wasi_io_p2::Error> file_error(ErrorCode code) {
  return std::make_unique<FileError>(code);
}

std::optional<ErrorCode> code_of(const wasi_io_p2::Error& error) {
  if (const auto* file = dynamic_cast<const FileError*>(&error))
    return file->code();
  return std::nullopt;
}

} // namespace nacre::wasi_filesystem
