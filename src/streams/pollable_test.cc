// SPDX-License-Identifier: Apache-2.0
#include "loop/loop.h"
#include "loop/scope.h"
#include "streams/pollable.h"
#include "streams/testing/fake_call.h"
#include "streams/testing/pipe.h"

#include <gtest/gtest.h>

namespace nacre::streams {
namespace {

using Indices = std::vector<std::uint32_t>;
using testing::after_it_waits;
using testing::answer;
using testing::Inlet;

class PollTest : public ::testing::Test {
protected:
  PollTest() {
    for (auto& inlet : inlets) {
      inlet = std::make_shared<Inlet>();
      pollables.push_back(make_pollable(inlet));
      list.push_back(pollables.back().get());
    }
  }
  Loop loop;
  testing::FakeCall call;
  std::array<std::shared_ptr<Inlet>, 3> inlets;
  std::vector<std::unique_ptr<wasi_io_p2::Pollable>> pollables;
  std::vector<wasi_io_p2::Pollable*> list;
};

TEST_F(PollTest, EmptyListTraps) {
  Async<Indices> polled = poll({});
  ASSERT_TRUE(polled.ready());
  EXPECT_FALSE(polled.result().has_value());
}

TEST_F(PollTest, OverlongListTraps) {
  const std::vector<wasi_io_p2::Pollable*> many(kMostPolled + 1, list[0]);
  EXPECT_FALSE(poll(many).result().has_value());
}

TEST_F(PollTest, AnswersAtOnceWithAllThatAreReady) {
  inlets[0]->end();
  inlets[2]->feed("x");
  Async<Indices> polled = poll(list);
  ASSERT_TRUE(polled.ready());
  EXPECT_EQ(polled.result().value(), (Indices{0, 2}));
}

TEST_F(PollTest, WaitsForTheFirst) {
  Async<Indices> polled = poll(list);
  ASSERT_FALSE(polled.ready());
  after_it_waits(loop, [&] { inlets[1]->feed("x"); });
  EXPECT_EQ(loop.block_on(polled.take_task()).value(), (Indices{1}));
  for (const auto& inlet : inlets) {
    EXPECT_GT(inlet->armed(), 0U);
    EXPECT_FALSE(inlet->signal().has_waiters()) << "a poll leaves nothing behind";
  }
}

TEST_F(PollTest, FalseAlarmsAreWaitedThrough) {
  Async<Indices> polled = poll(list);
  after_it_waits(loop, [&] {
    inlets[0]->signal().notify();
    after_it_waits(loop, [&] { inlets[0]->feed("x"); });
  });
  EXPECT_EQ(loop.block_on(polled.take_task()).value(), (Indices{0}));
}

TEST_F(PollTest, NamingOneTwiceIsFine) {
  list.push_back(list[1]);
  Async<Indices> polled = poll(list);
  after_it_waits(loop, [&] { inlets[1]->end(); });
  EXPECT_EQ(loop.block_on(polled.take_task()).value(), (Indices{1, 3}));
}

TEST_F(PollTest, CancelledPollLeavesNothingBehind) {
  Scope scope{loop};
  Async<Indices> polled = poll(list);
  auto run = [](Task<Indices> task) -> Task<> {
    CO_TRY(auto found, co_await std::move(task));
    (void)found;
    co_return Result<>{};
  };
  scope.spawn("poll", run(polled.take_task()));
  loop.poll();
  EXPECT_TRUE(inlets[2]->signal().has_waiters());
  ASSERT_TRUE(loop.block_on(scope.close()).has_value());
  EXPECT_FALSE(inlets[2]->signal().has_waiters());
}

TEST_F(PollTest, BlockIsAPollOfOne) {
  Async<> blocked = pollables[0]->block(*call);
  ASSERT_FALSE(blocked.ready());
  after_it_waits(loop, [&] { inlets[0]->feed("x"); });
  EXPECT_TRUE(loop.block_on(blocked.take_task()).has_value());
  EXPECT_TRUE(pollables[0]->block(*call).ready());
}

} // namespace
} // namespace nacre::streams
