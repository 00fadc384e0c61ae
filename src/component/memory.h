// SPDX-License-Identifier: Apache-2.0
// A checked view of one guest's linear memory; the only way to touch guest bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace nacre::component {

/// Valid until guest code runs again (growth may move the bytes). `contains` first, then `at`.
class Memory {
public:
  Memory() = default;
  Memory(std::byte* base, std::uint64_t size) : base_(base), size_(size) {}

  /// True if `len` bytes from `addr` on are inside.
  bool contains(std::uint32_t addr, std::uint64_t len) const {
    return len <= size_ && addr <= size_ - len;
  }

  std::byte* at(std::uint32_t addr) { return base_ + addr; }
  const std::byte* at(std::uint32_t addr) const { return base_ + addr; }
  std::uint64_t size() const { return size_; }

  /// Reads a little-endian scalar. The caller checked the bounds.
  template <class T> T read(std::uint32_t addr) const {
    T value;
    std::memcpy(&value, base_ + addr, sizeof(T));
    return value;
  }

  /// Writes a little-endian scalar. The caller checked the bounds.
  template <class T> void write(std::uint32_t addr, T value) {
    std::memcpy(base_ + addr, &value, sizeof(T));
  }

private:
  std::byte* base_ = nullptr;
  std::uint64_t size_ = 0;
};

} // namespace nacre::component
