// SPDX-License-Identifier: Apache-2.0
// ManualClocks: clocks that stand still until a test winds them.
#pragma once

#include "capabilities/wasi_clocks/clocks.h"

#include <set>

namespace nacre::wasi_clocks::testing {

/// For one loop. Timers that come due while winding ring at once.
class ManualClocks final : public Clocks {
public:
  void wind(std::chrono::nanoseconds by) {
    now_ += static_cast<Instant>(by.count());
    wall_ += by;
    const std::set<ManualTimer*> all = timers_;
    for (ManualTimer* timer : all) {
      if (timers_.contains(timer))
        timer->look();
    }
  }
  void set_wall(std::chrono::nanoseconds since_1970) { wall_ = since_1970; }
  std::size_t timers() const { return timers_.size(); }

  Instant monotonic() const override { return now_; }
  std::chrono::nanoseconds wall() const override { return wall_; }
  std::unique_ptr<Timer> timer(Loop& /*loop*/) const override {
    return std::make_unique<ManualTimer>(*this);
  }

private:
  class ManualTimer final : public Timer {
  public:
    explicit ManualTimer(const ManualClocks& clocks) : clocks_(clocks) {
      clocks_.timers_.insert(this);
    }
    ~ManualTimer() override { clocks_.timers_.erase(this); }
    void ring(Instant when, Signal& signal) override {
      when_ = when;
      signal_ = &signal;
    }
    void look() {
      if (signal_ != nullptr && clocks_.now_ >= when_)
        std::exchange(signal_, nullptr)->notify();
    }

  private:
    const ManualClocks& clocks_;
    Instant when_ = 0;
    Signal* signal_ = nullptr;
  };

  Instant now_ = 0;
  std::chrono::nanoseconds wall_{0};
  mutable std::set<ManualTimer*> timers_;
};

} // namespace nacre::wasi_clocks::testing
