// SPDX-License-Identifier: Apache-2.0
// Bytes: a list<u8> that a host function answers with, without copying it before it reaches the
// guest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace nacre::component {

/// Either owns its bytes, or lends those of somebody who is told when they have been copied into
/// the guest (a socket buffer that then forgets them). Move-only; lives until the call is lowered.
class Bytes {
public:
  using Release = void (*)(void* lender, std::size_t size);

  Bytes() = default;
  Bytes(std::vector<std::uint8_t> owned) // NOLINT(google-explicit-constructor): reads as the value
      : owned_(std::move(owned)), view_(owned_) {}

  /// Bytes that outlive the call by themselves, or until `release(lender, size)` runs: once, when
  /// this object goes. `release` must not call into the guest.
  static Bytes lent(std::span<const std::uint8_t> view, Release release = nullptr,
                    void* lender = nullptr) {
    Bytes bytes;
    bytes.view_ = view;
    bytes.release_ = release;
    bytes.lender_ = lender;
    return bytes;
  }
  static Bytes lent(std::span<const std::byte> view, Release release = nullptr,
                    void* lender = nullptr) {
    return lent(std::span{reinterpret_cast<const std::uint8_t*>(view.data()), view.size()}, release,
                lender);
  }

  Bytes(Bytes&& other) noexcept
      : owned_(std::move(other.owned_)), view_(std::exchange(other.view_, {})),
        release_(std::exchange(other.release_, nullptr)), lender_(other.lender_) {}
  Bytes& operator=(Bytes&& other) noexcept {
    Bytes taken{std::move(other)};
    std::swap(owned_, taken.owned_);
    std::swap(view_, taken.view_);
    std::swap(release_, taken.release_);
    std::swap(lender_, taken.lender_);
    return *this;
  }
  ~Bytes() {
    if (release_ != nullptr)
      release_(lender_, view_.size());
  }

  std::span<const std::uint8_t> view() const { return view_; }
  std::size_t size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }

private:
  std::vector<std::uint8_t> owned_;
  std::span<const std::uint8_t> view_;
  Release release_ = nullptr;
  void* lender_ = nullptr;
};

} // namespace nacre::component
