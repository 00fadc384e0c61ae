// SPDX-License-Identifier: Apache-2.0
// Outgoing requests of a guest against real servers on loopback.
#include "capabilities/wasi_http/error_code.h"
#include "capabilities/wasi_http/testing/guest.h"
#include "loop/scope.h"
#include "net/listener.h"

#include <algorithm>
#include <array>
#include <functional>
#include <gmock/gmock.h>

namespace nacre::wasi_http {
namespace {

using namespace testing;
using streams::testing::answer;
using ::testing::ElementsAre;
using ::testing::Pair;
using wasi_http_p2::SchemeView;

using Future = wasi_http_p2::FutureIncomingResponse;
using MaybeResponse = std::expected<std::unique_ptr<wasi_http_p2::IncomingResponse>, ErrorCode>;

/// Says one thing to everybody, whatever they ask, and hangs up.
class RawServer final : private Waiter {
public:
  RawServer(Loop& loop, std::string says)
      : says_(std::move(says)), listener_(*net::Listener::open(loop, {"127.0.0.1", 0})) {
    listener_.wait(*this);
  }
  std::uint16_t port() const { return listener_.address().port; }

private:
  /// Reads the request before it answers: a reset would take the answer with it.
  class Client final : public Waiter {
  public:
    Client(std::unique_ptr<net::Stream> stream, std::string_view says)
        : stream_(std::move(stream)), says_(says) {
      stream_->wait_readable(*this);
    }
    void wake() override {
      std::array<std::byte, 4096> sink;
      while (stream_->read(sink).state == net::Transfer::State::ok)
        heard_ = true;
      if (!heard_)
        return stream_->wait_readable(*this);
      const net::Bytes part = std::as_bytes(std::span{says_});
      if (!part.empty())
        stream_->write({&part, 1});
      stream_.reset();
    }

  private:
    std::unique_ptr<net::Stream> stream_;
    std::string_view says_;
    bool heard_ = false;
  };

  void wake() override {
    while (auto stream = *listener_.accept())
      clients_.push_back(std::make_unique<Client>(std::move(stream), says_));
    listener_.wait(*this);
  }

  std::string says_;
  net::Listener listener_;
  std::vector<std::unique_ptr<Client>> clients_;
};

class OutgoingHandlerTest : public GuestFixture {
protected:
  ~OutgoingHandlerTest() override {
    client.reset();
    if (server) {
      EXPECT_TRUE(loop.block_on(server->close()).has_value());
    }
    EXPECT_TRUE(loop.block_on(scope.close()).has_value());
  }

  void serve(http::Handler handler) {
    server.emplace(loop, *net::Listener::open(loop, {"127.0.0.1", 0}), http::ServerLimits{},
                   std::move(handler));
    scope.spawn("server", server->run());
    port = server->address().port;
  }
  void allow(std::string_view pattern) {
    http::ClientSettings settings;
    EXPECT_TRUE(settings.allow.allow(pattern).has_value());
    settings.head_bytes = 4096;
    client.emplace(loop, std::move(settings));
  }
  std::unique_ptr<wasi_http_p2::OutgoingRequest> request(const Pairs& lines = {}) {
    auto made = types.make_outgoing_request(*call, fields(lines)).value();
    EXPECT_TRUE(made->set_scheme(*call, SchemeView::http()).value().has_value());
    EXPECT_TRUE(
        made->set_authority(*call, "127.0.0.1:" + std::to_string(port)).value().has_value());
    return made;
  }
  std::expected<std::unique_ptr<Future>, ErrorCode>
  handle(std::unique_ptr<wasi_http_p2::OutgoingRequest> made,
         std::optional<std::unique_ptr<wasi_http_p2::RequestOptions>> options = std::nullopt) {
    if (!client)
      allow("*");
    OutgoingHandlerHost host{*client, {}};
    return host.handle(*call, std::move(made), std::move(options)).value();
  }
  MaybeResponse wait(Future& future) {
    auto pollable = future.subscribe(*call).value();
    EXPECT_TRUE(answer(loop, pollable->block(*call)).has_value());
    auto got = future.get(*call).value();
    EXPECT_TRUE(got.has_value()) << "ready means that there is an answer";
    return std::move(**got);
  }
  MaybeResponse ask(std::unique_ptr<wasi_http_p2::OutgoingRequest> made) {
    auto future = handle(std::move(made));
    return future ? wait(**future) : MaybeResponse{std::unexpected{future.error()}};
  }
  /// All of a stream, or why it broke.
  std::expected<std::string, ErrorCode> read_all(wasi_io_p2::InputStream& stream) {
    std::string all;
    for (;;) {
      auto got = answer(loop, stream.blocking_read(*call, 1 << 16)).value();
      if (got) {
        all += text(got->view());
        continue;
      }
      const auto code = GuestFixture::code_of(got.error());
      return code ? std::expected<std::string, ErrorCode>{std::unexpected{*code}} : all;
    }
  }
  std::expected<std::string, ErrorCode> body_of(wasi_http_p2::IncomingResponse& response) {
    auto body = *response.consume(*call).value();
    auto stream = *body->stream(*call).value();
    return read_all(*stream);
  }

  Scope scope{loop};
  std::optional<http::Server> server;
  std::optional<http::Client> client;
  std::uint16_t port = 0;
};

std::span<const std::byte> raw(std::string_view text) {
  return std::as_bytes(std::span{text});
}

Task<> say_hello(http::Exchange& exchange) {
  http::ResponseHead head;
  head.status = 201;
  head.fields.add_view("X-Who", "me");
  CO_TRY(http::BodySink * sink, exchange.respond(head));
  CO_TRY_OK(sink->write(raw("hello")));
  http::Fields trailers;
  trailers.add_view("x-sum", "5");
  co_return sink->finish(&trailers);
}

/// Sends back what comes, as it comes.
Task<> echo(http::Exchange& exchange) {
  http::ResponseHead head;
  CO_TRY(http::BodySink * sink, exchange.respond(head));
  http::BodySource& body = exchange.body();
  for (;;) {
    const auto here = body.peek();
    if (!here.empty()) {
      const auto part = here.first(std::min(here.size(), sink->room()));
      CO_TRY_OK(sink->write(part));
      body.consume(part.size());
      sink->flush();
      if (sink->room() == 0)
        CO_TRY_OK(co_await sink->signal().wait());
      continue;
    }
    if (body.state() == http::BodySource::State::ended)
      co_return sink->finish(body.trailers());
    if (body.state() == http::BodySource::State::failed)
      co_return body.error();
    body.pull();
    if (body.peek().empty() && body.state() == http::BodySource::State::open)
      CO_TRY_OK(co_await body.signal().wait());
  }
}

Task<> redirect(http::Exchange& exchange) {
  http::ResponseHead head;
  head.status = 302;
  head.fields.add_view("location", "http://127.0.0.1:1/elsewhere");
  CO_TRY(http::BodySink * sink, exchange.respond(head));
  co_return sink->finish(nullptr);
}

Task<> stall(http::Exchange& exchange) {
  http::ResponseHead head;
  CO_TRY(http::BodySink * sink, exchange.respond(head));
  CO_TRY_OK(sink->write(raw("half")));
  sink->flush();
  co_return co_await exchange.gone().wait();
}

Task<> never(http::Exchange& exchange) {
  co_return co_await exchange.gone().wait();
}

TEST_F(OutgoingHandlerTest, AResponseComesBackWithBodyAndTrailers) {
  serve(say_hello);
  auto future = handle(request());
  ASSERT_TRUE(future.has_value());
  auto response = wait(**future);
  ASSERT_TRUE(response.has_value());
  EXPECT_TRUE((*future)->get(*call).value().has_value());
  EXPECT_FALSE((*future)->get(*call).value()->has_value()) << "once";
  EXPECT_EQ((*response)->status(*call).value(), 201);
  auto headers = (*response)->headers(*call).value();
  EXPECT_EQ(text(headers->get(*call, "x-who").value()[0]), "me");
  EXPECT_FALSE(headers->has(*call, "transfer-encoding").value()) << "the connection's affair";
  auto body = *(*response)->consume(*call).value();
  EXPECT_FALSE((*response)->consume(*call).value().has_value());
  auto stream = *body->stream(*call).value();
  EXPECT_EQ(read_all(*stream), "hello");
  stream.reset();
  auto end = types.incoming_body_finish(*call, std::move(body)).value();
  auto trailers = end->get(*call).value();
  ASSERT_TRUE(trailers.has_value());
  EXPECT_THAT(entries(****trailers.value()), ElementsAre(Pair("x-sum", "5")));
}

/// A guest that answers at once.
Task<> answer_as_guest(http::Exchange& exchange) {
  Serving serving{exchange};
  streams::testing::FakeCall call;
  TypesHost types;
  auto param = serving.outparam();
  CO_TRY(auto lines, types.make_fields(*call));
  CO_TRY(auto message, types.make_outgoing_response(*call, std::move(lines)));
  CO_TRY(auto body, message->body(*call));
  CO_TRY_OK(types.response_outparam_set(*call, std::move(param), std::move(message)));
  CO_TRY(auto stream, (*body)->write(*call));
  auto written = (*stream)->blocking_write_and_flush(*call, bytes("hello\n"));
  EXPECT_TRUE(written.ready());
  stream->reset();
  CO_TRY_OK(types.outgoing_body_finish(*call, std::move(*body), std::nullopt));
  EXPECT_EQ(serving.answer(), Answer::complete);
  co_return Result<>{};
}

// The server knows the length before it sends the head: all of the answer was there in time.
TEST_F(OutgoingHandlerTest, ASmallAnswerOfAGuestIsOnePiece) {
  serve(answer_as_guest);
  auto response = ask(request());
  ASSERT_TRUE(response.has_value());
  auto headers = (*response)->headers(*call).value();
  ASSERT_TRUE(headers->has(*call, "content-length").value());
  EXPECT_EQ(text(headers->get(*call, "content-length").value()[0]), "6");
  EXPECT_EQ(body_of(**response), "hello\n");
}

TEST_F(OutgoingHandlerTest, BothBodiesStreamAtOnce) {
  serve(echo);
  auto made = request();
  ASSERT_TRUE(made->set_method(*call, wasi_http_p2::MethodView::post()).value().has_value());
  auto body = *made->body(*call).value();
  auto out = *body->write(*call).value();
  auto future = handle(std::move(made));
  ASSERT_TRUE(future.has_value());
  ASSERT_TRUE(
      answer(loop, out->blocking_write_and_flush(*call, bytes("one "))).value().has_value());
  auto response = wait(**future);
  ASSERT_TRUE(response.has_value());
  auto in_body = *(*response)->consume(*call).value();
  auto in = *in_body->stream(*call).value();
  auto first = answer(loop, in->blocking_read(*call, 100)).value();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(text(first->view()), "one ") << "the answer has begun, the question has not ended";
  first = {};
  ASSERT_TRUE(answer(loop, out->blocking_write_and_flush(*call, bytes("two"))).value().has_value());
  out.reset();
  ASSERT_TRUE(finish(std::move(body), fields({{"x-end", "yes"}})).has_value());
  EXPECT_EQ(read_all(*in), "two");
  in.reset();
  auto end = types.incoming_body_finish(*call, std::move(in_body)).value();
  EXPECT_THAT(entries(****end->get(*call).value().value()), ElementsAre(Pair("x-end", "yes")));
}

TEST_F(OutgoingHandlerTest, ALargeBodyWrittenBeforehandIsSent) {
  serve(echo);
  auto made = request();
  ASSERT_TRUE(made->set_method(*call, wasi_http_p2::MethodView::put()).value().has_value());
  auto body = *made->body(*call).value();
  auto out = *body->write(*call).value();
  const std::string large(30'000, 'x');
  ASSERT_TRUE(write(*out, large));
  out.reset();
  ASSERT_TRUE(finish(std::move(body)).has_value());
  auto response = ask(std::move(made));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(body_of(**response), large);
}

TEST_F(OutgoingHandlerTest, RedirectsAreTheGuestsAffair) {
  serve(redirect);
  auto response = ask(request());
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ((*response)->status(*call).value(), 302);
}

TEST_F(OutgoingHandlerTest, AHostThatIsNotAllowedIsDeniedAtOnce) {
  serve(say_hello);
  for (const auto pattern : {"example.com", "127.0.0.1:1", "https://127.0.0.1", "localhost"}) {
    client.reset();
    allow(pattern);
    auto future = handle(request());
    ASSERT_FALSE(future.has_value()) << pattern;
    EXPECT_EQ(future.error(), ErrorCode::http_request_denied()) << pattern;
  }
  client.reset();
  allow("127.0.0.1:" + std::to_string(port));
  EXPECT_TRUE(ask(request()).has_value());
}

TEST_F(OutgoingHandlerTest, NobodyListeningIsRefused) {
  port = net::Listener::open(loop, {"127.0.0.1", 0})->address().port;
  EXPECT_EQ(ask(request()).error(), ErrorCode::connection_refused());
}

TEST_F(OutgoingHandlerTest, WithoutASchemeItIsHttps) {
  serve(say_hello);
  auto made = request();
  ASSERT_TRUE(made->set_scheme(*call, std::nullopt).value().has_value());
  EXPECT_EQ(ask(std::move(made)).error(), ErrorCode::tls_protocol_error());
}

TEST_F(OutgoingHandlerTest, WhatServersSayWrongHasACode) {
  const std::pair<std::string, ErrorCode> all[] = {
      {"", ErrorCode::connection_terminated()},
      {"HTTP/1.1 200 OK\r\nx: ", ErrorCode::connection_terminated()},
      {"nonsense\r\n\r\n", ErrorCode::http_protocol_error()},
      {"HTTP/1.1 200 OK\r\nx y: z\r\n\r\n", ErrorCode::http_protocol_error()},
      {"HTTP/1.1 200 OK\r\nx: " + std::string(8000, 'y') + "\r\n\r\n",
       ErrorCode::http_response_header_section_size(std::nullopt)},
  };
  for (const auto& [says, expected] : all) {
    RawServer other{loop, says};
    port = other.port();
    auto response = ask(request());
    ASSERT_FALSE(response.has_value()) << says;
    EXPECT_EQ(response.error(), expected) << says << " is " << to_string(response.error());
  }
}

TEST_F(OutgoingHandlerTest, ATornResponseBodyHasACode) {
  const std::pair<std::string, ErrorCode> all[] = {
      {"content-length: 10\r\n\r\nhalf", ErrorCode::http_response_incomplete()},
      {"transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n", ErrorCode::http_response_incomplete()},
      {"transfer-encoding: chunked\r\n\r\nzz\r\n", ErrorCode::http_protocol_error()},
  };
  for (const auto& [says, expected] : all) {
    RawServer other{loop, "HTTP/1.1 200 OK\r\n" + says};
    port = other.port();
    auto response = ask(request());
    ASSERT_TRUE(response.has_value()) << says;
    const auto body = body_of(**response);
    ASSERT_FALSE(body.has_value()) << says;
    EXPECT_EQ(body.error(), expected) << says << " is " << to_string(body.error());
  }
}

TEST_F(OutgoingHandlerTest, ATimeoutOfZeroIsShort) {
  serve(never);
  auto options = types.make_request_options(*call).value();
  ASSERT_TRUE(options->set_first_byte_timeout(*call, 0).value().has_value());
  auto future = handle(request(), std::move(options));
  ASSERT_TRUE(future.has_value());
  EXPECT_EQ(wait(**future).error(), ErrorCode::connection_read_timeout());
}

TEST_F(OutgoingHandlerTest, ABodyThatStallsTimesOut) {
  serve(stall);
  auto options = types.make_request_options(*call).value();
  ASSERT_TRUE(options->set_between_bytes_timeout(*call, 20'000'000).value().has_value());
  auto future = handle(request(), std::move(options));
  ASSERT_TRUE(future.has_value());
  auto response = wait(**future);
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(body_of(**response).error(), ErrorCode::connection_read_timeout());
}

TEST_F(OutgoingHandlerTest, ABodyOfTheWrongLengthFailsBothSides) {
  serve(echo);
  auto made = request({{"content-length", "5"}});
  auto body = *made->body(*call).value();
  auto future = handle(std::move(made));
  ASSERT_TRUE(future.has_value());
  auto out = *body->write(*call).value();
  ASSERT_TRUE(write(*out, "123"));
  out.reset();
  EXPECT_EQ(finish(std::move(body)).error(), ErrorCode::http_request_body_size(3));
  EXPECT_EQ(wait(**future).error(), ErrorCode::http_request_body_size(std::nullopt));
}

/// What a server saw of a client that went away.
struct Witness {
  bool asked = false;
  bool gone = false;
  Signal changed;
};
Task<> watch(http::Exchange* exchange, Witness* witness) {
  witness->asked = true;
  witness->changed.notify();
  CO_TRY_OK(co_await exchange->gone().wait());
  witness->gone = true;
  witness->changed.notify();
  co_return Result<>{};
}
Task<> until(const bool* what, Signal* changed) {
  while (!*what)
    CO_TRY_OK(co_await changed->wait());
  co_return Result<>{};
}

TEST_F(OutgoingHandlerTest, DroppingTheFutureDropsTheRequest) {
  Witness witness;
  serve([&](http::Exchange& exchange) { return watch(&exchange, &witness); });
  auto made = request();
  auto body = *made->body(*call).value();
  auto out = *body->write(*call).value();
  auto future = handle(std::move(made));
  ASSERT_TRUE(future.has_value());
  ASSERT_TRUE(write(*out, "begin"));
  ASSERT_TRUE(loop.block_on(until(&witness.asked, &witness.changed)).has_value());
  future->reset();
  EXPECT_EQ(GuestFixture::code_of(out->check_write(*call).value().error()),
            ErrorCode::connection_terminated());
  ASSERT_TRUE(loop.block_on(until(&witness.gone, &witness.changed)).has_value());
  EXPECT_TRUE(witness.gone);
}

// Everything of one outgoing exchange, dropped in every order, before and after the answer is
// there.
TEST_F(OutgoingHandlerTest, ResourcesGoInAnyOrder) {
  serve(echo);
  std::vector<int> order{0, 1, 2, 3, 4};
  int round = 0;
  do {
    auto made = request();
    auto body = *made->body(*call).value();
    auto out = *body->write(*call).value();
    auto future = handle(std::move(made));
    ASSERT_TRUE(future.has_value());
    auto arrival = (*future)->subscribe(*call).value();
    std::unique_ptr<wasi_http_p2::IncomingResponse> response;
    std::unique_ptr<wasi_io_p2::InputStream> in;
    ASSERT_TRUE(write(*out, "some"));
    if (++round % 2 == 0) {
      auto got = wait(**future);
      ASSERT_TRUE(got.has_value());
      response = std::move(*got);
      auto in_body = *response->consume(*call).value();
      in = *in_body->stream(*call).value();
    }
    const std::function<void()> drops[] = {
        [&] { body.reset(); },    [&] { out.reset(); },
        [&] { future->reset(); }, [&] { response.reset(), in.reset(); },
        [&] { arrival.reset(); },
    };
    for (const int index : order)
      drops[index]();
    loop.poll();
  } while (std::ranges::next_permutation(order).found);
}

} // namespace
} // namespace nacre::wasi_http
