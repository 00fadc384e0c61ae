// SPDX-License-Identifier: Apache-2.0
// Quota: how many streams and files one guest has open, and how many it may.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace nacre::streams {

class Quota;

/// The right to one open thing; gives itself back. What goes on in the background keeps it till its
/// end.
class Ticket {
public:
  Ticket(Ticket&&) noexcept = default;
  Ticket& operator=(Ticket&&) = delete;
  ~Ticket();

private:
  friend class Quota;
  explicit Ticket(std::shared_ptr<Quota> quota) : quota_(std::move(quota)) {}
  std::shared_ptr<Quota> quota_;
};

/// One guest's, shared by everything that it has open.
class Quota : public std::enable_shared_from_this<Quota> {
public:
  explicit Quota(std::uint32_t most) : most_(most) {}
  /// Nothing when all are taken.
  std::optional<Ticket> take() {
    if (taken_ == most_)
      return std::nullopt;
    ++taken_;
    return Ticket{shared_from_this()};
  }
  std::uint32_t taken() const { return taken_; }

private:
  friend class Ticket;
  std::uint32_t most_;
  std::uint32_t taken_ = 0;
};

inline Ticket::~Ticket() {
  if (quota_ != nullptr)
    --quota_->taken_;
}

/// The quotas of all guests of one loop.
class Quotas {
public:
  explicit Quotas(std::uint32_t most) : most_(most) {}

  /// The one of this guest; it lasts as long as the guest has something open.
  std::shared_ptr<Quota> of(const void* guest) {
    std::weak_ptr<Quota>& slot = guests_[guest];
    std::shared_ptr<Quota> quota = slot.lock();
    if (quota == nullptr) {
      quota = std::make_shared<Quota>(most_);
      slot = quota;
      forget_the_gone();
    }
    return quota;
  }

private:
  void forget_the_gone() {
    if (guests_.size() < sweep_at_)
      return;
    std::erase_if(guests_, [](const auto& entry) { return entry.second.expired(); });
    sweep_at_ = 2 * guests_.size() + 64;
  }

  std::uint32_t most_;
  std::map<const void*, std::weak_ptr<Quota>> guests_;
  std::size_t sweep_at_ = 64;
};

} // namespace nacre::streams
