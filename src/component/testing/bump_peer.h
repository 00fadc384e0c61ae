// SPDX-License-Identifier: Apache-2.0
// BumpPeer: a guest made of a block of memory and an allocator that never frees, for tests of
// lifting and lowering.
#pragma once

#include "component/call_context.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace nacre::component {

/// Knows no handles. `moving` makes each allocation move the whole memory, as growth may.
class BumpPeer final : public Peer {
public:
  explicit BumpPeer(std::size_t bytes, bool moving = false) : bytes_(bytes), moving_(moving) {}

  std::vector<std::byte>& bytes() { return bytes_; }
  std::uint32_t used() const { return next_; }

  Memory memory(CallContext& /*call*/) override { return {bytes_.data(), bytes_.size()}; }

  bool realloc(CallContext& call, std::uint32_t old_ptr, std::uint32_t old_size,
               std::uint32_t align, std::uint32_t new_size, std::uint32_t& out) override {
    const std::uint64_t start = (std::uint64_t{next_} + align - 1) & ~std::uint64_t{align - 1};
    if (start + new_size > bytes_.size())
      return call.fail("realloc return: beyond end of memory");
    if (moving_)
      bytes_ = std::vector<std::byte>{bytes_};
    out = static_cast<std::uint32_t>(start);
    for (std::uint32_t i = 0; i < std::min(old_size, new_size); ++i)
      bytes_[out + i] = bytes_[old_ptr + i];
    next_ = out + new_size;
    return true;
  }

  Resource* borrow(CallContext& call, std::uint32_t /*handle*/,
                   const ResourceTag& /*tag*/) override {
    call.fail("unknown handle index");
    return nullptr;
  }
  std::unique_ptr<Resource> take_own(CallContext& call, std::uint32_t /*handle*/,
                                     const ResourceTag& /*tag*/) override {
    call.fail("unknown handle index");
    return nullptr;
  }
  bool give_own(CallContext& call, std::unique_ptr<Resource> /*resource*/,
                const ResourceTag& /*tag*/, std::uint32_t& /*handle_out*/) override {
    return call.fail("the table is full");
  }
  bool give_borrow(CallContext& call, Resource& /*resource*/, const ResourceTag& /*tag*/,
                   std::uint32_t& /*handle_out*/) override {
    return call.fail("the table is full");
  }

private:
  std::vector<std::byte> bytes_;
  std::uint32_t next_ = 8;
  bool moving_;
};

} // namespace nacre::component
