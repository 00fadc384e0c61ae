// SPDX-License-Identifier: Apache-2.0
// The client against scripted peers, byte for byte, and against our own server.
#include "http/client.h"
#include "http/testing/server_fixture.h"
#include "net/testing/tls_peer.h"

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <tuple>
#include <unistd.h>

namespace nacre::http {
namespace {

using namespace testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

ClientSettings open_settings() {
  ClientSettings out;
  out.allow = net::AllowList::everything();
  return out;
}

class ClientTest : public ServerFixture {
protected:
  void start_client(ClientSettings settings = open_settings()) {
    client_.emplace(loop_, std::move(settings));
  }
  ~ClientTest() override {
    if (client_)
      EXPECT_TRUE(loop_.block_on(client_->close()).has_value());
  }
  std::unique_ptr<ClientExchange> get(std::string authority, std::string path = "/",
                                      Timeouts timeouts = {}) {
    RequestHead head;
    head.authority = authority;
    head.path = path;
    auto out = client_->request(head, timeouts);
    static_cast<void>(out->body().finish(nullptr));
    return out;
  }
  /// Waits for the head; 0 when the exchange failed.
  int status(ClientExchange& exchange) {
    const auto head = loop_.block_on(exchange.response());
    return head.has_value() ? (*head)->status : 0;
  }
  std::string body(ClientExchange& exchange) {
    auto text = loop_.block_on(read_body(&exchange.response_body()));
    return text.has_value() ? *text : "failed: " + text.error().message();
  }
  Failure failure(ClientExchange& exchange) {
    status(exchange);
    return exchange.failure();
  }

  std::optional<Client> client_;
  Port port_{loop_};
};

TEST_F(ClientTest, RequestIsWrittenAsItShould) {
  start_client();
  RequestHead head;
  head.method = Method::post;
  head.authority = port_.authority();
  head.path = "/a?b";
  head.fields.add("X-One", "1");
  head.fields.add("Host", "elsewhere");
  head.fields.add("Transfer-Encoding", "gzip");
  head.fields.add("Connection", "close");
  auto exchange = client_->request(head);
  ASSERT_TRUE(exchange->body().write(bytes_of("hello")).has_value());
  ASSERT_TRUE(exchange->body().finish(nullptr).has_value());
  auto peer = port_.accept();
  ASSERT_TRUE(peer.read_until("hello"));
  EXPECT_EQ(peer.received(), "POST /a?b HTTP/1.1\r\nhost: " + port_.authority() +
                                 "\r\nX-One: 1\r\ncontent-length: 5\r\n\r\nhello");
  peer.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n"
            "HTTP/1.1 201 Created\r\nContent-Length: 3\r\nB: c\r\n\r\nyes");
  EXPECT_EQ(status(*exchange), 201);
  EXPECT_EQ(exchange->response_now()->fields.find("b"), "c");
  EXPECT_EQ(body(*exchange), "yes");
  EXPECT_EQ(client_->idle_connections(), 1U);
}

TEST_F(ClientTest, GetSaysNothingAboutItsBody) {
  start_client();
  auto exchange = get(port_.authority());
  auto peer = port_.accept();
  ASSERT_TRUE(peer.read_until("\r\n\r\n"));
  EXPECT_EQ(peer.received(), "GET / HTTP/1.1\r\nhost: " + port_.authority() + "\r\n\r\n");
}

TEST_F(ClientTest, StreamedBodyIsChunkedWithTrailers) {
  start_client();
  RequestHead head;
  head.method = Method::put;
  head.authority = port_.authority();
  auto exchange = client_->request(head);
  ASSERT_TRUE(exchange->body().write(bytes_of("one")).has_value());
  auto peer = port_.accept();
  ASSERT_TRUE(peer.read_until("3\r\none\r\n")) << peer.received();
  Fields trailers;
  trailers.add("sum", "7");
  ASSERT_TRUE(exchange->body().finish(&trailers).has_value());
  ASSERT_TRUE(peer.read_until("0\r\nsum: 7\r\n\r\n"));
  EXPECT_NE(peer.received().find("transfer-encoding: chunked\r\n"), std::string::npos);
}

struct Answer {
  const char* name;
  std::string_view text;
  bool closes;
  std::string_view body;
  Failure failure;
};
constexpr Answer kAnswers[] = {
    {"Length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false, "hello", Failure::none},
    {"Chunked",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nA: "
     "b\r\n\r\n",
     false, "hello", Failure::none},
    {"UntilClose", "HTTP/1.1 200 OK\r\n\r\nhello", true, "hello", Failure::none},
    {"Old", "HTTP/1.0 200 OK\r\n\r\nhello", true, "hello", Failure::none},
    {"NoContent", "HTTP/1.1 204 No Content\r\n\r\n", false, "", Failure::none},
    {"Interim", "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
     false, "", Failure::none},
    {"ShortLength", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", true,
     "failed: the peer closed in the middle of the body", Failure::response_incomplete},
    {"ShortChunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello", true,
     "failed: the peer closed in the middle of the body", Failure::response_incomplete},
    {"BadChunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", false,
     "failed: a chunk size is malformed", Failure::protocol},
};
class ClientAnswer : public ClientTest, public ::testing::WithParamInterface<Answer> {};
TEST_P(ClientAnswer, IsUnderstoodByteByByte) {
  start_client();
  const auto& [name, text, closes, expected, failure] = GetParam();
  auto exchange = get(port_.authority());
  auto peer = port_.accept();
  ASSERT_TRUE(peer.read_until("\r\n\r\n"));
  std::optional<std::string> read;
  scope_.spawn("reader", [](ClientExchange* e, std::optional<std::string>* out) -> Task<> {
    CO_TRY_OK(co_await e->response());
    auto body = co_await read_body(&e->response_body());
    out->emplace(body.has_value() ? *body : "failed: " + body.error().message());
    co_return Result<>{};
  }(exchange.get(), &read));
  for (const char c : text) {
    peer.send({&c, 1});
    settle(loop_);
  }
  if (closes)
    peer.close();
  ASSERT_TRUE(pump(loop_, [&] { return read.has_value(); }));
  EXPECT_EQ(*read, expected);
  EXPECT_EQ(exchange->failure(), failure);
  EXPECT_EQ(client_->idle_connections(), closes || failure != Failure::none ? 0U : 1U);
}
INSTANTIATE_TEST_SUITE_P(Client, ClientAnswer, ::testing::ValuesIn(kAnswers),
                         [](const auto& info) { return info.param.name; });

TEST_F(ClientTest, MalformedHeadsAreProtocolErrors) {
  start_client();
  for (const std::string_view text :
       {"HTTP/1.1 abc\r\n\r\n", "SSH-2.0-x\r\n", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n", "HTTP/1.1 200 OK\nA: b\n\n"}) {
    auto exchange = get(port_.authority());
    auto peer = port_.accept();
    peer.send(text);
    EXPECT_EQ(failure(*exchange), Failure::protocol) << text;
  }
  EXPECT_EQ(client_->open_connections(), 0U);
}

TEST_F(ClientTest, HeadOfTheResponseIsBounded) {
  auto settings = open_settings();
  settings.head_bytes = 1000;
  start_client(std::move(settings));
  auto exchange = get(port_.authority());
  auto peer = port_.accept();
  peer.send("HTTP/1.1 200 OK\r\nA: " + std::string(1000, 'x'));
  EXPECT_EQ(failure(*exchange), Failure::head_too_large);
}

TEST_F(ClientTest, HeadsThatCannotBeSentAreRefused) {
  start_client();
  const auto refused = [&](auto change) {
    RequestHead head;
    head.authority = port_.authority();
    change(head);
    return client_->request(head)->failure();
  };
  EXPECT_EQ(refused([](RequestHead& h) { h.path = "no-slash"; }), Failure::bad_request);
  EXPECT_EQ(refused([](RequestHead& h) { h.path = "/a b"; }), Failure::bad_request);
  EXPECT_EQ(refused([](RequestHead& h) { h.path = "/a\r\nb: c"; }), Failure::bad_request);
  EXPECT_EQ(refused([](RequestHead& h) { h.authority = ""; }), Failure::bad_request);
  EXPECT_EQ(refused([](RequestHead& h) { h.authority = "a\r\nb"; }), Failure::bad_request);
  EXPECT_EQ(refused([](RequestHead& h) { h.scheme = "ftp"; }), Failure::bad_request);
  EXPECT_EQ(refused([](RequestHead& h) { h.method = Method::connect; }), Failure::bad_request);
  EXPECT_EQ(refused([](RequestHead& h) {
              h.method = Method::other;
              h.method_text = "G T";
            }),
            Failure::bad_request);
  EXPECT_EQ(refused([](RequestHead& h) { h.fields.add("a", "b\nc"); }), Failure::bad_request);
  EXPECT_FALSE(port_.somebody_waits());
}

TEST_F(ClientTest, AllowListIsAskedBeforeConnecting) {
  ClientSettings settings;
  ASSERT_TRUE(settings.allow.allow("good.example").has_value());
  start_client(std::move(settings));
  auto exchange = get(port_.authority());
  EXPECT_EQ(exchange->failure(), Failure::denied);
  EXPECT_EQ(exchange->error().code(), Code::denied);
  EXPECT_FALSE(exchange->body().write(bytes_of("x")).has_value());
  EXPECT_EQ(failure(*exchange), Failure::denied);
  settle(loop_);
  EXPECT_FALSE(port_.somebody_waits());
}

TEST_F(ClientTest, FailuresOfConnectingAreToldApart) {
  start_client();
  std::string nobody;
  {
    const Port gone{loop_};
    nobody = gone.authority();
  }
  EXPECT_EQ(failure(*get(nobody)), Failure::refused);
  EXPECT_EQ(failure(*get("no-such-host.invalid")), Failure::dns_failed);
  EXPECT_EQ(client_->open_connections(), 0U);
}

TEST_F(ClientTest, RedirectsAreTheCallersBusiness) {
  start_client();
  auto exchange = get(port_.authority());
  auto peer = port_.accept();
  peer.send("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(status(*exchange), 302);
}

TEST_F(ClientTest, FirstByteAndBetweenBytesHaveLimits) {
  start_client();
  Timeouts timeouts;
  timeouts.first_byte = milliseconds(5);
  auto silent = get(port_.authority(), "/", timeouts);
  auto first = port_.accept();
  EXPECT_EQ(failure(*silent), Failure::first_byte_timeout);
  EXPECT_EQ(silent->error().code(), Code::timeout);

  timeouts.first_byte = seconds(600);
  timeouts.between_bytes = milliseconds(5);
  auto stalled = get(port_.authority(), "/", timeouts);
  auto second = port_.accept();
  second.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
  EXPECT_EQ(status(*stalled), 200);
  EXPECT_EQ(body(*stalled), "failed: the connection stalled for too long");
  EXPECT_EQ(stalled->failure(), Failure::between_bytes_timeout);
}

TEST_F(ClientTest, ConnectingHasALimit) {
  start_client();
  // A backlog that is full answers no more SYNs.
  const int full = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(full, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::listen(full, 0);
  socklen_t length = sizeof address;
  ::getsockname(full, reinterpret_cast<sockaddr*>(&address), &length);
  const auto authority = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  std::vector<int> fillers;
  for (int i = 0; i < 4; ++i) {
    fillers.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    // In progress, or nowhere any more: that is what fills the backlog.
    std::ignore = ::connect(fillers.back(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
  Timeouts timeouts;
  timeouts.connect = milliseconds(20);
  EXPECT_EQ(failure(*get(authority, "/", timeouts)), Failure::connect_timeout);
  EXPECT_EQ(client_->open_connections(), 0U);
  for (const int fd : fillers)
    ::close(fd);
  ::close(full);
}

// ---- The pool

TEST_F(ClientTest, KeptConnectionIsUsedAgain) {
  start(describe);
  start_client();
  const auto authority = net::to_string(server_->address());
  for (int i = 0; i < 5; ++i) {
    auto exchange = get(authority, "/" + std::to_string(i));
    EXPECT_EQ(status(*exchange), 200);
    EXPECT_NE(body(*exchange).find("/" + std::to_string(i)), std::string::npos);
  }
  EXPECT_EQ(server_->connections(), 1U);
  EXPECT_EQ(client_->open_connections(), 1U);
}

TEST_F(ClientTest, DeadKeptConnectionIsReplaced) {
  start_client();
  for (int round = 0; round < 3; ++round) {
    auto exchange = get(port_.authority());
    auto peer = port_.accept();
    ASSERT_TRUE(peer.read_until("\r\n\r\n"));
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(status(*exchange), 200) << "each round needs a connection of its own";
    exchange.reset();
    if (round == 1)
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"); // unasked
  }
}

TEST_F(ClientTest, RequestThatMeetsAClosingConnectionIsRepeated) {
  start_client();
  auto first = get(port_.authority());
  auto peer = port_.accept();
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(status(*first), 200);
  first.reset();
  EXPECT_EQ(client_->idle_connections(), 1U);
  auto second = get(port_.authority(), "/second");
  peer.forget();
  ASSERT_TRUE(peer.read_until("/second"));
  peer.close();
  auto fresh = port_.accept();
  ASSERT_TRUE(fresh.read_until("/second"));
  fresh.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(status(*second), 200);
}

TEST_F(ClientTest, PostIsNotRepeated) {
  start_client();
  auto first = get(port_.authority());
  auto peer = port_.accept();
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(status(*first), 200);
  first.reset();
  RequestHead head;
  head.method = Method::post;
  head.authority = port_.authority();
  auto second = client_->request(head);
  ASSERT_TRUE(second->body().finish(nullptr).has_value());
  ASSERT_TRUE(peer.read_until("POST"));
  peer.close();
  EXPECT_EQ(failure(*second), Failure::connection_closed);
}

TEST_F(ClientTest, PoolIsBounded) {
  auto settings = open_settings();
  settings.connections = 2;
  settings.idle_per_authority = 1;
  start_client(std::move(settings));
  auto one = get(port_.authority());
  auto two = get(port_.authority());
  auto three = get(port_.authority());
  EXPECT_EQ(failure(*three), Failure::pool_exhausted);
  for (auto* exchange : {&one, &two}) {
    auto peer = port_.accept();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(status(**exchange), 200);
    EXPECT_EQ(client_->idle_connections(), 1U);
    if (exchange == &one)
      one.reset();
  }
  EXPECT_EQ(client_->open_connections(), 1U);
}

TEST_F(ClientTest, IdleConnectionsAreDropped) {
  auto settings = open_settings();
  settings.idle = milliseconds(1);
  start_client(std::move(settings));
  auto exchange = get(port_.authority());
  auto peer = port_.accept();
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(status(*exchange), 200);
  peer.read_all();
  EXPECT_EQ(client_->open_connections(), 0U);
}

TEST_F(ClientTest, DroppedExchangeClosesItsConnection) {
  start_client();
  auto exchange = get(port_.authority());
  auto peer = port_.accept();
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
  EXPECT_EQ(status(*exchange), 200);
  exchange.reset();
  peer.read_all();
  EXPECT_EQ(client_->open_connections(), 0U);
  auto early = get(port_.authority());
  early.reset(); // before it is connected
  settle(loop_);
}

TEST_F(ClientTest, ClosingTheClientEndsEverything) {
  start_client();
  auto exchange = get(port_.authority());
  auto peer = port_.accept();
  EXPECT_TRUE(loop_.block_on(client_->close()).has_value());
  EXPECT_EQ(exchange->failure(), Failure::cancelled);
  EXPECT_EQ(get(port_.authority())->failure(), Failure::cancelled);
}

TEST_F(ClientTest, LargeBodiesStreamBothWays) {
  start([](Exchange& exchange) -> Task<> {
    ResponseHead head;
    CO_TRY(auto* sink, exchange.respond(head));
    auto& source = exchange.body();
    while (source.state() == BodySource::State::open || !source.peek().empty()) {
      const auto here = source.peek();
      if (here.empty()) {
        source.pull();
        if (source.peek().empty() && source.state() == BodySource::State::open)
          CO_TRY_OK(co_await source.signal().wait());
        continue;
      }
      if (sink->room() == 0) {
        CO_TRY_OK(co_await sink->signal().wait());
        continue;
      }
      const auto part = here.first(std::min(here.size(), sink->room()));
      CO_TRY_OK(sink->write(part));
      source.consume(part.size());
    }
    co_return sink->finish(source.trailers());
  });
  start_client();
  constexpr std::size_t kSize = 4UL * 1024 * 1024;
  RequestHead head;
  head.method = Method::post;
  const auto authority = net::to_string(server_->address());
  head.authority = authority;
  auto exchange = client_->request(head);
  scope_.spawn("writer", [](ClientExchange* e) -> Task<> {
    auto& sink = e->body();
    std::size_t sent = 0;
    std::string block;
    while (sent < kSize) {
      if (sink.room() == 0) {
        CO_TRY_OK(co_await sink.signal().wait());
        continue;
      }
      block.assign(std::min({kSize - sent, sink.room(), std::size_t{50000}}),
                   static_cast<char>('a' + sent % 26));
      CO_TRY_OK(sink.write(bytes_of(block)));
      sent += block.size();
    }
    Fields trailers;
    trailers.add("x-end", "yes");
    co_return sink.finish(&trailers);
  }(exchange.get()));
  EXPECT_EQ(status(*exchange), 200);
  EXPECT_EQ(body(*exchange).size(), kSize);
  ASSERT_NE(exchange->response_body().trailers(), nullptr);
  EXPECT_EQ(exchange->response_body().trailers()->find("x-end"), "yes");
  EXPECT_EQ(client_->idle_connections(), 1U);
}

// ---- TLS

TEST_F(ClientTest, HttpsVerifiesAndKeepsConnections) {
  const net::testing::Authority authority;
  net::testing::TlsPeer peer{authority, "DNS:localhost",
                             "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"};
  auto settings = open_settings();
  settings.extra_roots = authority.pem();
  start_client(std::move(settings));
  for (int i = 0; i < 3; ++i) {
    RequestHead head;
    head.scheme = "https";
    const auto name = "localhost:" + std::to_string(peer.port());
    head.authority = name;
    auto exchange = client_->request(head);
    ASSERT_TRUE(exchange->body().finish(nullptr).has_value());
    EXPECT_EQ(status(*exchange), 200);
    EXPECT_EQ(body(*exchange), "hello");
  }
  EXPECT_EQ(peer.handshakes(), 1);
  EXPECT_EQ(peer.last_server_name(), "localhost");
  EXPECT_TRUE(loop_.block_on(client_->close()).has_value());
}

TEST_F(ClientTest, HttpsRefusesStrangers) {
  const net::testing::Authority authority;
  const net::testing::Authority other;
  net::testing::TlsPeer peer{authority, "DNS:localhost", "unused"};
  auto settings = open_settings();
  settings.extra_roots = other.pem();
  start_client(std::move(settings));
  RequestHead head;
  head.scheme = "https";
  const auto name = "localhost:" + std::to_string(peer.port());
  head.authority = name;
  EXPECT_EQ(failure(*client_->request(head)), Failure::tls_certificate);
  head.authority = port_.authority();
  const auto plain = port_.authority();
  head.authority = plain;
  auto exchange = client_->request(head);
  auto wire = port_.accept();
  wire.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  EXPECT_EQ(failure(*exchange), Failure::tls_failed);
  EXPECT_TRUE(loop_.block_on(client_->close()).has_value());
}

} // namespace
} // namespace nacre::http
