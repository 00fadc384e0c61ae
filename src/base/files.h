// SPDX-License-Identifier: Apache-2.0
// Whole files in one call, for starting up and for tools; every call blocks.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace nacre {

/// Fails with the path and the system's reason; `limit` bytes at most (Code::exhausted beyond).
Result<std::vector<std::byte>> read_file(const std::string& path,
                                         std::size_t limit = std::size_t{1} << 30);
Result<std::string> read_text_file(const std::string& path,
                                   std::size_t limit = std::size_t{1} << 30);
/// Creates or replaces the file, and flushes it to the disk.
Result<> write_file(const std::string& path, std::span<const std::byte> bytes);

/// A file's bytes in memory, read-only, for as long as this lives.
class MappedFile {
public:
  static Result<MappedFile> open(const std::string& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;
  ~MappedFile();
  std::span<const std::byte> bytes() const { return bytes_; }

private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::span<const std::byte> bytes_;
};

} // namespace nacre
