// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_clocks/wasi_clocks.h"

#include "bindings/wasi_clocks_p2.h"
#include "streams/pollable.h"

#include <algorithm>
#include <limits>

namespace nacre::wasi_clocks {
namespace {

using component::HostCall;
using wasi_clocks_p2::Datetime;
using PollableHandle = std::unique_ptr<wasi_io_p2::Pollable>;

constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;

Datetime split(std::uint64_t nanos) {
  return {nanos / kNanosPerSecond, static_cast<std::uint32_t>(nanos % kNanosPerSecond)};
}

/// Ready from a moment on. The timer exists only once somebody waits.
class Moment final : public streams::Readiness {
public:
  Moment(std::shared_ptr<const Clocks> clocks, Loop& loop, Instant when)
      : clocks_(std::move(clocks)), loop_(loop), when_(when) {}

  bool ready() override { return clocks_->monotonic() >= when_; }
  void arm() override {
    if (timer_ == nullptr)
      timer_ = clocks_->timer(loop_);
    timer_->ring(when_, signal_);
  }
  Signal& signal() override { return signal_; }

private:
  std::shared_ptr<const Clocks> clocks_;
  Loop& loop_;
  Instant when_;
  Signal signal_;
  std::unique_ptr<Timer> timer_;
};

class MonotonicClock final : public wasi_clocks_p2::MonotonicClockHost {
public:
  MonotonicClock(const Settings& settings, Loop& loop)
      : clocks_(settings.clocks), tick_(static_cast<Instant>(settings.resolution.count())),
        loop_(loop) {}

  Result<Instant> now(HostCall& /*call*/) override { return round(clocks_->monotonic()); }
  Result<Instant> resolution(HostCall& /*call*/) override { return tick_; }
  Result<PollableHandle> subscribe_instant(HostCall& /*call*/, Instant when) override {
    return streams::make_pollable(std::make_shared<Moment>(clocks_, loop_, when));
  }
  Result<PollableHandle> subscribe_duration(HostCall& call, Instant when) override {
    const Instant now = clocks_->monotonic();
    const Instant most = std::numeric_limits<Instant>::max() - now;
    return subscribe_instant(call, now + std::min(when, most));
  }

private:
  Instant round(Instant at) const { return at - at % tick_; }

  std::shared_ptr<const Clocks> clocks_;
  Instant tick_;
  Loop& loop_;
};

class WallClock final : public wasi_clocks_p2::WallClockHost {
public:
  explicit WallClock(const Settings& settings)
      : clocks_(settings.clocks), tick_(static_cast<std::uint64_t>(settings.resolution.count())) {}

  Result<Datetime> now(HostCall& /*call*/) override {
    // WASI 0.2 has no moment before 1970; a host whose clock stands there shows its beginning.
    const auto nanos = static_cast<std::uint64_t>(
        std::max(clocks_->wall(), std::chrono::nanoseconds::zero()).count());
    return split(nanos - nanos % tick_);
  }
  Result<Datetime> resolution(HostCall& /*call*/) override { return split(tick_); }

private:
  std::shared_ptr<const Clocks> clocks_;
  std::uint64_t tick_;
};

class ClocksLease final : public capability::Lease {
public:
  ClocksLease(const Settings& settings, Loop& loop) : monotonic_(settings, loop), wall_(settings) {}

  Result<> link(component::Linker& linker) override {
    wasi_clocks_p2::link_monotonic_clock(linker, monotonic_);
    wasi_clocks_p2::link_wall_clock(linker, wall_);
    return {};
  }
  Task<> close() override { co_return Result<>{}; }

private:
  MonotonicClock monotonic_;
  WallClock wall_;
};

class ClocksCapability final : public capability::Capability {
public:
  explicit ClocksCapability(Settings settings) : settings_(std::move(settings)) {
    settings_.resolution = std::max(settings_.resolution, std::chrono::nanoseconds{1});
  }

  std::vector<std::string> interfaces() const override {
    return {"wasi:clocks/monotonic-clock@0.2.12", "wasi:clocks/wall-clock@0.2.12"};
  }
  Task<std::unique_ptr<capability::Lease>> lease(Loop& loop) override {
    return capability::ready_lease(std::make_unique<ClocksLease>(settings_, loop));
  }

private:
  Settings settings_;
};

} // namespace

std::unique_ptr<capability::Capability> make_wasi_clocks(Settings settings) {
  return std::make_unique<ClocksCapability>(std::move(settings));
}

} // namespace nacre::wasi_clocks
