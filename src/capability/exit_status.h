// SPDX-License-Identifier: Apache-2.0
// ExitStatus: how a guest that asked to end wants to be remembered; set by the guest's call, read
// by whoever ran it.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

namespace nacre::capability {

/// For one run of one guest, shared by who runs it and the capability that serves `exit`. A guest
/// that exits ends like a trap: its call fails, and `code()` says that it was meant.
class ExitStatus {
public:
  void set(std::uint8_t code) { code_.store(code); }
  /// Empty while the guest has not asked to end.
  std::optional<std::uint8_t> code() const {
    const int code = code_.load();
    return code < 0 ? std::nullopt : std::optional{static_cast<std::uint8_t>(code)};
  }

private:
  std::atomic<int> code_ = -1;
};

} // namespace nacre::capability
