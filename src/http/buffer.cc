// SPDX-License-Identifier: Apache-2.0
#include "http/buffer.h"

#include "base/ensure.h"

#include <cstring>
#include <utility>

namespace nacre::http {

BufferPool::Block BufferPool::take(std::size_t least) {
  for (std::size_t i = 0; i < kSizes.size(); ++i) {
    if (least > kSizes[i])
      continue;
    if (!free_[i].empty()) {
      Block block = std::move(free_[i].back());
      free_[i].pop_back();
      return block;
    }
    return {std::make_unique_for_overwrite<std::byte[]>(kSizes[i]), kSizes[i]};
  }
  return {std::make_unique_for_overwrite<std::byte[]>(least), least};
}

void BufferPool::give(Block block) {
  for (std::size_t i = 0; i < kSizes.size(); ++i) {
    if (block.capacity == kSizes[i] && free_[i].size() < kKept[i]) {
      free_[i].push_back(std::move(block));
      return;
    }
  }
}

void Buffer::swap(Buffer& other) noexcept {
  std::swap(pool_, other.pool_);
  std::swap(block_, other.block_);
  std::swap(begin_, other.begin_);
  std::swap(end_, other.end_);
}

void Buffer::append(std::span<const std::byte> bytes) {
  ENSURE(bytes.size() <= block_.capacity - end_, "space is reserved before bytes are appended");
  if (!bytes.empty())
    std::memcpy(block_.bytes.get() + end_, bytes.data(), bytes.size());
  end_ += bytes.size();
}

std::size_t Buffer::reserve(std::size_t space) {
  if (block_.capacity - end_ >= space)
    return 0;
  const std::size_t moved = begin_;
  if (block_.capacity - size() >= space) {
    std::memmove(block_.bytes.get(), block_.bytes.get() + begin_, size());
  } else {
    auto larger = pool_->take(size() + space);
    if (!empty())
      std::memcpy(larger.bytes.get(), block_.bytes.get() + begin_, size());
    if (block_.bytes)
      pool_->give(std::exchange(block_, {}));
    block_ = std::move(larger);
  }
  end_ -= begin_;
  begin_ = 0;
  return moved;
}

void Buffer::release() {
  begin_ = end_ = 0;
  if (block_.bytes)
    pool_->give(std::exchange(block_, {}));
}

} // namespace nacre::http
