// SPDX-License-Identifier: Apache-2.0
#include "bindings/wasi_clocks_p2.h"
#include "capabilities/wasi_clocks/testing/manual_clocks.h"
#include "capabilities/wasi_clocks/wasi_clocks.h"
#include "component/linker.h"
#include "streams/pollable.h"
#include "streams/testing/fake_call.h"

#include <gtest/gtest.h>

#include <limits>

namespace nacre::wasi_clocks {
namespace {

using namespace std::chrono_literals;
using streams::testing::after_it_waits;
using wasi_clocks_p2::Datetime;

/// A leased capability and its two hosts, found as a guest would: through the linker.
class ClocksTest : public ::testing::Test {
protected:
  void open(Settings settings) {
    capability = make_wasi_clocks(std::move(settings));
    lease = loop.block_on(capability->lease(loop)).value();
    ASSERT_TRUE(lease->link(linker).has_value());
    monotonic = static_cast<wasi_clocks_p2::MonotonicClockHost*>(
        linker.find("wasi:clocks/monotonic-clock@0.2.12")->functions.find("now")->second.self);
    wall = static_cast<wasi_clocks_p2::WallClockHost*>(
        linker.find("wasi:clocks/wall-clock@0.2.12")->functions.find("now")->second.self);
  }
  void SetUp() override { open({.clocks = clocks, .resolution = 1ns}); }

  Loop loop;
  streams::testing::FakeCall call;
  std::shared_ptr<testing::ManualClocks> clocks = std::make_shared<testing::ManualClocks>();
  std::unique_ptr<capability::Capability> capability;
  std::unique_ptr<capability::Lease> lease;
  component::Linker linker;
  wasi_clocks_p2::MonotonicClockHost* monotonic = nullptr;
  wasi_clocks_p2::WallClockHost* wall = nullptr;
};

TEST_F(ClocksTest, NowFollowsTheClock) {
  EXPECT_EQ(monotonic->now(*call).value(), 0U);
  clocks->wind(1500ms);
  EXPECT_EQ(monotonic->now(*call).value(), 1'500'000'000U);
  EXPECT_EQ(wall->now(*call).value(), (Datetime{1, 500'000'000}));
}

TEST_F(ClocksTest, CoarseResolutionRoundsDown) {
  lease.reset();
  linker = {};
  open({.clocks = clocks, .resolution = 1ms});
  clocks->wind(1'234'567ns);
  EXPECT_EQ(monotonic->now(*call).value(), 1'000'000U);
  EXPECT_EQ(monotonic->resolution(*call).value(), 1'000'000U);
  EXPECT_EQ(wall->now(*call).value(), (Datetime{0, 1'000'000}));
  EXPECT_EQ(wall->resolution(*call).value(), (Datetime{0, 1'000'000}));
}

TEST_F(ClocksTest, WallClockBefore1970ReadsAs1970) {
  clocks->set_wall(-5s);
  EXPECT_EQ(wall->now(*call).value(), (Datetime{0, 0}));
}

TEST_F(ClocksTest, DurationIsOverWhenTheClockSaysSo) {
  const auto pollable = monotonic->subscribe_duration(*call, 100).value();
  clocks->wind(99ns);
  EXPECT_FALSE(pollable->ready(*call).value());
  clocks->wind(1ns);
  EXPECT_TRUE(pollable->ready(*call).value());
}

TEST_F(ClocksTest, InstantThatHasPassedIsReady) {
  clocks->wind(10ns);
  EXPECT_TRUE(monotonic->subscribe_instant(*call, 10).value()->ready(*call).value());
  EXPECT_TRUE(monotonic->subscribe_duration(*call, 0).value()->ready(*call).value());
  EXPECT_FALSE(monotonic->subscribe_instant(*call, 11).value()->ready(*call).value());
}

TEST_F(ClocksTest, EndlessDurationDoesNotWrap) {
  clocks->wind(10s);
  const auto never =
      monotonic->subscribe_duration(*call, std::numeric_limits<std::uint64_t>::max()).value();
  EXPECT_FALSE(never->ready(*call).value());
}

TEST_F(ClocksTest, PollWakesAtTheFirstDeadline) {
  const auto late = monotonic->subscribe_duration(*call, 300).value();
  const auto early = monotonic->subscribe_duration(*call, 200).value();
  std::array<wasi_io_p2::Pollable*, 2> list{late.get(), early.get()};
  auto polled = streams::poll(list);
  ASSERT_FALSE(polled.ready());
  after_it_waits(loop, [&] { clocks->wind(200ns); });
  EXPECT_EQ(loop.block_on(polled.take_task()).value(), (std::vector<std::uint32_t>{1}));
}

TEST_F(ClocksTest, DroppedPollableTakesItsTimerAlong) {
  auto pollable = monotonic->subscribe_duration(*call, 100).value();
  EXPECT_EQ(clocks->timers(), 0U) << "nobody waits yet";
  auto blocked = pollable->block(*call);
  after_it_waits(loop, [&] { clocks->wind(100ns); });
  EXPECT_TRUE(loop.block_on(blocked.take_task()).has_value());
  EXPECT_EQ(clocks->timers(), 1U);
  pollable.reset();
  EXPECT_EQ(clocks->timers(), 0U);
}

TEST(HostClocks, TimersRing) {
  Loop loop;
  streams::testing::FakeCall call;
  const auto clocks = host_clocks();
  const auto before = clocks->monotonic();
  Signal signal;
  auto timer = clocks->timer(loop);
  timer->ring(before + 1'000'000, signal);
  auto wait = [](Signal* rings) -> Task<> { return rings->wait(); };
  EXPECT_TRUE(loop.block_on(wait(&signal)).has_value());
  EXPECT_GE(clocks->monotonic(), before + 1'000'000);
  EXPECT_GT(clocks->wall().count(), 0);
}

} // namespace
} // namespace nacre::wasi_clocks
