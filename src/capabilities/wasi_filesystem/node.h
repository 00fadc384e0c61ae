// SPDX-License-Identifier: Apache-2.0
// Node: one open file or directory of a guest, with what the guest may do with it.
#pragma once

#include "base/unique_fd.h"
#include "capabilities/wasi_filesystem/beneath.h"
#include "capabilities/wasi_filesystem/error_code.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <utility>

namespace nacre::wasi_filesystem {

using wasi_filesystem_p2::DescriptorFlags;
using wasi_filesystem_p2::DescriptorType;
using wasi_filesystem_p2::OpenFlags;

DescriptorType type_of(mode_t mode);

/// What may be done with a node. Rights only shrink on the way down from a preopened directory.
struct Rights {
  bool read = false;  ///< of a file: its bytes
  bool write = false; ///< of a file: its bytes and size
  /// Of a directory: its entries, and whatever is below it. Of a file: its timestamps.
  bool change = false;
};

/// Immutable but for hints; shared by descriptors, streams and the threads that work for them, so
/// that no descriptor number is reused under anybody.
class Node {
public:
  /// Looks at `fd` and keeps it.
  static Answer<std::shared_ptr<const Node>> make(UniqueFd fd, Rights rights,
                                                  DescriptorFlags sync_flags, Resolver resolver);

  int fd() const { return fd_.get(); }
  DescriptorType type() const { return type_; }
  bool directory() const { return type_ == DescriptorType::directory; }
  const Rights& rights() const { return rights_; }
  /// As get-flags tells them.
  DescriptorFlags flags() const { return flags_; }
  Resolver resolver() const { return resolver_; }
  bool same_object(const Node& other) const {
    return device_ == other.device_ && inode_ == other.inode_;
  }

  /// pread and pwrite that do not wait for a disk: would_block when they had to, or cannot tell.
  Answer<std::size_t> read_now(std::span<std::byte> into, std::uint64_t offset) const;
  Answer<std::size_t> write_now(std::span<const std::byte> bytes, std::uint64_t offset) const;

private:
  Node() = default;

  UniqueFd fd_;
  DescriptorType type_ = DescriptorType::unknown;
  Rights rights_;
  DescriptorFlags flags_;
  Resolver resolver_ = Resolver::walk;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  mutable std::atomic<bool> no_read_now_ = false;  ///< this file system cannot
  mutable std::atomic<bool> no_write_now_ = false; ///< or must not: written means synchronised
};

using NodePtr = std::shared_ptr<const Node>;

} // namespace nacre::wasi_filesystem
