// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"
#include "capabilities/wasi_cli/stdio.h"
#include "capabilities/wasi_cli/text_filter.h"
#include "streams/testing/fake_call.h"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace nacre::wasi_cli {
namespace {

using streams::testing::after_it_waits;
using streams::testing::answer;
using wasi_io_p2::StreamError;

std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
std::string read_some(int fd) {
  std::string text(1 << 20, '\0');
  const ssize_t got = ::read(fd, text.data(), text.size());
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

class StdioTest : public ::testing::Test {
protected:
  StdioTest() {
    std::signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    EXPECT_EQ(::fcntl(ends[0], F_SETFL, O_NONBLOCK), 0); // the test itself must not wait
  }
  ~StdioTest() override {
    EXPECT_TRUE(loop.block_on(background.close(std::chrono::seconds{5})).has_value());
    close_end(0);
    close_end(1);
  }
  void close_end(std::size_t which) {
    if (ends[which] >= 0)
      ::close(std::exchange(ends[which], -1));
  }
  streams::Ticket ticket() { return std::move(*quota->take()); }
  streams::OutputStream out(int fd, Escapes escapes = Escapes::keep) {
    return streams::OutputStream{inherit_output(fd, escapes).value()->open(background, ticket())};
  }
  streams::InputStream in(int fd) {
    return streams::InputStream{inherit_input(fd).value()->open(background, ticket())};
  }
  Result<streams::Outcome<>> write(streams::OutputStream& stream, std::string_view text) {
    return answer(loop, stream.blocking_write_and_flush(*call, bytes(text)));
  }

  Loop loop;
  streams::testing::FakeCall call;
  streams::Background background{loop};
  std::shared_ptr<streams::Quota> quota = std::make_shared<streams::Quota>(100);
  std::array<int, 2> ends{};
};

TEST_F(StdioTest, WritesToAPipeAtOnce) {
  auto stream = out(ends[1]);
  auto written = stream.blocking_write_and_flush(*call, bytes("hello"));
  EXPECT_TRUE(written.ready());
  EXPECT_EQ(read_some(ends[0]), "hello");
  EXPECT_EQ(::fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0) << "others share the pipe";
}

TEST_F(StdioTest, FullPipeHoldsUpTheGuestAndNotTheLoop) {
  auto stream = out(ends[1]);
  const std::string block(4096, 'x');
  std::size_t sent = 0;
  for (;;) {
    auto written = stream.blocking_write_and_flush(*call, bytes(block));
    sent += block.size();
    if (written.ready())
      continue;
    // The loop still turns while the guest waits.
    std::string received;
    std::function<void()> reader = [&] {
      received += read_some(ends[0]);
      if (received.size() < sent)
        loop.post(reader);
    };
    after_it_waits(loop, reader);
    EXPECT_TRUE(loop.block_on(written.take_task()).value().has_value());
    while (received.size() < sent)
      received += read_some(ends[0]);
    EXPECT_EQ(received, std::string(sent, 'x'));
    break;
  }
}

TEST_F(StdioTest, BufferOfAFullPipeIsBounded) {
  auto stream = out(ends[1]);
  std::size_t taken = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto room = stream.check_write(*call).value();
    if (*room == 0)
      break;
    const std::string block(*room, 'x');
    ASSERT_TRUE(stream.write(*call, bytes(block)).value().has_value());
    taken += block.size();
  }
  EXPECT_EQ(*stream.check_write(*call).value(), 0U);
  EXPECT_LE(taken, (1U << 20) + (64U << 10));
  EXPECT_FALSE(stream.subscribe(*call).value()->ready(*call).value());
  close_end(0); // lets the background end
}

TEST_F(StdioTest, WhatTheGuestLeftBehindStillGetsOut) {
  {
    auto stream = out(ends[1]);
    while (*stream.check_write(*call).value() == 64U << 10)
      ASSERT_TRUE(stream.write(*call, bytes(std::string(4096, 'a'))).value().has_value());
    ASSERT_TRUE(stream.write(*call, bytes("end")).value().has_value());
  }
  EXPECT_EQ(quota->taken(), 1U) << "what is still to be written counts";
  std::string received;
  after_it_waits(loop, [&] { received = read_some(ends[0]); });
  ASSERT_TRUE(loop.block_on(background.close(std::chrono::seconds{5})).has_value());
  close_end(1);
  received += read_some(ends[0]);
  EXPECT_TRUE(received.ends_with("end"));
  EXPECT_EQ(quota->taken(), 0U);
}

TEST_F(StdioTest, ReaderThatWentAwayClosesTheStream) {
  auto stream = out(ends[1]);
  close_end(0);
  (void)write(stream, "lost");
  const auto next = stream.check_write(*call).value();
  ASSERT_FALSE(next.has_value());
  EXPECT_TRUE(next.error().is(StreamError::Case::closed));
}

TEST_F(StdioTest, WritesToAFileBehindTheLoop) {
  char name[] = "/tmp/nacre_stdio_XXXXXX";
  const int file = ::mkostemp(name, O_CLOEXEC);
  ASSERT_GE(file, 0);
  ::unlink(name);
  auto stream = out(file);
  ASSERT_TRUE(write(stream, "one ").value().has_value());
  ASSERT_TRUE(write(stream, "two").value().has_value());
  ASSERT_EQ(::lseek(file, 0, SEEK_SET), 0);
  EXPECT_EQ(read_some(file), "one two");
  ASSERT_EQ(::lseek(file, 0, SEEK_SET), 0);
  auto source = in(file);
  const auto got = answer(loop, source.blocking_read(*call, 3)).value();
  EXPECT_EQ((std::string{got->view().begin(), got->view().end()}), "one");
  ASSERT_TRUE(answer(loop, source.blocking_skip(*call, 100)).value().has_value());
  EXPECT_FALSE(answer(loop, source.blocking_read(*call, 3)).value().has_value());
  ::close(file);
}

TEST_F(StdioTest, ReadsFromAPipeWhenSomethingComes) {
  auto stream = in(ends[0]);
  EXPECT_TRUE(stream.read(*call, 10).value()->empty());
  EXPECT_FALSE(stream.subscribe(*call).value()->ready(*call).value());
  auto later = stream.blocking_read(*call, 10);
  ASSERT_FALSE(later.ready());
  after_it_waits(loop, [&] { ASSERT_EQ(::write(ends[1], "typed", 5), 5); });
  const auto got = loop.block_on(later.take_task()).value();
  EXPECT_EQ((std::string{got->view().begin(), got->view().end()}), "typed");
  close_end(1);
  EXPECT_FALSE(answer(loop, stream.blocking_read(*call, 10)).value().has_value());
}

TEST_F(StdioTest, ReaderThatIsDroppedWaitsForNobody) {
  {
    auto stream = in(ends[0]);
    streams::testing::FakeCall other;
    const auto pollable = stream.subscribe(*call).value();
    stream.source()->arm();
    loop.poll();
  }
  loop.poll();
  // The destructor of the fixture closes the background with a long limit: nothing may be left.
}

TEST_F(StdioTest, SocketsAreNeverWaitedForInACall) {
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
  auto stream = out(pair[0]);
  auto source = in(pair[0]);
  EXPECT_TRUE(source.read(*call, 10).value()->empty());
  EXPECT_TRUE(write(stream, "ping").value().has_value());
  EXPECT_EQ(read_some(pair[1]), "ping");
  EXPECT_EQ(::fcntl(pair[0], F_GETFL) & O_NONBLOCK, 0);
  ::close(pair[0]);
  ::close(pair[1]);
}

TEST_F(StdioTest, DevNullTakesEverythingAndGivesNothing) {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  auto sink = out(null);
  auto source = in(null);
  EXPECT_TRUE(write(sink, "gone").value().has_value());
  EXPECT_FALSE(answer(loop, source.blocking_read(*call, 10)).value().has_value());
  ::close(null);
}

TEST_F(StdioTest, MaskedOutputCannotSteerATerminal) {
  auto stream = out(ends[1], Escapes::mask);
  ASSERT_TRUE(write(stream, "a\x1b").value().has_value());
  ASSERT_TRUE(write(stream, "[31mred\a\xc2").value().has_value());
  ASSERT_TRUE(write(stream, "\x9b"
                            "0m \xc3\xa4\n\t")
                  .value()
                  .has_value());
  EXPECT_EQ(read_some(ends[0]), "a?[31mred?\xc2\xbf"
                                "0m \xc3\xa4\n\t");
}

TEST_F(StdioTest, ClosedDescriptorIsAnError) {
  EXPECT_FALSE(inherit_output(987654, Escapes::keep).has_value());
  EXPECT_FALSE(inherit_input(987654).has_value());
}

class LogTest : public StdioTest {
protected:
  LogTest() {
    log::set_sink(
        [this](log::Level, std::string_view message, std::initializer_list<log::Field> fields) {
          std::string line{message};
          for (const log::Field& field : fields) {
            if (field.name == "line" || field.name == "lines")
              line = field.name == "line" ? field.value : line + " " + field.value;
          }
          seen.push_back(line);
        });
  }
  ~LogTest() override {
    log::set_sink([](log::Level, std::string_view, std::initializer_list<log::Field>) {});
  }
  std::vector<std::string> seen;
  Clock::time_point now{};
  LogLines lines{.guest = "shop",
                 .stream = "stdout",
                 .longest = 10,
                 .per_second = 10,
                 .burst = 3,
                 .now = [this] { return now; }};
};

TEST_F(LogTest, EachLineIsALogLine) {
  {
    streams::OutputStream stream{log_output(lines)->open(background, ticket())};
    ASSERT_TRUE(write(stream, "one\r\ntw").value().has_value());
    ASSERT_TRUE(write(stream, "o\nthree").value().has_value());
    EXPECT_EQ(seen, (std::vector<std::string>{"one", "two"}));
  }
  EXPECT_EQ(seen.back(), "three");
}

TEST_F(LogTest, EndlessLineIsCut) {
  streams::OutputStream stream{log_output(lines)->open(background, ticket())};
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(write(stream, std::string(4096, 'x')).value().has_value());
  EXPECT_TRUE(seen.empty());
  ASSERT_TRUE(write(stream, "\n").value().has_value());
  EXPECT_EQ(seen, (std::vector<std::string>{"xxxxxxxxxx … 409590 bytes left out"}));
}

TEST_F(LogTest, EscapesAreVisible) {
  streams::OutputStream stream{log_output(lines)->open(background, ticket())};
  ASSERT_TRUE(write(stream, "\x1b[2J\xff\n").value().has_value());
  EXPECT_EQ(seen, (std::vector<std::string>{"\\x1b[2J\\xff"}));
}

TEST_F(LogTest, TooManyLinesAreDroppedAndCounted) {
  streams::OutputStream stream{log_output(lines)->open(background, ticket())};
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(write(stream, "spam\n").value().has_value());
  EXPECT_EQ(seen.size(), 3U);
  now += std::chrono::milliseconds{100};
  ASSERT_TRUE(write(stream, "later\n").value().has_value());
  ASSERT_EQ(seen.size(), 5U);
  EXPECT_EQ(seen[3], "guest writes too fast: lines dropped 47");
  EXPECT_EQ(seen[4], "later");
}

TEST(Visible, KeepsTextAndShowsTheRest) {
  EXPECT_EQ(visible("plain \xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\x9a\t|"),
            "plain \xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\x9a\t|");
  EXPECT_EQ(visible(std::string_view{"\0\n\x7f", 3}), "\\x00\\x0a\\x7f");
  EXPECT_EQ(visible("\xc2\x9b"), "\\xc2\\x9b"); // C1 control
  EXPECT_EQ(visible("\xc0\xaf|\xed\xa0\x80|\xf5"), "\\xc0\\xaf|\\xed\\xa0\\x80|\\xf5");
  EXPECT_EQ(visible("\xe2\x82"), "\\xe2\\x82");          // cut short
  EXPECT_EQ(visible("\xe2\x80\xa8"), "\\xe2\\x80\\xa8"); // line separator
}

} // namespace
} // namespace nacre::wasi_cli
