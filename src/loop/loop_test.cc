// SPDX-License-Identifier: Apache-2.0
#include "base/ensure.h"
#include "loop/async.h"
#include "loop/loop.h"
#include "loop/scope.h"
#include "loop/signal.h"

#include <gtest/gtest.h>

#include <thread>

namespace nacre {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

Task<int> answer() {
  co_return 42;
}
Task<int> fail() {
  co_return Error{Code::invalid, "no"};
}
Task<int> never(Signal* signal) {
  CO_TRY_OK(co_await signal->wait());
  co_return 1;
}

TEST(Loop, BlockOnReturnsTheTasksResult) {
  Loop loop;
  EXPECT_EQ(loop.block_on(answer()).value(), 42);
  EXPECT_EQ(loop.block_on(fail()).error().message(), "no");
}

TEST(Loop, WithinEndsATaskThatTakesTooLong) {
  Loop loop;
  Signal signal;
  auto result = loop.block_on(within(milliseconds(1), "waiting for nothing", never(&signal)));
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), Code::timeout);
  EXPECT_EQ(result.error().message(), "waiting for nothing took longer than 0.001 s");
  EXPECT_FALSE(signal.has_waiters());
}

TEST(Loop, WithinPassesAResultThrough) {
  Loop loop;
  EXPECT_EQ(loop.block_on(within(hours(1), "answering", answer())).value(), 42);
}

Task<bool> hop(std::thread::id home) {
  CO_TRY(auto away, co_await offload([] { return std::this_thread::get_id(); }));
  co_return away != home&& std::this_thread::get_id() == home;
}

TEST(Loop, OffloadRunsElsewhereAndComesHome) {
  Loop loop;
  EXPECT_TRUE(loop.block_on(hop(std::this_thread::get_id())).value());
}

Task<> wait_and_count(Signal* signal, int* count) {
  CO_TRY_OK(co_await signal->wait());
  ++*count;
  co_return Result<>{};
}

TEST(Signal, NotifyWakesAllWhoWaitNow) {
  Loop loop;
  Scope scope{loop};
  Signal signal;
  int count = 0;
  scope.spawn("first", wait_and_count(&signal, &count));
  scope.spawn("second", wait_and_count(&signal, &count));
  loop.poll();
  EXPECT_EQ(count, 0);
  signal.notify();
  loop.poll();
  EXPECT_EQ(count, 2);
  EXPECT_EQ(scope.running(), 0U);
}

TEST(Scope, CloseCancelsAndAwaitsEveryTask) {
  Loop loop;
  Scope scope{loop};
  Signal signal;
  int count = 0;
  bool cancelled = false;
  scope.spawn("waiter", wait_and_count(&signal, &count), [&](const Result<>& r) {
    cancelled = !r.has_value() && r.error().code() == Code::cancelled;
  });
  loop.poll();
  ASSERT_TRUE(loop.block_on(scope.close()).has_value());
  EXPECT_TRUE(cancelled);
  EXPECT_EQ(count, 0);
}

Task<> buggy() {
  ENSURE(false, "this one is broken");
  co_return Result<>{};
}

TEST(Scope, BugEndsItsTaskOnlyAndIsCounted) {
  Loop loop;
  Scope scope{loop};
  const auto before = bugs_seen();
  Code seen{};
  scope.spawn("buggy", buggy(), [&](const Result<>& r) { seen = r.error().code(); });
  loop.poll();
  EXPECT_EQ(seen, Code::internal);
  EXPECT_EQ(bugs_seen(), before + 1);
  EXPECT_EQ(loop.block_on(answer()).value(), 42);
}

TEST(Async, IsReadyOrATask) {
  Async<int> ready = 3;
  EXPECT_TRUE(ready.ready());
  EXPECT_EQ(ready.result().value(), 3);
  Async<int> later = answer();
  ASSERT_FALSE(later.ready());
  Loop loop;
  EXPECT_EQ(loop.block_on(later.take_task()).value(), 42);
}

} // namespace
} // namespace nacre
