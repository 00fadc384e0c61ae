// SPDX-License-Identifier: Apache-2.0
#include "component/arena.h"

#include <algorithm>
#include <new>

namespace nacre::component {

void* Arena::from_new_block(std::size_t bytes, std::size_t align) {
  const std::size_t room = std::max(kBlock, sizeof(Block) + align + bytes);
  auto* block = static_cast<Block*>(::operator new(room));
  block->next = blocks_;
  blocks_ = block;
  next_ = reinterpret_cast<std::byte*>(block + 1);
  end_ = reinterpret_cast<std::byte*>(block) + room;
  return do_allocate(bytes, align);
}

void Arena::free_blocks() {
  while (blocks_ != nullptr) {
    Block* next = blocks_->next;
    ::operator delete(blocks_);
    blocks_ = next;
  }
}

} // namespace nacre::component
