// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_filesystem/error_code.h"
#include "streams/testing/fake_call.h"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>

namespace nacre::wasi_filesystem {
namespace {

struct Row {
  int error;
  ErrorCode code;
  std::string_view name;
};

constexpr std::array kTable{
    Row{EACCES, ErrorCode::access, "access"},
    Row{EAGAIN, ErrorCode::would_block, "would-block"},
    Row{EWOULDBLOCK, ErrorCode::would_block, "would-block"},
    Row{EALREADY, ErrorCode::already, "already"},
    Row{EBADF, ErrorCode::bad_descriptor, "bad-descriptor"},
    Row{EBUSY, ErrorCode::busy, "busy"},
    Row{EDEADLK, ErrorCode::deadlock, "deadlock"},
    Row{EDQUOT, ErrorCode::quota, "quota"},
    Row{EEXIST, ErrorCode::exist, "exist"},
    Row{EFBIG, ErrorCode::file_too_large, "file-too-large"},
    Row{EILSEQ, ErrorCode::illegal_byte_sequence, "illegal-byte-sequence"},
    Row{EINPROGRESS, ErrorCode::in_progress, "in-progress"},
    Row{EINTR, ErrorCode::interrupted, "interrupted"},
    Row{EINVAL, ErrorCode::invalid, "invalid"},
    Row{EIO, ErrorCode::io, "io"},
    Row{EISDIR, ErrorCode::is_directory, "is-directory"},
    Row{ELOOP, ErrorCode::loop, "loop"},
    Row{EMLINK, ErrorCode::too_many_links, "too-many-links"},
    Row{EMSGSIZE, ErrorCode::message_size, "message-size"},
    Row{ENAMETOOLONG, ErrorCode::name_too_long, "name-too-long"},
    Row{ENODEV, ErrorCode::no_device, "no-device"},
    Row{ENOENT, ErrorCode::no_entry, "no-entry"},
    Row{ENOLCK, ErrorCode::no_lock, "no-lock"},
    Row{ENOMEM, ErrorCode::insufficient_memory, "insufficient-memory"},
    Row{ENOSPC, ErrorCode::insufficient_space, "insufficient-space"},
    Row{ENOTDIR, ErrorCode::not_directory, "not-directory"},
    Row{ENOTEMPTY, ErrorCode::not_empty, "not-empty"},
    Row{ENOTRECOVERABLE, ErrorCode::not_recoverable, "not-recoverable"},
    Row{ENOTSUP, ErrorCode::unsupported, "unsupported"},
    Row{ENOSYS, ErrorCode::unsupported, "unsupported"},
    Row{ENOTTY, ErrorCode::no_tty, "no-tty"},
    Row{ENXIO, ErrorCode::no_such_device, "no-such-device"},
    Row{EOVERFLOW, ErrorCode::overflow, "overflow"},
    Row{EPERM, ErrorCode::not_permitted, "not-permitted"},
    Row{EPIPE, ErrorCode::pipe, "pipe"},
    Row{EROFS, ErrorCode::read_only, "read-only"},
    Row{ESPIPE, ErrorCode::invalid_seek, "invalid-seek"},
    Row{ETXTBSY, ErrorCode::text_file_busy, "text-file-busy"},
    Row{EXDEV, ErrorCode::cross_device, "cross-device"},
    Row{EMFILE, ErrorCode::insufficient_memory, "insufficient-memory"},
    Row{ENFILE, ErrorCode::insufficient_memory, "insufficient-memory"},
    Row{ESTALE, ErrorCode::no_entry, "no-entry"},
};

TEST(ErrorCodes, EachErrnoHasItsCodeAndName) {
  for (const Row& row : kTable) {
    EXPECT_EQ(from_errno(row.error), row.code) << row.error;
    EXPECT_EQ(to_string(from_errno(row.error)), row.name) << row.error;
  }
}

TEST(ErrorCodes, EveryErrnoOfTheSystemHasSome) {
  for (int error = 1; error < 200; ++error)
    EXPECT_FALSE(to_string(from_errno(error)).empty()) << error;
  EXPECT_EQ(from_errno(EKEYREJECTED), ErrorCode::io);
  EXPECT_EQ(from_errno(-1), ErrorCode::io);
}

TEST(ErrorCodes, OnlyOurStreamErrorsCarryOne) {
  streams::testing::FakeCall call;
  const auto file = file_error(ErrorCode::insufficient_space);
  EXPECT_EQ(code_of(*file), ErrorCode::insufficient_space);
  EXPECT_EQ(file->to_debug_string(*call).value(), "file: insufficient-space");
  streams::IoError other{Error{Code::internal, "else"}};
  EXPECT_EQ(code_of(other), std::nullopt);
}

} // namespace
} // namespace nacre::wasi_filesystem
