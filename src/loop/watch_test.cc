// SPDX-License-Identifier: Apache-2.0
#include "loop/alarm.h"
#include "loop/watch.h"

#include <gtest/gtest.h>

#include <array>
#include <fcntl.h>
#include <unistd.h>

namespace nacre {
namespace {

Task<> wait_for(Signal* signal) {
  CO_TRY_OK(co_await signal->wait());
  co_return Result<>{};
}

class WatchTest : public ::testing::Test {
protected:
  WatchTest() { EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0); }
  ~WatchTest() override {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  Loop loop;
  Signal signal;
  std::array<int, 2> ends{};
};

TEST_F(WatchTest, RingsWhenThereIsSomethingToRead) {
  auto watch = Watch::open(loop, ends[0], Watch::For::reading);
  ASSERT_TRUE(watch.has_value());
  bool rang = false;
  watch->arm(signal);
  loop.poll();
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  loop.post([&] { rang = true; });
  EXPECT_TRUE(loop.block_on(wait_for(&signal)).has_value());
  EXPECT_TRUE(rang);
}

TEST_F(WatchTest, RingsEachTimeItIsArmed) {
  auto watch = Watch::open(loop, ends[0], Watch::For::reading);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  for (int round = 0; round < 3; ++round) {
    watch->arm(signal);
    watch->arm(signal);
    EXPECT_TRUE(loop.block_on(wait_for(&signal)).has_value());
  }
}

TEST_F(WatchTest, LeavesTheDescriptorBlocking) {
  auto watch = Watch::open(loop, ends[1], Watch::For::writing);
  watch->arm(signal);
  EXPECT_TRUE(loop.block_on(wait_for(&signal)).has_value());
  EXPECT_EQ(::fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
}

TEST_F(WatchTest, WhatCannotBeWaitedForIsAlwaysReady) {
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_TRUE(Watch::open(loop, null, Watch::For::reading)->always_ready());
  EXPECT_FALSE(Watch::open(loop, ends[0], Watch::For::reading)->always_ready());
  ::close(null);
}

TEST(Alarm, RingsOnceAtItsTime) {
  Loop loop;
  Signal signal;
  Alarm alarm{loop};
  alarm.set(Clock::now() + std::chrono::milliseconds(1), signal);
  EXPECT_TRUE(loop.block_on(wait_for(&signal)).has_value());
}

TEST(Alarm, TheLastTimeSetCounts) {
  Loop loop;
  Signal never;
  Signal soon;
  Alarm alarm{loop};
  alarm.set(Clock::now() + std::chrono::hours(1), never);
  alarm.set(Clock::now(), soon);
  EXPECT_TRUE(loop.block_on(wait_for(&soon)).has_value());
}

TEST(Alarm, ClearedAlarmIsSilent) {
  Loop loop;
  Signal first;
  Signal second;
  Alarm cleared{loop};
  Alarm later{loop};
  cleared.set(Clock::now(), first);
  cleared.clear();
  later.set(Clock::now(), second);
  bool rang = false;
  struct Bell final : Waiter {
    void wake() override { *rang = true; }
    bool* rang = nullptr;
  } bell;
  bell.rang = &rang;
  first.add(bell);
  EXPECT_TRUE(loop.block_on(wait_for(&second)).has_value());
  EXPECT_FALSE(rang);
}

} // namespace
} // namespace nacre
