// SPDX-License-Identifier: Apache-2.0
// What can be done with files and directories, as plain functions that may block: they run on
// threads that may.
#pragma once

#include "capabilities/wasi_filesystem/node.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace nacre::wasi_filesystem {

using wasi_filesystem_p2::Advice;
using wasi_filesystem_p2::DescriptorStat;
using wasi_filesystem_p2::MetadataHashValue;
using wasi_filesystem_p2::NewTimestamp;

/// Both timestamps of a change, checked when they were taken from the guest.
struct NewTimes {
  timespec access{};
  timespec modification{};
};
/// `invalid` for more nanoseconds than a second has, `overflow` for a time the system has not.
Answer<NewTimes> new_times(const NewTimestamp& access, const NewTimestamp& modification);

/// open-at, as far as the file system is concerned.
struct OpenRequest {
  std::string path;
  bool follow = false;
  OpenFlags open;
  DescriptorFlags flags;
};
/// Whether the directory's rights allow it, before anything is touched: read_only, invalid.
Answer<> check_open(const Node& directory, const OpenRequest& request);
Answer<NodePtr> open_node(const Node& directory, const OpenRequest& request,
                          Reach reach = Reach::anywhere);

// Of an open node. Rights are the caller's affair.
Answer<std::size_t> read_at(const Node& file, std::span<std::byte> into, std::uint64_t offset);
/// Writes all of it or says how much.
Answer<std::size_t> write_at(const Node& file, std::span<const std::byte> bytes,
                             std::uint64_t offset);
Answer<std::size_t> append(const Node& file, std::span<const std::byte> bytes);
Answer<> advise(const Node& file, std::uint64_t offset, std::uint64_t length, Advice advice);
Answer<> set_size(const Node& file, std::uint64_t size);
Answer<> set_times(const Node& node, const NewTimes& times);
Answer<> sync(const Node& node, bool data_only);
Answer<DescriptorStat> stat(const Node& node);
Answer<MetadataHashValue> metadata_hash(const Node& node);

// Of a path below a directory.
Answer<DescriptorStat> stat_at(const Node& directory, const std::string& path, bool follow,
                               Reach reach = Reach::anywhere);
Answer<MetadataHashValue> metadata_hash_at(const Node& directory, const std::string& path,
                                           bool follow);
Answer<> set_times_at(const Node& directory, const std::string& path, bool follow,
                      const NewTimes& times);
Answer<std::string> readlink_at(const Node& directory, const std::string& path);
Answer<> create_directory_at(const Node& directory, const std::string& path);
Answer<> remove_directory_at(const Node& directory, const std::string& path);
Answer<> unlink_file_at(const Node& directory, const std::string& path);
Answer<> symlink_at(const Node& directory, const std::string& contents, const std::string& path);
Answer<> rename_at(const Node& from, const std::string& old_path, const Node& to,
                   const std::string& new_path);
Answer<> link_at(const Node& from, const std::string& old_path, bool follow, const Node& to,
                 const std::string& new_path);

} // namespace nacre::wasi_filesystem
