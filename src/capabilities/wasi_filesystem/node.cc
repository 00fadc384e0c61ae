// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_filesystem/node.h"

#include <cerrno>
#include <limits>
#include <sys/uio.h>

namespace nacre::wasi_filesystem {

DescriptorType type_of(mode_t mode) {
  switch (mode & S_IFMT) {
  case S_IFBLK:
    return DescriptorType::block_device;
  case S_IFCHR:
    return DescriptorType::character_device;
  case S_IFDIR:
    return DescriptorType::directory;
  case S_IFIFO:
    return DescriptorType::fifo;
  case S_IFLNK:
    return DescriptorType::symbolic_link;
  case S_IFREG:
    return DescriptorType::regular_file;
  case S_IFSOCK:
    return DescriptorType::socket;
  default:
    return DescriptorType::unknown;
  }
}

Answer<NodePtr> Node::make(UniqueFd fd, Rights rights, DescriptorFlags sync_flags,
                           Resolver resolver) {
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0)
    return last_error();
  std::shared_ptr<Node> node{new Node};
  node->fd_ = std::move(fd);
  node->type_ = type_of(info.st_mode);
  node->rights_ = rights;
  node->resolver_ = resolver;
  node->device_ = info.st_dev;
  node->inode_ = info.st_ino;
  if (node->directory()) {
    node->rights_.read = true;
    node->rights_.write = false;
    node->flags_ = rights.change ? DescriptorFlags::kRead | DescriptorFlags::kMutateDirectory
                                 : DescriptorFlags::kRead;
  } else {
    node->flags_ = sync_flags;
    node->no_write_now_ = sync_flags.bits != 0;
    if (rights.read)
      node->flags_ = node->flags_ | DescriptorFlags::kRead;
    if (rights.write)
      node->flags_ = node->flags_ | DescriptorFlags::kWrite;
  }
  return node;
}

namespace {

using PositionedIo = ssize_t (*)(int, const iovec*, int, off_t, int);

Answer<std::size_t> now(PositionedIo io, int fd, iovec part, std::uint64_t offset,
                        std::atomic<bool>& cannot) {
  if (offset > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max()))
    return std::unexpected{ErrorCode::invalid};
  if (cannot.load(std::memory_order_relaxed))
    return std::unexpected{ErrorCode::would_block};
  const ssize_t done = io(fd, &part, 1, static_cast<off_t>(offset), RWF_NOWAIT);
  if (done >= 0)
    return static_cast<std::size_t>(done);
  if (errno == EOPNOTSUPP || errno == ENOSYS) {
    cannot.store(true, std::memory_order_relaxed);
    return std::unexpected{ErrorCode::would_block};
  }
  return errno == EINTR ? Answer<std::size_t>{std::unexpected{ErrorCode::would_block}}
                        : last_error();
}

} // namespace

Answer<std::size_t> Node::read_now(std::span<std::byte> into, std::uint64_t offset) const {
  return now(::preadv2, fd(), {into.data(), into.size()}, offset, no_read_now_);
}

Answer<std::size_t> Node::write_now(std::span<const std::byte> bytes, std::uint64_t offset) const {
  return now(::pwritev2, fd(), {const_cast<std::byte*>(bytes.data()), bytes.size()}, offset,
             no_write_now_);
}

} // namespace nacre::wasi_filesystem
