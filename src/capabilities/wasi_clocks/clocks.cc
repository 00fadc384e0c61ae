// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_clocks/clocks.h"

#include "loop/alarm.h"

#include <algorithm>

namespace nacre::wasi_clocks {
namespace {

/// Further away than anybody waits, and far from the end of the host clock's range.
constexpr std::chrono::nanoseconds kFar = std::chrono::hours{24 * 365 * 50};

class HostTimer final : public Timer {
public:
  HostTimer(Loop& loop, Clock::time_point origin) : origin_(origin), alarm_(loop) {}

  void ring(Instant when, Signal& signal) override {
    if (armed_)
      return;
    armed_ = true;
    const auto far = static_cast<Instant>(kFar.count());
    alarm_.set(origin_ + std::chrono::nanoseconds{std::min(when, far)}, signal);
  }

private:
  Clock::time_point origin_;
  Alarm alarm_;
  bool armed_ = false;
};

class HostClocks final : public Clocks {
public:
  Instant monotonic() const override {
    return static_cast<Instant>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - origin_).count());
  }
  std::chrono::nanoseconds wall() const override {
    return std::chrono::system_clock::now().time_since_epoch();
  }
  std::unique_ptr<Timer> timer(Loop& loop) const override {
    return std::make_unique<HostTimer>(loop, origin_);
  }

private:
  Clock::time_point origin_ = Clock::now();
};

} // namespace

std::shared_ptr<const Clocks> host_clocks() {
  return std::make_shared<HostClocks>();
}

} // namespace nacre::wasi_clocks
