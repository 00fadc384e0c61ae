// SPDX-License-Identifier: Apache-2.0
// The server's bounds: sizes, times, connections; drain; clients that go away.
#include "http/testing/server_fixture.h"

#include <gtest/gtest.h>

namespace nacre::http {
namespace {

using namespace testing;
using std::chrono::hours;
using std::chrono::seconds;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

class Limits : public ServerFixture {
protected:
  static Task<> hello(Exchange& exchange) {
    Task<> answering = answer(&exchange, "hello\n");
    co_return co_await std::move(answering);
  }
};

TEST_F(Limits, SizesOfTheHeadAreBounded) {
  start(hello, {.header_count = 5, .head_bytes = 1000, .target_bytes = 100});
  struct {
    std::string request;
    int status;
  } const cases[] = {
      {"GET / HTTP/1.1\r\nHost: x\r\na:1\r\nb:1\r\nc:1\r\nd:1\r\n\r\n", 200},
      {"GET / HTTP/1.1\r\nHost: x\r\na:1\r\nb:1\r\nc:1\r\nd:1\r\ne:1\r\n\r\n", 431},
      {"GET / HTTP/1.1\r\nHost: x\r\na: " + std::string(1000, 'x'), 431},
      {"GET /" + std::string(100, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
      {"GET /" + std::string(400, 'x'), 414},
  };
  for (const auto& [request, status] : cases) {
    auto wire = connect();
    wire.send(request);
    const auto text = status == 200 ? wire.read_now() : wire.read_all();
    EXPECT_EQ(status_of(text), status) << request;
  }
}

TEST_F(Limits, HeadNearItsBoundFits) {
  start(describe, {.output_bytes = 128UL * 1024});
  auto wire = connect();
  const std::string value(60000, 'v');
  wire.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nBig: " + value + "\r\n\r\nhello");
  ASSERT_TRUE(wire.read_until("(hello)"));
  EXPECT_NE(wire.received().find("[big=" + value + "]"), std::string::npos);
}

TEST_F(Limits, BodiesAreBounded) {
  start(describe, {.body_bytes = 10});
  for (const std::string_view rest :
       {"Content-Length: 11\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nb\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n"}) {
    auto wire = connect();
    wire.send("POST / HTTP/1.1\r\nHost: x\r\n" + std::string{rest});
    EXPECT_EQ(status_of(wire.read_all()), 413) << rest;
  }
  auto wire = connect();
  wire.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
            "chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n");
  EXPECT_EQ(status_of(wire.read_now()), 200);
}

TEST_F(Limits, RequestsPerConnectionAreBounded) {
  start(hello, {.requests_per_connection = 2});
  auto wire = connect();
  wire.send(std::string{kGet} + std::string{kGet} + std::string{kGet});
  const auto text = wire.read_all();
  EXPECT_EQ(count_of(text, "HTTP/1.1 200"), 2U);
  EXPECT_EQ(count_of(text, "connection: close\r\n"), 1U);
}

TEST_F(Limits, ConnectionsBeyondTheBoundWait) {
  start(hello, {.connections = 2});
  auto first = connect();
  auto second = connect();
  auto third = connect();
  third.send(kGet);
  EXPECT_EQ(third.read_now(), "");
  EXPECT_EQ(server_->connections(), 2U);
  first.close();
  EXPECT_TRUE(third.read_until("hello\n"));
}

TEST_F(Limits, IdleConnectionIsClosed) {
  start(hello, {.idle = seconds(10)});
  auto wire = connect();
  wire.send(kGet);
  EXPECT_EQ(status_of(wire.read_now()), 200);
  wind(seconds(10));
  wire.read_now();
  EXPECT_FALSE(wire.ended());
  wind(seconds(5));
  wire.read_all();
}

TEST_F(Limits, SlowHeadIs408) {
  start(hello, {.head_read = seconds(10)});
  auto wire = connect();
  wire.send("GET / HTTP/1.1\r\nHo");
  wire.read_now();
  wind(seconds(12));
  EXPECT_EQ(status_of(wire.read_all()), 408);
  auto silent = connect();
  silent.read_now();
  wind(seconds(12));
  EXPECT_EQ(silent.read_all(), "") << "who said nothing is told nothing";
}

TEST_F(Limits, BytesOfASlowHeadDoNotExtendItsTime) {
  start(hello, {.head_read = seconds(10)});
  auto wire = connect();
  wire.send("GET / HTTP/1.1\r\nHost: x\r\n");
  wire.read_now();
  for (int i = 0; i < 4; ++i) {
    wind(seconds(3));
    wire.send("a: b\r\n");
    wire.read_now();
  }
  EXPECT_EQ(status_of(wire.read_all()), 408);
}

TEST_F(Limits, StalledBodyFailsWithTimeout) {
  Code code{};
  start(
      [&](Exchange& exchange) -> Task<> {
        Task<std::string> reading = read_body(&exchange.body());
        const auto body = co_await std::move(reading);
        if (!body.has_value())
          code = body.error().code();
        co_return body.has_value() ? Result<>{} : Result<>{body.error()};
      },
      {.body_stall = seconds(10)});
  auto wire = connect();
  wire.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
  wire.read_now();
  wind(seconds(8));
  wire.send("c");
  wire.read_now();
  wind(seconds(8));
  wire.read_now();
  EXPECT_EQ(code, Code{}) << "each byte starts the time anew";
  wind(seconds(5));
  EXPECT_EQ(status_of(wire.read_all()), 408);
  EXPECT_EQ(code, Code::timeout);
}

// Writes without end, as fast as the client takes it.
Task<> endless(Exchange& exchange) {
  ResponseHead head;
  CO_TRY(auto* sink, exchange.respond(head));
  const std::string block(16384, 'x');
  for (;;) {
    while (sink->room() < block.size()) {
      sink->flush();
      if (sink->room() < block.size())
        CO_TRY_OK(co_await sink->signal().wait());
      if (sink->failed())
        co_return sink->error();
    }
    CO_TRY_OK(sink->write(bytes_of(block)));
  }
}

TEST_F(Limits, ClientThatTakesNothingIsReset) {
  std::size_t most = 0;
  start(
      [&](Exchange& exchange) -> Task<> {
        Task<> writing = endless(exchange);
        auto result = co_await std::move(writing);
        most = 1;
        co_return result;
      },
      {.write_stall = seconds(10)});
  auto wire = connect(4096);
  wire.send(kGet);
  settle(loop_);
  wind(seconds(8));
  settle(loop_);
  EXPECT_EQ(most, 0U);
  wind(seconds(8));
  settle(loop_);
  EXPECT_EQ(most, 1U) << "the handler's writes fail";
  wire.read_all();
  EXPECT_TRUE(wire.was_reset());
}

TEST_F(Limits, StreamingPushesBackAndNothingIsLost) {
  constexpr std::size_t kSize = 8UL * 1024 * 1024;
  std::size_t most_room = 0;
  start([&](Exchange& exchange) -> Task<> {
    ResponseHead head;
    CO_TRY(auto* sink, exchange.respond(head));
    std::size_t sent = 0;
    unsigned char next = 0;
    std::vector<std::byte> block;
    while (sent < kSize) {
      most_room = std::max(most_room, sink->room());
      // Sizes of every kind: framing and buffering see all their edges.
      const std::size_t want = std::min(kSize - sent, 1 + (sent * 7919) % 70000);
      block.resize(std::min(want, sink->room()));
      if (block.empty()) {
        CO_TRY_OK(co_await sink->signal().wait());
        continue;
      }
      for (auto& b : block)
        b = static_cast<std::byte>(next++);
      CO_TRY_OK(sink->write(block));
      sent += block.size();
      if (sent % 3 == 0)
        CO_TRY_OK(co_await yield_to_loop());
    }
    co_return sink->finish(nullptr);
  });
  auto wire = connect(65536);
  wire.send(kGet);
  ASSERT_TRUE(wire.read_until("\r\n0\r\n\r\n"));
  EXPECT_LE(most_room, ServerLimits{}.output_bytes);
  const auto raw = body_of(wire.received());
  std::size_t at = 0;
  std::size_t total = 0;
  unsigned char next = 0;
  bool same = true;
  for (;;) {
    const std::size_t size = std::stoul(raw.substr(at, 8), nullptr, 16);
    at = raw.find("\r\n", at) + 2;
    if (size == 0)
      break;
    for (std::size_t i = 0; i < size; ++i)
      same = same && static_cast<unsigned char>(raw[at + i]) == next++;
    at += size + 2;
    total += size;
  }
  EXPECT_TRUE(same);
  EXPECT_EQ(total, kSize);
}

TEST_F(Limits, UnreadBodyPushesBack) {
  Signal go;
  std::size_t got = 0;
  start([&](Exchange& exchange) -> Task<> {
    CO_TRY_OK(co_await go.wait());
    Task<std::string> reading = read_body(&exchange.body());
    CO_TRY(const auto body, co_await std::move(reading));
    got = body.size();
    Task<> answering = hello(exchange);
    co_return co_await std::move(answering);
  });
  auto wire = connect();
  constexpr std::size_t kSize = 32UL * 1024 * 1024;
  wire.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(kSize) + "\r\n\r\n");
  settle(loop_);
  EXPECT_EQ(got, 0U);
  go.notify();
  wire.send(std::string(kSize, 'y'));
  ASSERT_TRUE(wire.read_until("hello\n"));
  EXPECT_EQ(got, kSize);
}

// ---- Clients that go away

class Gone : public ServerFixture {
protected:
  Handler until_gone() {
    return [this](Exchange& exchange) -> Task<> {
      ++started_;
      if (!exchange.is_gone())
        CO_TRY_OK(co_await exchange.gone().wait());
      ++gone_;
      co_return Error{Code::cancelled, "the client went away"};
    };
  }
  int started_ = 0;
  int gone_ = 0;
};

TEST_F(Gone, CloseResetAndHalfCloseAreSeen) {
  start(until_gone());
  for (int how = 0; how < 3; ++how) {
    auto wire = connect();
    wire.send(kGet);
    settle(loop_);
    EXPECT_EQ(gone_, how);
    if (how == 0)
      wire.close();
    else if (how == 1)
      wire.reset();
    else
      wire.half_close();
    EXPECT_TRUE(pump(loop_, [&] { return gone_ == how + 1; })) << how;
    EXPECT_TRUE(pump(loop_, [&] { return server_->connections() == 0; })) << how;
  }
}

TEST_F(Gone, PipelinedBytesDoNotHideTheEnd) {
  start(until_gone());
  auto wire = connect();
  wire.send(kGet);
  settle(loop_);
  wire.send(kGet);
  wire.send("GET /more HTTP/1.1\r\n");
  settle(loop_);
  EXPECT_EQ(gone_, 0);
  wire.close();
  EXPECT_TRUE(pump(loop_, [&] { return gone_ == 1; }));
  EXPECT_EQ(started_, 1);
}

TEST_F(Gone, EndInOnePacketWithTheRequestIsSeenByTheNextTick) {
  start(until_gone());
  auto wire = connect();
  settle(loop_);
  wire.send(kGet);
  wire.half_close();
  settle(loop_);
  EXPECT_EQ(started_, 1);
  wind(seconds(2));
  EXPECT_TRUE(pump(loop_, [&] { return gone_ == 1; }));
}

TEST_F(Gone, EndInTheMiddleOfTheBodyFailsIt) {
  Code code{};
  bool gone = false;
  start([&](Exchange& exchange) -> Task<> {
    Task<std::string> reading = read_body(&exchange.body());
    const auto body = co_await std::move(reading);
    code = body.has_value() ? Code{} : body.error().code();
    gone = exchange.is_gone();
    co_return Result<>{};
  });
  auto wire = connect();
  wire.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
  settle(loop_);
  wire.close();
  EXPECT_TRUE(pump(loop_, [&] { return server_->connections() == 0; }));
  EXPECT_EQ(code, Code::cancelled);
  EXPECT_TRUE(gone);
}

TEST_F(Gone, IsNotAClientWhoseResponseTheHandlerBreaksOff) {
  bool gone = true;
  start([&](Exchange& exchange) -> Task<> {
    CO_TRY(BodySink* const sink, exchange.respond(ResponseHead{}));
    sink->abort(Error{Code::internal, "changed its mind"});
    gone = exchange.is_gone();
    co_return Result<>{};
  });
  auto wire = connect();
  wire.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  wire.read_all();
  EXPECT_FALSE(gone);
}

TEST_F(Gone, WritesFailAfterAReset) {
  Result<> outcome;
  start([&](Exchange& exchange) -> Task<> {
    Task<> writing = endless(exchange);
    outcome = co_await std::move(writing);
    co_return outcome;
  });
  auto wire = connect();
  wire.send(kGet);
  ASSERT_TRUE(wire.read_until("xxxx"));
  wire.reset();
  EXPECT_TRUE(pump(loop_, [&] { return server_->connections() == 0; }));
  EXPECT_FALSE(outcome.has_value());
}

// ---- Drain

class Drain : public ServerFixture {};

TEST_F(Drain, IdleConnectionsCloseAndRunningExchangesEnd) {
  Signal go;
  start([&](Exchange& exchange) -> Task<> {
    if (exchange.request().path == "/slow")
      CO_TRY_OK(co_await go.wait());
    Task<> answering = answer(&exchange, "done");
    co_return co_await std::move(answering);
  });
  auto idle = connect();
  auto busy = connect();
  idle.send(kGet);
  busy.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(idle.read_until("done"));
  const auto port = server_->address().port;
  bool drained = false;
  scope_.spawn("drain", server_->drain(hours(1)),
               [&](const Result<>& r) { drained = r.has_value(); });
  idle.read_all();
  settle(loop_);
  EXPECT_FALSE(drained);
  EXPECT_EQ(server_->active(), 1U);
  go.notify();
  const auto text = busy.read_all();
  EXPECT_NE(text.find("connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("done"));
  busy.close();
  EXPECT_TRUE(pump(loop_, [&] { return drained; }));
  EXPECT_EQ(server_->connections(), 0U);
  const net::Address same{"127.0.0.1", port};
  EXPECT_TRUE(net::Listener::open(loop_, same, {.reuse_port = false}).has_value())
      << "nobody listens any more";
}

TEST_F(Drain, DeadlineResetsWhatIsLeft) {
  Signal never;
  Code code{};
  start([&](Exchange&) -> Task<> {
    auto waited = co_await never.wait();
    code = waited.has_value() ? Code{} : waited.error().code();
    co_return waited;
  });
  auto wire = connect();
  wire.send(kGet);
  settle(loop_);
  EXPECT_TRUE(loop_.block_on(server_->drain(std::chrono::milliseconds(1))).has_value());
  EXPECT_EQ(code, Code::cancelled);
  EXPECT_EQ(server_->connections(), 0U);
  wire.read_all();
}

TEST_F(Drain, ServerCanGoAwayWithoutClosing) {
  Signal never;
  start([&](Exchange&) -> Task<> { co_return co_await never.wait(); });
  auto wire = connect();
  wire.send(kGet);
  settle(loop_);
  EXPECT_TRUE(loop_.block_on(scope_.close()).has_value());
  server_.reset();
  wire.read_all();
}

} // namespace
} // namespace nacre::http
