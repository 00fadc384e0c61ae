// SPDX-License-Identifier: Apache-2.0
// Pooled: memory of small objects that come and go with every request, used again on the same
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

namespace nacre::wasi_http {

/// Keeps a few blocks of one size per thread. A thread that ends leaves them behind; loops live as
/// long as the process.
template <std::size_t kSize> class Blocks {
public:
  static void* take() {
#ifndef NACRE_SANITIZED // A sanitizer wants to see every object come and go.
    if (free_ != nullptr) [[likely]] {
      --spare_;
      return std::exchange(free_, free_->next);
    }
#endif
    return ::operator new(kSize);
  }
  static void give(void* memory) noexcept {
#ifndef NACRE_SANITIZED
    if (spare_ < kSpare) [[likely]] {
      ++spare_;
      free_ = new (memory) Free{free_};
      return;
    }
#endif
    ::operator delete(memory, kSize);
  }

private:
#ifndef NACRE_SANITIZED
  struct Free {
    Free* next;
  };
  static constexpr std::uint32_t kSpare = 128;
  static constinit inline thread_local Free* free_ = nullptr;
  static constinit inline thread_local std::uint32_t spare_ = 0;
#endif
};

/// Room for objects of the size, in steps so that many types share blocks.
constexpr std::size_t block_size(std::size_t size) {
  return (size + 63) / 64 * 64;
}

/// The base of a final class that is made with `new`.
template <class T> class Pooled {
public:
  static void* operator new(std::size_t /*size*/) { return Blocks<block_size(sizeof(T))>::take(); }
  static void operator delete(void* memory) noexcept {
    Blocks<block_size(sizeof(T))>::give(memory);
  }
};

template <class T> struct PoolAllocator {
  using value_type = T;
  PoolAllocator() = default;
  template <class U>
  PoolAllocator(const PoolAllocator<U>& /*other*/) {
  } // NOLINT(google-explicit-constructor): allocators convert
  T* allocate(std::size_t /*one*/) {
    return static_cast<T*>(Blocks<block_size(sizeof(T))>::take());
  }
  void deallocate(T* memory, std::size_t /*one*/) noexcept {
    Blocks<block_size(sizeof(T))>::give(memory);
  }
  template <class U> bool operator==(const PoolAllocator<U>& /*other*/) const { return true; }
};

/// A shared object in pooled memory: one block for it and its count.
template <class T, class... Args> std::shared_ptr<T> make_pooled(Args&&... args) {
  return std::allocate_shared<T>(PoolAllocator<T>{}, std::forward<Args>(args)...);
}

} // namespace nacre::wasi_http
