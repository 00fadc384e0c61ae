// SPDX-License-Identifier: Apache-2.0
#include "streams/output_stream.h"
#include "streams/testing/fake_call.h"
#include "streams/testing/pipe.h"

#include <gtest/gtest.h>

namespace nacre::streams {
namespace {

using testing::after_it_waits;
using testing::answer;
using wasi_io_p2::StreamError;

std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

class OutputStreamTest : public ::testing::Test {
protected:
  Loop loop;
  testing::FakeCall call;
  std::shared_ptr<testing::Outlet> outlet = std::make_shared<testing::Outlet>(8);
  OutputStream stream{outlet};
};

TEST_F(OutputStreamTest, WriteTakesWhatCheckWritePermits) {
  EXPECT_EQ(*stream.check_write(*call).value(), 8U);
  ASSERT_TRUE(stream.write(*call, bytes("12345678")).value().has_value());
  EXPECT_EQ(*stream.check_write(*call).value(), 0U);
  EXPECT_EQ(outlet->drain(), "12345678");
}

TEST_F(OutputStreamTest, WriteBeyondThePermitTraps) {
  auto without = stream.write(*call, bytes("x"));
  ASSERT_FALSE(without.has_value());
  EXPECT_EQ(without.error().message(), "write of 1 bytes, check-write permits 0");
  ASSERT_TRUE(stream.check_write(*call).value().has_value());
  EXPECT_FALSE(stream.write(*call, bytes("123456789")).has_value());
  ASSERT_TRUE(stream.write(*call, bytes("12345")).has_value());
  EXPECT_FALSE(stream.write(*call, bytes("6789")).has_value()) << "the permit is used up";
  EXPECT_FALSE(stream.write_zeroes(*call, 4).has_value());
}

TEST_F(OutputStreamTest, FlushTakesThePermitAway) {
  ASSERT_TRUE(stream.check_write(*call).value().has_value());
  ASSERT_TRUE(stream.flush(*call).value().has_value());
  EXPECT_FALSE(stream.write(*call, bytes("x")).has_value());
}

TEST_F(OutputStreamTest, EmptyWritesReachNobody) {
  for (int i = 0; i < 1000; ++i)
    ASSERT_TRUE(stream.write(*call, {}).value().has_value());
  EXPECT_EQ(outlet->writes(), 0U);
}

TEST_F(OutputStreamTest, FlushShutsTheStreamUntilItIsDone) {
  ASSERT_TRUE(stream.check_write(*call).value().has_value());
  ASSERT_TRUE(stream.write(*call, bytes("ab")).value().has_value());
  ASSERT_TRUE(stream.flush(*call).value().has_value());
  const auto pollable = stream.subscribe(*call).value();
  EXPECT_EQ(*stream.check_write(*call).value(), 0U);
  EXPECT_FALSE(pollable->ready(*call).value());
  EXPECT_EQ(outlet->drain(), "ab");
  EXPECT_TRUE(pollable->ready(*call).value());
  EXPECT_EQ(*stream.check_write(*call).value(), 8U);
}

TEST_F(OutputStreamTest, BlockingWriteAnswersAtOnceWhenItCan) {
  outlet->flush_at_once();
  Async<Outcome<>> done = stream.blocking_write_and_flush(*call, bytes("hello"));
  ASSERT_TRUE(done.ready());
  EXPECT_TRUE(done.result()->has_value());
  EXPECT_EQ(outlet->arrived(), "hello");
}

TEST_F(OutputStreamTest, BlockingWriteWaitsForRoomAndForTheFlush) {
  const std::string text = "0123456789abcdefXYZ";
  Async<Outcome<>> done = stream.blocking_write_and_flush(*call, bytes(text));
  ASSERT_FALSE(done.ready());
  std::function<void()> drainer = [&] {
    outlet->drain();
    if (outlet->arrived().size() < text.size())
      loop.post(drainer);
  };
  after_it_waits(loop, drainer);
  EXPECT_TRUE(loop.block_on(done.take_task()).value().has_value());
  EXPECT_EQ(outlet->arrived(), text);
}

TEST_F(OutputStreamTest, BlockingWriteKeepsItsOwnCopyOfWhatWaits) {
  std::string text = "0123456789";
  Async<Outcome<>> done = stream.blocking_write_and_flush(*call, bytes(text));
  text.assign(10, '#'); // the guest's memory moved on
  after_it_waits(loop, [&] {
    outlet->drain();
    after_it_waits(loop, [&] { outlet->drain(); });
  });
  EXPECT_TRUE(loop.block_on(done.take_task()).value().has_value());
  EXPECT_EQ(outlet->arrived(), "0123456789");
}

TEST_F(OutputStreamTest, BlockingWriteOfTooMuchTraps) {
  const std::string text(kMostBlockingWrite + 1, 'x');
  Async<Outcome<>> done = stream.blocking_write_and_flush(*call, bytes(text));
  ASSERT_TRUE(done.ready());
  ASSERT_FALSE(done.result().has_value());
  EXPECT_EQ(done.result().error().message(), "blocking write of 4097 bytes, the limit is 4096");
  EXPECT_FALSE(
      stream.blocking_write_zeroes_and_flush(*call, std::uint64_t{1} << 40).result().has_value());
}

TEST_F(OutputStreamTest, WriteThatClosesTheStreamSucceeds) {
  Async<Outcome<>> done = stream.blocking_write_and_flush(*call, bytes("last"));
  ASSERT_FALSE(done.ready());
  after_it_waits(loop, [&] { outlet->close(); });
  EXPECT_TRUE(loop.block_on(done.take_task()).value().has_value());
  auto after = stream.check_write(*call).value();
  ASSERT_FALSE(after.has_value());
  EXPECT_TRUE(after.error().is(StreamError::Case::closed));
}

TEST_F(OutputStreamTest, FailureWhileFlushingIsReportedThenClosed) {
  Async<Outcome<>> done = stream.blocking_write_and_flush(*call, bytes("lost"));
  after_it_waits(loop, [&] { outlet->fail("peer gone"); });
  auto outcome = loop.block_on(done.take_task()).value();
  ASSERT_FALSE(outcome.has_value());
  EXPECT_TRUE(outcome.error().is(StreamError::Case::last_operation_failed));
  auto next = stream.write(*call, bytes("more")).value();
  ASSERT_FALSE(next.has_value());
  EXPECT_TRUE(next.error().is(StreamError::Case::closed));
  EXPECT_TRUE(stream.subscribe(*call).value()->ready(*call).value());
}

TEST_F(OutputStreamTest, ZeroesAreZeroes) {
  outlet->flush_at_once();
  EXPECT_TRUE(answer(loop, stream.blocking_write_zeroes_and_flush(*call, 5)).value().has_value());
  EXPECT_EQ(outlet->arrived(), std::string(5, '\0'));
  ASSERT_TRUE(stream.check_write(*call).value().has_value());
  ASSERT_TRUE(stream.write_zeroes(*call, 3).value().has_value());
  EXPECT_EQ(outlet->drain(), std::string(3, '\0'));
}

class SpliceTest : public OutputStreamTest {
protected:
  std::shared_ptr<testing::Inlet> inlet = std::make_shared<testing::Inlet>();
  InputStream source{inlet};
};

TEST_F(SpliceTest, MovesTheLeastOfRoomAndLength) {
  inlet->feed("0123456789abcdef");
  EXPECT_EQ(*stream.splice(*call, source, 3).value(), 3U);
  EXPECT_EQ(*stream.splice(*call, source, std::uint64_t{1} << 63).value(), 5U);
  EXPECT_EQ(*stream.splice(*call, source, 1).value(), 0U) << "the sink is full";
  EXPECT_EQ(outlet->drain(), "01234567");
}

TEST_F(SpliceTest, BlockingWaitsForBothEnds) {
  Async<Outcome<std::uint64_t>> moved = stream.blocking_splice(*call, source, 100);
  ASSERT_FALSE(moved.ready());
  after_it_waits(loop, [&] { inlet->feed("abc"); });
  EXPECT_EQ(*loop.block_on(moved.take_task()).value(), 3U);
  EXPECT_EQ(outlet->drain(), "abc");
}

TEST_F(SpliceTest, EndOfTheSourceIsTold) {
  inlet->end();
  auto moved = answer(loop, stream.blocking_splice(*call, source, 100)).value();
  ASSERT_FALSE(moved.has_value());
  EXPECT_TRUE(moved.error().is(StreamError::Case::closed));
}

TEST_F(SpliceTest, ClosedSinkIsTold) {
  inlet->feed("abc");
  outlet->close();
  EXPECT_FALSE(stream.splice(*call, source, 100).value().has_value());
}

} // namespace
} // namespace nacre::streams
