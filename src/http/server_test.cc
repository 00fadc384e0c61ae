// SPDX-License-Identifier: Apache-2.0
// What a client sees of the server: framing, keep-alive, pipelining, refusals.
#include "base/ensure.h"
#include "http/testing/server_fixture.h"

#include <gtest/gtest.h>

namespace nacre::http {
namespace {

using namespace testing;

class ServerTest : public ServerFixture {};

Task<> hello(Exchange& exchange) {
  Task<> answering = answer(&exchange, "hello\n");
  co_return co_await std::move(answering);
}

TEST_F(ServerTest, SmallAnswerHasALengthAndADate) {
  start(hello);
  auto wire = connect();
  wire.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto text = wire.read_now();
  EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\r\ndate: "));
  EXPECT_TRUE(text.ends_with(" GMT\r\ncontent-length: 6\r\n\r\nhello\n")) << text;
  EXPECT_FALSE(wire.ended()) << "the connection is kept";
}

// Requests with what the handler must understand, whatever the packets look like.
struct Split {
  const char* name;
  std::string_view request;
  std::string_view expected;
};
constexpr Split kSplits[] = {
    {"Get", "GET /a?b HTTP/1.1\r\nHost: x.y\r\nA: b\r\n\r\n",
     "GET http x.y /a?b\n[host=x.y][a=b]\n()\n"},
    {"Length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789",
     "POST http x /\n[host=x][content-length=10]\n(0123456789)\n"},
    {"Chunked",
     "PUT /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
     "Chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789"
     "\r\n0\r\n\r\n",
     "PUT http x /p\n[host=x][transfer-encoding=Chunked]\n(abc0123456789)\n"},
    {"Trailers",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nz\r\n0\r\nSum: 9\r\nB: "
     "c\r\n\r\n",
     "POST http x /\n[host=x][transfer-encoding=chunked]\n(z)\n[sum=9][b=c]"},
    {"EmptyLineFirst", "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET http x /\n[host=x]\n()\n"},
    {"Absolute", "GET http://a.b:1/c HTTP/1.1\r\nHost: x\r\n\r\n",
     "GET http a.b:1 /c\n[host=x]\n()\n"},
    {"OptionsStar", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS http x *\n[host=x]\n()\n"},
};

class EverySplit : public ServerFixture, public ::testing::WithParamInterface<Split> {};
TEST_P(EverySplit, IsUnderstood) {
  start(describe);
  auto wire = connect();
  const auto& [name, request, expected] = GetParam();
  for (std::size_t cut = 0; cut < request.size(); ++cut) {
    wire.forget();
    wire.send(request.substr(0, cut));
    settle(loop_);
    wire.send(request.substr(cut));
    ASSERT_TRUE(wire.read_until(expected)) << "cut at " << cut << ": " << wire.received();
    ASSERT_EQ(body_of(wire.read_now()), expected) << "cut at " << cut;
  }
}
TEST_P(EverySplit, IsUnderstoodByteByByte) {
  start(describe);
  auto wire = connect();
  for (const char c : GetParam().request) {
    EXPECT_EQ(wire.received(), "");
    wire.send({&c, 1});
    wire.read_now();
  }
  EXPECT_EQ(body_of(wire.received()), GetParam().expected);
}
INSTANTIATE_TEST_SUITE_P(Server, EverySplit, ::testing::ValuesIn(kSplits),
                         [](const auto& info) { return info.param.name; });

struct Bad {
  const char* name;
  std::string_view request;
  int status;
};
constexpr Bad kBad[] = {
    {"LengthAndCoding",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: "
     "chunked\r\n\r\n0\r\n\r\nGET "
     "/smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
     400},
    {"LengthsDiffer",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 40\r\n\r\nGET /smuggled "
     "HTTP/1.1\r\nHost: x\r\n\r\n",
     400},
    {"UnknownCoding",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\nGET /smuggled "
     "HTTP/1.1\r\nHost: "
     "x\r\n\r\n",
     501},
    {"BareLf", "GET / HTTP/1.1\nHost: x\n\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"Connect", "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
     501},
    {"Garbage", "\x16\x03\x01garbage", 400},
    {"ChunkSize",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5x\r\nhello\r\n0\r\n\r\nGET "
     "/smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
     400},
    {"ChunkTooLong",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\nGET "
     "/smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
     400},
};
class BadRequest : public ServerFixture, public ::testing::WithParamInterface<Bad> {};
TEST_P(BadRequest, IsAnsweredAndTheConnectionEnds) {
  std::vector<std::string> seen;
  start([&](Exchange& exchange) -> Task<> {
    seen.emplace_back(exchange.request().path);
    Task<> describing = describe(exchange);
    co_return co_await std::move(describing);
  });
  auto wire = connect();
  wire.send(GetParam().request);
  const auto text = wire.read_all();
  EXPECT_EQ(status_of(text), GetParam().status) << text;
  EXPECT_NE(text.find("connection: close\r\n"), std::string::npos);
  EXPECT_EQ(count_of(text, "HTTP/1.1 "), 1U) << "one answer, nothing after it";
  for (const auto& path : seen)
    EXPECT_NE(path, "/smuggled");
}
INSTANTIATE_TEST_SUITE_P(Server, BadRequest, ::testing::ValuesIn(kBad),
                         [](const auto& info) { return info.param.name; });

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  start(describe);
  auto wire = connect();
  std::string all;
  for (int i = 0; i < 100; ++i)
    all += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab";
  wire.send(all);
  ASSERT_TRUE(wire.read_until("/99\n"));
  const auto text = wire.read_now();
  EXPECT_EQ(count_of(text, "HTTP/1.1 200 OK"), 100U);
  std::size_t at = 0;
  for (int i = 0; i < 100; ++i) {
    at = text.find("POST http x /" + std::to_string(i) + "\n", at);
    ASSERT_NE(at, std::string::npos) << i;
  }
}

TEST_F(ServerTest, PipelinedRequestsWaitForAHandlerThatSuspends) {
  Signal go;
  start([&](Exchange& exchange) -> Task<> {
    if (exchange.request().path == "/slow")
      CO_TRY_OK(co_await go.wait());
    Task<> describing = describe(exchange);
    co_return co_await std::move(describing);
  });
  auto wire = connect();
  wire.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /fast HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(wire.read_now(), "");
  go.notify();
  const auto text = wire.read_now();
  EXPECT_LT(text.find("/slow"), text.find("/fast"));
  EXPECT_NE(text.find("/fast"), std::string::npos);
}

TEST_F(ServerTest, ContinueIsSaidOnlyWhenTheBodyIsWanted) {
  Signal go;
  start([&](Exchange& exchange) -> Task<> {
    CO_TRY_OK(co_await go.wait());
    Task<> describing = describe(exchange);
    co_return co_await std::move(describing);
  });
  auto wire = connect();
  wire.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(wire.read_now(), "");
  go.notify();
  EXPECT_EQ(wire.read_now(), "HTTP/1.1 100 Continue\r\n\r\n");
  wire.send("abc");
  EXPECT_NE(wire.read_now().find("(abc)"), std::string::npos);
  EXPECT_FALSE(wire.ended());
}

Task<> answer_then_read(Exchange& exchange) {
  const ResponseHead head;
  CO_TRY(BodySink * sink, exchange.respond(head));
  Task<std::string> reading = read_body(&exchange.body());
  CO_TRY(const auto body, co_await std::move(reading));
  CO_TRY_OK(sink->write(bytes_of(body)));
  co_return sink->finish(nullptr);
}

TEST_F(ServerTest, ContinueIsSaidInFrontOfAHeadThatWaits) {
  start(answer_then_read);
  auto wire = connect();
  wire.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_TRUE(wire.read_now().starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
  wire.send("abc");
  EXPECT_TRUE(wire.read_all().ends_with("abc\r\n0\r\n\r\n"));
  EXPECT_EQ(count_of(wire.received(), "HTTP/1.1"), 2U);
}

TEST_F(ServerTest, ContinueIsNotSaidInTheMiddleOfAnAnswer) {
  start([](Exchange& exchange) -> Task<> {
    const ResponseHead head;
    CO_TRY(BodySink * sink, exchange.respond(head));
    CO_TRY_OK(sink->write(bytes_of("first ")));
    sink->flush();
    CO_TRY_OK(sink->write(bytes_of("second")));
    exchange.body().pull();
    co_return sink->finish(nullptr);
  });
  auto wire = connect();
  wire.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  const auto text = wire.read_all();
  EXPECT_EQ(count_of(text, "HTTP/1.1"), 1U) << text;
  EXPECT_NE(text.find("first "), std::string::npos);
}

TEST_F(ServerTest, UnwantedExpectedBodyClosesTheConnection) {
  start(hello);
  auto wire = connect();
  wire.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  const auto text = wire.read_all();
  EXPECT_EQ(text.find("100 Continue"), std::string::npos);
  EXPECT_NE(text.find("connection: close"), std::string::npos);
}

TEST_F(ServerTest, UnreadBodyIsSwallowedToKeepTheConnection) {
  start(hello);
  auto wire = connect();
  for (const std::string_view body :
       {"Content-Length: 100000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n186a0\r\n"}) {
    wire.forget();
    wire.send("POST / HTTP/1.1\r\nHost: x\r\n" + std::string{body});
    EXPECT_EQ(status_of(wire.read_now()), 200);
    wire.send(std::string(100000, 'x'));
    if (body.starts_with('T'))
      wire.send("\r\n0\r\n\r\n");
    wire.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(count_of(wire.read_now(), "HTTP/1.1 200 OK"), 2U);
  }
}

TEST_F(ServerTest, LargeUnreadBodyEndsTheConnectionButNotTheAnswer) {
  start(hello);
  auto wire = connect();
  wire.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n" +
            std::string(300000, 'x'));
  const auto text = wire.read_now();
  EXPECT_TRUE(text.ends_with("hello\n")) << text;
  wire.half_close();
  wire.read_all();
}

TEST_F(ServerTest, HeadHasTheLengthAndNoBody) {
  start(hello);
  auto wire = connect();
  wire.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto text = wire.read_now();
  EXPECT_EQ(count_of(text, "content-length: 6\r\n"), 2U);
  EXPECT_EQ(count_of(text, "hello\n"), 1U);
}

TEST_F(ServerTest, StatusesWithoutABodyHaveNone) {
  start([](Exchange& exchange) -> Task<> {
    const auto status = static_cast<std::uint16_t>(exchange.request().path == "/204" ? 204 : 304);
    Task<> answering = answer(&exchange, "dropped", status);
    co_return co_await std::move(answering);
  });
  auto wire = connect();
  wire.send("GET /204 HTTP/1.1\r\nHost: x\r\n\r\nGET /304 HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto text = wire.read_now();
  EXPECT_NE(text.find("204 No Content"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
  EXPECT_EQ(text.find("content-length"), std::string::npos);
  EXPECT_EQ(text.find("dropped"), std::string::npos);
  EXPECT_EQ(count_of(text, "HTTP/1.1 "), 2U);
}

Task<> stream_parts(Exchange& exchange) {
  ResponseHead head;
  CO_TRY(auto* sink, exchange.respond(head));
  for (const std::string_view part : {"one,", "two,", "three"}) {
    CO_TRY_OK(sink->write(bytes_of(part)));
    CO_TRY_OK(co_await yield_to_loop());
  }
  Fields trailers;
  trailers.add("x-count", "3");
  co_return sink->finish(&trailers);
}

TEST_F(ServerTest, StreamedAnswerIsChunkedWithTrailers) {
  start(stream_parts);
  auto wire = connect();
  wire.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(wire.read_until("x-count: 3\r\n\r\n")) << wire.received();
  EXPECT_EQ(body_of(wire.received()),
            "4\r\none,\r\n4\r\ntwo,\r\n5\r\nthree\r\n0\r\nx-count: 3\r\n\r\n");
  EXPECT_NE(wire.received().find("transfer-encoding: chunked\r\n"), std::string::npos);
}

TEST_F(ServerTest, StreamedAnswerTo10EndsWithTheConnection) {
  start(stream_parts);
  auto wire = connect();
  wire.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const auto text = wire.read_all();
  EXPECT_EQ(body_of(text), "one,two,three");
  EXPECT_NE(text.find("connection: close\r\n"), std::string::npos);
  EXPECT_EQ(text.find("transfer-encoding"), std::string::npos);
}

TEST_F(ServerTest, KeepAliveOf10IsConfirmed) {
  start(hello);
  auto wire = connect();
  wire.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(wire.read_now().find("connection: keep-alive\r\n"), std::string::npos);
  EXPECT_FALSE(wire.ended());
  wire.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(count_of(wire.read_all(), "hello\n"), 2U);
}

TEST_F(ServerTest, DeclaredLengthIsKept) {
  Code code{};
  start([&](Exchange& exchange) -> Task<> {
    ResponseHead head;
    head.fields.add("Content-Length", "5");
    CO_TRY(auto* sink, exchange.respond(head));
    CO_TRY_OK(sink->write(bytes_of("hello")));
    if (exchange.request().path == "/more") {
      const auto more = sink->write(bytes_of("!"));
      code = more.error().code();
    }
    co_return sink->finish(nullptr);
  });
  auto wire = connect();
  wire.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(wire.read_now().ends_with("content-length: 5\r\n\r\nhello"));
  wire.send("GET /more HTTP/1.1\r\nHost: x\r\n\r\n");
  wire.read_all();
  EXPECT_EQ(code, Code::invalid);
}

TEST_F(ServerTest, TooShortAnswerIsReset) {
  start([](Exchange& exchange) -> Task<> {
    ResponseHead head;
    head.fields.add("Content-Length", "50");
    CO_TRY(auto* sink, exchange.respond(head));
    CO_TRY_OK(sink->write(bytes_of("hello")));
    co_return sink->finish(nullptr);
  });
  auto wire = connect();
  wire.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  wire.read_all();
  EXPECT_TRUE(wire.was_reset());
}

TEST_F(ServerTest, ResponseSplittingIsRefused) {
  std::vector<Code> codes;
  start([&](Exchange& exchange) -> Task<> {
    for (const auto& [name, value] :
         std::vector<std::pair<std::string, std::string>>{{"a", "b\r\nc: d"},
                                                          {"a", std::string("b\0", 2)},
                                                          {"a b", "c"},
                                                          {"a:", "b"},
                                                          {"", "b"},
                                                          {"a", " b"},
                                                          {"content-length", "1, 2"}}) {
      ResponseHead head;
      head.fields.add(name, value);
      const auto refused = exchange.respond(head);
      codes.push_back(refused.has_value() ? Code::internal : refused.error().code());
    }
    ResponseHead interim;
    interim.status = 100;
    codes.push_back(exchange.respond(interim).error().code());
    Task<> answering = answer(&exchange, "safe");
    co_return co_await std::move(answering);
  });
  auto wire = connect();
  wire.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(wire.read_now().ends_with("safe"));
  EXPECT_EQ(codes, std::vector<Code>(8, Code::invalid));
}

TEST_F(ServerTest, ConnectionFieldsOfTheHandlerStayHome) {
  start([](Exchange& exchange) -> Task<> {
    ResponseHead head;
    head.fields.add("Transfer-Encoding", "gzip");
    head.fields.add("Keep-Alive", "timeout=5");
    head.fields.add("Connection", "close");
    head.fields.add("Date", "today");
    CO_TRY(auto* sink, exchange.respond(head));
    co_return sink->finish(nullptr);
  });
  auto wire = connect();
  wire.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(wire.read_all(),
            "HTTP/1.1 200 OK\r\nDate: today\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
}

TEST_F(ServerTest, SilentOrFailingHandlerIsA500) {
  const auto bugs = bugs_seen();
  start([](Exchange& exchange) -> Task<> {
    if (exchange.request().path == "/error")
      co_return Error{Code::unavailable, "no"};
    ENSURE(exchange.request().path != "/bug", "a bug in the handler");
    co_return Result<>{};
  });
  auto wire = connect();
  wire.send("GET /silent HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(status_of(wire.read_now()), 500);
  wire.forget();
  wire.send("GET /error HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(status_of(wire.read_now()), 500);
  EXPECT_FALSE(wire.ended());
  wire.forget();
  wire.send("GET /bug HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(status_of(wire.read_all()), 500);
  EXPECT_EQ(bugs_seen(), bugs + 1);
}

TEST_F(ServerTest, TornAnswerIsReset) {
  start([](Exchange& exchange) -> Task<> {
    ResponseHead head;
    CO_TRY(auto* sink, exchange.respond(head));
    CO_TRY_OK(sink->write(bytes_of("half of ")));
    sink->flush();
    if (exchange.request().path == "/error")
      co_return Error{Code::internal, "no more"};
    co_return Result<>{};
  });
  for (const std::string path : {"/error", "/forgot"}) {
    auto wire = connect();
    wire.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto text = wire.read_all();
    EXPECT_EQ(text.find("0\r\n\r\n"), std::string::npos);
    EXPECT_TRUE(wire.was_reset()) << path;
  }
}

TEST_F(ServerTest, AccessHookHearsEveryExchange) {
  std::vector<std::string> lines;
  start(describe);
  server_->on_access([&](const AccessRecord& r) {
    lines.push_back(std::string{r.method} + " " + std::string{r.target} + " " +
                    std::to_string(r.status) + " " + std::to_string(r.bytes_in) + " " +
                    std::to_string(r.bytes_out) + " " + r.peer->host);
  });
  auto wire = connect();
  wire.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcBAD REQUEST\r\n\r\n");
  wire.read_all();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(
      lines[0],
      "POST /a 200 3 " +
          std::to_string(
              std::string_view{"POST http x /a\n[host=x][content-length=3]\n(abc)\n"}.size()) +
          " 127.0.0.1");
  EXPECT_EQ(lines[1].substr(0, 6), "  400 ");
}

} // namespace
} // namespace nacre::http
