// SPDX-License-Identifier: Apache-2.0
// Buffer and BufferPool: blocks of bytes that connections of one loop borrow while they have
// something in them.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace nacre::http {

/// Keeps blocks of three sizes; larger ones come from the heap and go back to it. One loop.
class BufferPool {
public:
  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t capacity = 0;
  };
  static constexpr std::array<std::size_t, 3> kSizes{16UL * 1024, 68UL * 1024, 160UL * 1024};

  /// At least `least` bytes, uninitialised.
  Block take(std::size_t least);
  void give(Block block);

private:
  static constexpr std::array<std::size_t, 3> kKept{256, 64, 16};
  std::array<std::vector<Block>, 3> free_;
};

/// A window [begin, end) of readable bytes in a block, with free space after it. Holds no block
/// while empty and released. The pool must outlive it.
class Buffer {
public:
  explicit Buffer(BufferPool& pool) : pool_(&pool) {}
  ~Buffer() { release(); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  void swap(Buffer& other) noexcept;

  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }
  std::size_t capacity() const { return block_.capacity; }
  std::size_t begin() const { return begin_; }
  std::size_t end() const { return end_; }
  /// The block itself; offsets begin() and end() count from here.
  std::byte* data() { return block_.bytes.get(); }
  std::span<const std::byte> readable() const { return {block_.bytes.get() + begin_, size()}; }
  std::span<std::byte> writable() { return {block_.bytes.get() + end_, block_.capacity - end_}; }
  std::string_view text() const {
    return {reinterpret_cast<const char*>(block_.bytes.get()) + begin_, size()};
  }

  void commit(std::size_t count) { end_ += count; }
  void consume(std::size_t count) { begin_ += count; }
  void set_window(std::size_t begin, std::size_t end) {
    begin_ = begin;
    end_ = end;
  }
  void append(std::span<const std::byte> bytes);
  void append(std::string_view text) { append(std::as_bytes(std::span{text})); }

  /// Makes writable() at least `space` long: by moving the content to the front, or to a larger
  /// block. Returns by how much the content moved towards the front of its block.
  std::size_t reserve(std::size_t space);
  /// Gives the block back; the content is lost.
  void release();

private:
  BufferPool* pool_;
  BufferPool::Block block_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

} // namespace nacre::http
