// SPDX-License-Identifier: Apache-2.0
// CallRoom: bounds the native stack that a guest takes through nested calls: guest, host, guest,
// and so on.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nacre::engine {

/// The engine bounds what one entry of the guest takes (a quarter of a stack), and starts anew at
/// each entry. Left at that, a guest that comes back through the host (realloc, destructors) would
/// run off the stack, which ends the process. So a nested entry is refused where more than half of
/// the stack is in use: a quarter is left for the guest, and a quarter for host functions below it.
class CallRoom {
public:
  static constexpr std::size_t guest_share(std::size_t stack_size) { return stack_size / 4; }

  explicit CallRoom(std::size_t stack_size) : most_(stack_size / 2) {}

  /// Around each entry of the guest. The outermost one measures the others.
  class Entry {
  public:
    explicit Entry(CallRoom& room) : room_(room) {
      const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
      outermost_ = room.top_ == 0;
      if (outermost_)
        room.top_ = here;
      else
        fits_ = room.top_ - here <= room.most_;
    }
    ~Entry() {
      if (outermost_)
        room_.top_ = 0;
    }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    bool fits() const { return fits_; }

  private:
    CallRoom& room_;
    bool outermost_;
    bool fits_ = true;
  };

  /// While a fiber runs, its own top counts: `exchange_top(fiber's)` before it, and the other way
  /// after.
  std::uintptr_t exchange_top(std::uintptr_t top) {
    const std::uintptr_t before = top_;
    top_ = top;
    return before;
  }

private:
  std::size_t most_;
  std::uintptr_t top_ = 0; ///< where the outermost entry was on the stack; 0: no guest runs
};

} // namespace nacre::engine
