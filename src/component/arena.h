// SPDX-License-Identifier: Apache-2.0
// Memory for the views of one call: starts on the stack, grows on the heap, freed all at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <type_traits>

namespace nacre::component {

/// A bump allocator that costs nothing until it is used. Nothing in it is destroyed: only trivially
/// destructible things belong here.
class Arena final : public std::pmr::memory_resource {
public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() override {
    if (blocks_ != nullptr) [[unlikely]]
      free_blocks();
  }

  /// Uninitialised room for `count` elements; the caller has charged the bytes to its call.
  template <class T> T* array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    return static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
  }

private:
  struct Block {
    Block* next;
  };
  static constexpr std::size_t kInline = 448;
  static constexpr std::size_t kBlock = 4096;

  void* do_allocate(std::size_t bytes, std::size_t align) override {
    const std::uintptr_t start =
        (reinterpret_cast<std::uintptr_t>(next_) + align - 1) & ~(align - 1);
    if (bytes > static_cast<std::size_t>(end_ - next_) ||
        start + bytes > reinterpret_cast<std::uintptr_t>(end_)) [[unlikely]] {
      return from_new_block(bytes, align);
    }
    next_ = reinterpret_cast<std::byte*>(start) + bytes;
    return reinterpret_cast<void*>(start);
  }
  void do_deallocate(void* /*ptr*/, std::size_t /*bytes*/, std::size_t /*align*/) override {}
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }

  void* from_new_block(std::size_t bytes, std::size_t align);
  void free_blocks();

  Block* blocks_ = nullptr;
  std::byte* next_ = buffer_;
  std::byte* end_ = buffer_ + kInline;
  alignas(std::max_align_t) std::byte buffer_[kInline]; // uninitialised on purpose
};

} // namespace nacre::component
