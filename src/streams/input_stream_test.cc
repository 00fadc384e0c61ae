// SPDX-License-Identifier: Apache-2.0
#include "loop/scope.h"
#include "streams/input_stream.h"
#include "streams/testing/fake_call.h"
#include "streams/testing/pipe.h"

#include <gtest/gtest.h>

namespace nacre::streams {
namespace {

using component::Bytes;
using testing::after_it_waits;
using testing::answer;
using wasi_io_p2::StreamError;

std::string text(const Bytes& bytes) {
  return {bytes.view().begin(), bytes.view().end()};
}

class InputStreamTest : public ::testing::Test {
protected:
  Loop loop;
  testing::FakeCall call;
  std::shared_ptr<testing::Inlet> inlet = std::make_shared<testing::Inlet>();
  InputStream stream{inlet};
};

TEST_F(InputStreamTest, ReadGivesWhatIsHereAndNeverMoreThanAsked) {
  EXPECT_TRUE((*stream.read(*call, 10).value()).empty());
  inlet->feed("abcdef");
  EXPECT_EQ(text(*stream.read(*call, 4).value()), "abcd");
  EXPECT_EQ(text(*stream.read(*call, 4).value()), "ef");
}

TEST_F(InputStreamTest, ReadOfAHugeLengthIsClampedBeforeTheSourceSeesIt) {
  inlet->feed("x");
  EXPECT_EQ(text(*stream.read(*call, std::uint64_t{1} << 63).value()), "x");
  EXPECT_EQ(inlet->largest_read(), kMostRead);
}

TEST_F(InputStreamTest, BlockingReadAnswersAtOnceWhenItCan) {
  inlet->feed("now");
  Async<Outcome<Bytes>> now = stream.blocking_read(*call, 10);
  ASSERT_TRUE(now.ready());
  EXPECT_EQ(text(**now.result()), "now");
  EXPECT_TRUE(stream.blocking_read(*call, 0).ready());
}

TEST_F(InputStreamTest, BlockingReadWaitsForTheFirstByte) {
  Async<Outcome<Bytes>> later = stream.blocking_read(*call, 10);
  ASSERT_FALSE(later.ready());
  after_it_waits(loop, [&] { inlet->feed("late"); });
  EXPECT_EQ(text(*loop.block_on(later.take_task()).value()), "late");
  EXPECT_GT(inlet->armed(), 0U);
}

TEST_F(InputStreamTest, BlockingReadEndsWithTheStream) {
  Async<Outcome<Bytes>> later = stream.blocking_read(*call, 10);
  after_it_waits(loop, [&] { inlet->end(); });
  const auto got = answer(loop, std::move(later)).value();
  ASSERT_FALSE(got.has_value());
  EXPECT_TRUE(got.error().is(StreamError::Case::closed));
}

TEST_F(InputStreamTest, FailureIsToldOnceThenTheStreamIsClosed) {
  inlet->fail("disk on fire");
  auto first = stream.read(*call, 1).value();
  ASSERT_FALSE(first.has_value());
  auto* error = first.error().if_last_operation_failed();
  ASSERT_NE(error, nullptr);
  EXPECT_EQ((*error)->to_debug_string(*call).value(), "disk on fire");
  auto second = stream.read(*call, 1).value();
  ASSERT_FALSE(second.has_value());
  EXPECT_TRUE(second.error().is(StreamError::Case::closed));
}

TEST_F(InputStreamTest, SkipCountsWhatItDropped) {
  inlet->feed("abcdef");
  EXPECT_EQ(*stream.skip(*call, 4).value(), 4U);
  EXPECT_EQ(*answer(loop, stream.blocking_skip(*call, 100)).value(), 2U);
  Async<Outcome<std::uint64_t>> later = stream.blocking_skip(*call, 100);
  ASSERT_FALSE(later.ready());
  after_it_waits(loop, [&] { inlet->feed("xyz"); });
  EXPECT_EQ(*loop.block_on(later.take_task()).value(), 3U);
  inlet->end();
  EXPECT_FALSE(stream.skip(*call, 1).value().has_value());
}

TEST_F(InputStreamTest, PollableOutlivesItsStream) {
  auto source = std::make_shared<testing::Inlet>();
  auto short_lived = std::make_unique<InputStream>(source);
  const auto pollable = short_lived->subscribe(*call).value();
  short_lived.reset();
  EXPECT_FALSE(pollable->ready(*call).value());
  source->end();
  EXPECT_TRUE(pollable->ready(*call).value());
}

TEST_F(InputStreamTest, CancelledReadLeavesNothingBehind) {
  Scope scope{loop};
  Async<Outcome<Bytes>> later = stream.blocking_read(*call, 10);
  auto run = [](Task<Outcome<Bytes>> task) -> Task<> {
    CO_TRY(auto got, co_await std::move(task));
    (void)got;
    co_return Result<>{};
  };
  scope.spawn("read", run(later.take_task()));
  loop.poll();
  EXPECT_TRUE(inlet->signal().has_waiters());
  ASSERT_TRUE(loop.block_on(scope.close()).has_value());
  EXPECT_FALSE(inlet->signal().has_waiters());
}

} // namespace
} // namespace nacre::streams
