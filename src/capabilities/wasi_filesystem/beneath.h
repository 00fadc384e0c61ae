// SPDX-License-Identifier: Apache-2.0
// Paths of a guest, resolved so that they cannot leave the directory they start from.
#pragma once

#include "base/unique_fd.h"
#include "capabilities/wasi_filesystem/error_code.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace nacre::wasi_filesystem {

/// Who resolves: the kernel (openat2, Linux 5.6), or we, one component at a time.
enum class Resolver : std::uint8_t { kernel, walk };
/// What this machine can do.
Resolver best_resolver();

/// How far the kernel may go for an answer.
enum class Reach : std::uint8_t {
  anywhere, ///< may wait for a disk
  caches,   ///< only what needs no waiting; else would_block
};

/// Refuses what no directory can mean: empty, absolute, with a zero byte, or too long.
Answer<> check_path(std::string_view path);

/// Opens `path` below the directory `dir`, with openat's `flags` (O_NOFOLLOW is about the last
/// component) and `mode`. `..`, symbolic links and trailing slashes may lead anywhere below `dir`;
/// a path that leaves it is not_permitted. Never follows the magic links of /proc. Blocks, unless
/// `reach` says otherwise (the walk has no such mode: would_block).
Answer<UniqueFd> open_beneath(Resolver resolver, int dir, const std::string& path, int flags,
                              mode_t mode = 0, Reach reach = Reach::anywhere);

/// The place of a directory entry that is to be made, moved or removed: an open directory and a
/// name without slash, which the kernel never follows.
struct Place {
  UniqueFd opened; ///< empty if the directory is the one the path started from
  int dir = -1;
  std::string name;            ///< never empty
  bool trailing_slash = false; ///< the path ended in one: it means a directory
  bool dots = false;           ///< the name is . or ..: nothing can be done to it
};
Answer<Place> find_place(Resolver resolver, int dir, const std::string& path);

} // namespace nacre::wasi_filesystem
