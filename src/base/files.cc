// SPDX-License-Identifier: Apache-2.0
#include "base/files.h"

#include "base/unique_fd.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <utility>

namespace nacre {
namespace {

Error failed(const char* what, const std::string& path) {
  const int number = errno;
  const Code code = number == ENOENT                       ? Code::not_found
                    : number == EACCES || number == EPERM  ? Code::denied
                    : number == ENOSPC || number == EDQUOT ? Code::exhausted
                                                           : Code::unavailable;
  return {code, fmt::format("cannot {} {}: {}", what, path, std::strerror(number))};
}

Result<std::size_t> size_of(const UniqueFd& file, const std::string& path) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0)
    return failed("read", path);
  if (S_ISDIR(status.st_mode))
    return Error{Code::invalid, fmt::format("{} is a directory", path)};
  return static_cast<std::size_t>(status.st_size);
}

template <class Buffer> Result<Buffer> read_all(const std::string& path, std::size_t limit) {
  const UniqueFd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file)
    return failed("open", path);
  TRY(std::size_t size, size_of(file, path));
  Buffer buffer;
  std::size_t done = 0;
  // Pipes and the like have no size: read until the end whatever fstat said.
  for (buffer.resize(size + 1);;) {
    const ssize_t got = ::read(file.get(), buffer.data() + done, buffer.size() - done);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return failed("read", path);
    if (got == 0)
      break;
    done += static_cast<std::size_t>(got);
    if (done > limit)
      return Error{Code::exhausted, fmt::format("{} is larger than {} bytes", path, limit)};
    if (done == buffer.size())
      buffer.resize(buffer.size() * 2);
  }
  buffer.resize(done);
  return buffer;
}

} // namespace

Result<std::vector<std::byte>> read_file(const std::string& path, std::size_t limit) {
  return read_all<std::vector<std::byte>>(path, limit);
}

Result<std::string> read_text_file(const std::string& path, std::size_t limit) {
  return read_all<std::string>(path, limit);
}

Result<> write_file(const std::string& path, std::span<const std::byte> bytes) {
  const UniqueFd file{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
  if (!file)
    return failed("create", path);
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t wrote = ::write(file.get(), bytes.data() + done, bytes.size() - done);
    if (wrote < 0 && errno == EINTR)
      continue;
    if (wrote < 0)
      return failed("write", path);
    done += static_cast<std::size_t>(wrote);
  }
  if (::fsync(file.get()) != 0)
    return failed("write", path);
  return {};
}

Result<MappedFile> MappedFile::open(const std::string& path) {
  const UniqueFd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file)
    return failed("open", path);
  TRY(std::size_t size, size_of(file, path));
  if (size == 0)
    return MappedFile{{}};
  void* start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (start == MAP_FAILED)
    return failed("map", path);
  return MappedFile{{static_cast<const std::byte*>(start), size}};
}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedFile::~MappedFile() {
  if (!bytes_.empty())
    ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

} // namespace nacre
