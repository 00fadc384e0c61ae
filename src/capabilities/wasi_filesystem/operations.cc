// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_filesystem/operations.h"

#include "capabilities/wasi_filesystem/metadata.h"

#include <cerrno>
#include <fcntl.h>
#include <limits>
#include <sys/uio.h>
#include <unistd.h>

namespace nacre::wasi_filesystem {
namespace {

constexpr std::uint64_t kMostOffset = std::numeric_limits<off_t>::max();

Answer<> answer(int result) {
  return result == 0 ? Answer<>{} : last_error();
}

Answer<timespec> to_timespec(const NewTimestamp& given) {
  if (given.is(NewTimestamp::Case::no_change))
    return timespec{0, UTIME_OMIT};
  if (given.is(NewTimestamp::Case::now))
    return timespec{0, UTIME_NOW};
  const wasi_clocks_p2::Datetime& at = *given.if_timestamp();
  if (at.nanoseconds >= 1'000'000'000) // UTIME_NOW and UTIME_OMIT lie there too
    return std::unexpected{ErrorCode::invalid};
  if (at.seconds > static_cast<std::uint64_t>(std::numeric_limits<time_t>::max()))
    return std::unexpected{ErrorCode::overflow};
  return timespec{static_cast<time_t>(at.seconds), static_cast<long>(at.nanoseconds)};
}

template <class Once> Answer<std::size_t> all_of(std::span<const std::byte> bytes, Once once) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t written = once(bytes.subspan(done), done);
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return done > 0 ? Answer<std::size_t>{done} : last_error();
    if (written == 0)
      break;
    done += static_cast<std::size_t>(written);
  }
  return done;
}

int system_flags(const OpenRequest& request) {
  struct Row {
    bool wanted;
    int flag;
  };
  const bool read = request.flags.has(DescriptorFlags::kRead);
  const bool write = request.flags.has(DescriptorFlags::kWrite);
  int flags = write ? (read ? O_RDWR : O_WRONLY) : O_RDONLY;
  // A pipe or a terminal must not hold up the opener, nor become ours.
  flags |= O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  for (const Row& row :
       {Row{request.open.has(OpenFlags::kCreate), O_CREAT},
        Row{request.open.has(OpenFlags::kExclusive), O_EXCL},
        Row{request.open.has(OpenFlags::kTruncate), O_TRUNC},
        Row{request.open.has(OpenFlags::kDirectory), O_DIRECTORY}, Row{!request.follow, O_NOFOLLOW},
        Row{request.flags.has(DescriptorFlags::kFileIntegritySync), O_SYNC},
        Row{request.flags.has(DescriptorFlags::kDataIntegritySync), O_DSYNC},
        Row{request.flags.has(DescriptorFlags::kRequestedWriteSync), O_RSYNC}})
    flags |= row.wanted ? row.flag : 0;
  // O_EXCL means something to the kernel only together with O_CREAT.
  return (flags & O_CREAT) != 0 ? flags : flags & ~O_EXCL;
}

} // namespace

Answer<NewTimes> new_times(const NewTimestamp& access, const NewTimestamp& modification) {
  const Answer<timespec> first = to_timespec(access);
  const Answer<timespec> second = to_timespec(modification);
  if (!first || !second)
    return std::unexpected{(first ? second : first).error()};
  return NewTimes{*first, *second};
}

Answer<> check_open(const Node& directory, const OpenRequest& request) {
  const bool write = request.flags.has(DescriptorFlags::kWrite);
  const bool create = request.open.has(OpenFlags::kCreate);
  const bool truncate = request.open.has(OpenFlags::kTruncate);
  const bool change =
      write || create || truncate || request.flags.has(DescriptorFlags::kMutateDirectory);
  if (change && !directory.rights().change)
    return std::unexpected{ErrorCode::read_only};
  // The kernel would truncate for a reader too.
  if (truncate && !write)
    return std::unexpected{ErrorCode::invalid};
  if (request.open.has(OpenFlags::kDirectory) && (create || truncate))
    return std::unexpected{ErrorCode::invalid};
  return {};
}

Answer<NodePtr> open_node(const Node& directory, const OpenRequest& request, Reach reach) {
  Answer<UniqueFd> fd = open_beneath(directory.resolver(), directory.fd(), request.path,
                                     system_flags(request), 0666, reach);
  if (!fd)
    return std::unexpected{fd.error()};
  constexpr DescriptorFlags kSync = DescriptorFlags::kFileIntegritySync |
                                    DescriptorFlags::kDataIntegritySync |
                                    DescriptorFlags::kRequestedWriteSync;
  const Rights rights{.read = request.flags.has(DescriptorFlags::kRead),
                      .write = request.flags.has(DescriptorFlags::kWrite),
                      .change = directory.rights().change};
  return Node::make(std::move(*fd), rights, request.flags & kSync, directory.resolver());
}

Answer<std::size_t> read_at(const Node& file, std::span<std::byte> into, std::uint64_t offset) {
  if (offset > kMostOffset)
    return std::unexpected{ErrorCode::invalid};
  for (;;) {
    const ssize_t got = ::pread(file.fd(), into.data(), into.size(), static_cast<off_t>(offset));
    if (got >= 0)
      return static_cast<std::size_t>(got);
    if (errno != EINTR)
      return last_error();
  }
}

Answer<std::size_t> write_at(const Node& file, std::span<const std::byte> bytes,
                             std::uint64_t offset) {
  if (offset > kMostOffset - bytes.size())
    return std::unexpected{ErrorCode::file_too_large};
  return all_of(bytes, [&](std::span<const std::byte> rest, std::size_t done) {
    return ::pwrite(file.fd(), rest.data(), rest.size(), static_cast<off_t>(offset + done));
  });
}

Answer<std::size_t> append(const Node& file, std::span<const std::byte> bytes) {
  return all_of(bytes, [&](std::span<const std::byte> rest, std::size_t /*done*/) {
    const iovec part{const_cast<std::byte*>(rest.data()), rest.size()};
    return ::pwritev2(file.fd(), &part, 1, 0, RWF_APPEND);
  });
}

Answer<> advise(const Node& file, std::uint64_t offset, std::uint64_t length, Advice advice) {
  constexpr std::array kAdvice{POSIX_FADV_NORMAL,   POSIX_FADV_SEQUENTIAL, POSIX_FADV_RANDOM,
                               POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED,   POSIX_FADV_NOREUSE};
  if (offset > kMostOffset || length > kMostOffset)
    return std::unexpected{ErrorCode::invalid};
  const int error =
      ::posix_fadvise(file.fd(), static_cast<off_t>(offset), static_cast<off_t>(length),
                      kAdvice.at(static_cast<std::size_t>(advice)));
  return error == 0 ? Answer<>{} : std::unexpected{from_errno(error)};
}

Answer<> set_size(const Node& file, std::uint64_t size) {
  if (size > kMostOffset)
    return std::unexpected{ErrorCode::file_too_large};
  return answer(::ftruncate(file.fd(), static_cast<off_t>(size)));
}

Answer<> set_times(const Node& node, const NewTimes& times) {
  const timespec both[] = {times.access, times.modification};
  return answer(::futimens(node.fd(), both));
}

Answer<> sync(const Node& node, bool data_only) {
  return answer(data_only ? ::fdatasync(node.fd()) : ::fsync(node.fd()));
}

Answer<DescriptorStat> stat(const Node& node) {
  struct stat info{};
  if (::fstat(node.fd(), &info) != 0)
    return last_error();
  return to_descriptor_stat(info);
}

Answer<MetadataHashValue> metadata_hash(const Node& node) {
  struct stat info{};
  if (::fstat(node.fd(), &info) != 0)
    return last_error();
  return hash_of(info);
}

} // namespace nacre::wasi_filesystem
