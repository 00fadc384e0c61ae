// SPDX-License-Identifier: Apache-2.0
// FakeGuest: a guest that is nothing but memory, an allocator and a table of handles; for tests of
// lift and lower.
#pragma once

#include "component/call_context.h"
#include "component/host_call.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace nacre::component {

/// Its memory moves at every realloc, so that a pointer kept across one is caught by the address
/// sanitizer.
class FakeGuest final : public Peer {
public:
  explicit FakeGuest(std::size_t size = 64 * 1024);

  /// A fresh call of this guest; one at a time.
  HostCall& call(StringEncoding encoding = StringEncoding::utf8);

  /// Reserves room and fills it, as a guest would before it calls. Returns the address.
  std::uint32_t put(std::span<const std::byte> bytes, std::uint32_t align = 1);
  std::uint32_t put(std::string_view text, std::uint32_t align = 1);
  template <class T> void poke(std::uint32_t addr, T value) {
    std::memcpy(memory_.get() + addr, &value, sizeof(T));
  }
  template <class T> T peek(std::uint32_t addr) const {
    T value;
    std::memcpy(&value, memory_.get() + addr, sizeof(T));
    return value;
  }
  std::string_view text(std::uint32_t addr, std::uint32_t size) const;
  std::uint32_t size() const { return static_cast<std::uint32_t>(size_); }

  /// Puts a resource into the table, as if an earlier call had returned it.
  std::uint32_t own(std::unique_ptr<Resource> resource);
  std::size_t handles() const { return handles_.size(); }

  /// From now on realloc traps.
  void refuse_memory() { refuse_memory_ = true; }
  std::uint32_t reallocs() const { return reallocs_; }

  Memory memory(CallContext& call) override;
  bool realloc(CallContext& call, std::uint32_t old_ptr, std::uint32_t old_size,
               std::uint32_t align, std::uint32_t new_size, std::uint32_t& out) override;
  Resource* borrow(CallContext& call, std::uint32_t handle, const ResourceTag& tag) override;
  std::unique_ptr<Resource> take_own(CallContext& call, std::uint32_t handle,
                                     const ResourceTag& tag) override;
  bool give_own(CallContext& call, std::unique_ptr<Resource> resource, const ResourceTag& tag,
                std::uint32_t& handle_out) override;
  bool give_borrow(CallContext& call, Resource& resource, const ResourceTag& tag,
                   std::uint32_t& handle_out) override;

private:
  struct Entry {
    std::unique_ptr<Resource> owned;
    Resource* resource;
  };
  std::uint32_t allocate(std::uint32_t align, std::uint32_t size);
  Entry* find(CallContext& call, std::uint32_t handle, const ResourceTag& tag);

  std::unique_ptr<std::byte[]> memory_;
  std::size_t size_;
  std::uint32_t next_ = 64;
  std::uint32_t reallocs_ = 0;
  bool refuse_memory_ = false;
  std::map<std::uint32_t, Entry> handles_;
  std::uint32_t next_handle_ = 1;
  std::unique_ptr<HostCall> call_;
};

} // namespace nacre::component
