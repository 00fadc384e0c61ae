// SPDX-License-Identifier: Apache-2.0
// One exchange as host and guest see it: the request's resource, and every way to answer.
#include "capabilities/wasi_http/error_code.h"
#include "capabilities/wasi_http/serving.h"
#include "capabilities/wasi_http/testing/guest.h"
#include "streams/io_error.h"

#include <gmock/gmock.h>

namespace nacre::wasi_http {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::Pair;
using End = http::testing::FakeSink::End;
using wasi_http_p2::MethodView;

class ServingTest : public ServingFixture {};

TEST_F(ServingTest, TheRequestIsWhatTheExchangeSays) {
  auto request = serving->request();
  EXPECT_TRUE(request->method(*call).value().is(MethodView::Case::post));
  EXPECT_EQ(request->path_with_query(*call).value(), "/a/b?c=d");
  EXPECT_TRUE(request->scheme(*call).value()->is(wasi_http_p2::SchemeView::Case::https));
  EXPECT_EQ(request->authority(*call).value(), "example.com:8443");
}

TEST_F(ServingTest, MethodsKeepTheirNames) {
  auto request = serving->request();
  const std::pair<std::string_view, MethodView::Case> all[] = {
      {"GET", MethodView::Case::get},         {"HEAD", MethodView::Case::head},
      {"POST", MethodView::Case::post},       {"PUT", MethodView::Case::put},
      {"DELETE", MethodView::Case::delete_},  {"CONNECT", MethodView::Case::connect},
      {"OPTIONS", MethodView::Case::options}, {"TRACE", MethodView::Case::trace},
      {"PATCH", MethodView::Case::patch},     {"BREW", MethodView::Case::other},
  };
  for (const auto& [name, expected] : all) {
    exchange.head.method = http::parse_method(name);
    exchange.head.method_text = name;
    const auto method = request->method(*call).value();
    EXPECT_EQ(method.case_(), expected) << name;
    if (method.if_other() != nullptr) {
      EXPECT_EQ(*method.if_other(), name);
    }
  }
}

TEST_F(ServingTest, AMissingAuthorityIsNone) {
  exchange.head.authority = {};
  EXPECT_EQ(serving->request()->authority(*call).value(), std::nullopt);
}

TEST_F(ServingTest, HeadersOfTheConnectionAreNotShown) {
  auto headers = serving->request()->headers(*call).value();
  EXPECT_THAT(entries(*headers), ElementsAre(Pair("content-type", "text/plain"),
                                             Pair("x-many", "1"), Pair("x-many", "2")));
  EXPECT_FALSE(headers->has(*call, "host").value());
  EXPECT_TRUE(headers->get(*call, "connection").value().empty());
  EXPECT_EQ(headers->append(*call, "a", bytes("b")).value().error(),
            wasi_http_p2::HeaderError::immutable());
  auto copy = headers->clone(*call).value();
  EXPECT_TRUE(copy->append(*call, "a", bytes("b")).value().has_value());
  EXPECT_EQ(entries(*copy).size(), 4U);
}

TEST_F(ServingTest, ARequestsHeadersCanBecomeAResponses) {
  auto headers = serving->request()->headers(*call).value();
  set(serving->outparam(), types.make_outgoing_response(*call, std::move(headers)).value());
  EXPECT_EQ(exchange.fields.size(), 3U);
  EXPECT_FALSE(exchange.fields.has("host"));
}

TEST_F(ServingTest, TheBodyIsConsumedOnce) {
  auto request = serving->request();
  auto body = request->consume(*call).value();
  ASSERT_TRUE(body.has_value());
  EXPECT_FALSE(request->consume(*call).value().has_value());
  EXPECT_TRUE((*body)->stream(*call).value().has_value());
  EXPECT_FALSE((*body)->stream(*call).value().has_value());
}

// What a hello guest does: all of it reaches the exchange at once, and nobody asks for a flush that
// would part it into packets.
TEST_F(ServingTest, ASmallAnswerIsCompleteBeforeAnybodyWaits) {
  auto message = response({{"content-type", "text/plain"}});
  auto body = *message->body(*call).value();
  set(serving->outparam(), std::move(message));
  EXPECT_EQ(serving->answer(), Answer::open);
  auto stream = *body->write(*call).value();
  auto written = stream->blocking_write_and_flush(*call, bytes("hello\n"));
  ASSERT_TRUE(written.ready());
  ASSERT_TRUE(written.result()->has_value());
  stream.reset();
  ASSERT_TRUE(finish(std::move(body)).has_value());
  EXPECT_EQ(serving->answer(), Answer::complete);
  EXPECT_FALSE(serving->awaits_response());
  EXPECT_EQ(serving->problem(), "");
  EXPECT_EQ(exchange.status, 200);
  EXPECT_EQ(exchange.fields.find("content-type"), "text/plain");
  EXPECT_EQ(exchange.sink.text(), "hello\n");
  EXPECT_EQ(exchange.sink.end(), End::finished);
  EXPECT_EQ(exchange.sink.writes(), 1U);
  EXPECT_EQ(exchange.sink.flushes(), 0U);
}

TEST_F(ServingTest, AResponseWhoseBodyNobodyTookIsEmpty) {
  auto message = response();
  EXPECT_EQ(message->status_code(*call).value(), 200);
  ASSERT_TRUE(message->set_status_code(*call, 404).value().has_value());
  EXPECT_EQ(message->status_code(*call).value(), 404);
  set(serving->outparam(), std::move(message));
  EXPECT_EQ(exchange.status, 404);
  EXPECT_EQ(exchange.sink.end(), End::finished);
  EXPECT_EQ(serving->answer(), Answer::complete);
}

TEST_F(ServingTest, StatusCodesHaveThreeDigits) {
  auto message = response();
  for (const std::uint16_t bad : {0, 99, 1000, 65535})
    EXPECT_FALSE(message->set_status_code(*call, bad).value().has_value()) << bad;
  for (const std::uint16_t good : {100, 204, 599, 999})
    EXPECT_TRUE(message->set_status_code(*call, good).value().has_value()) << good;
}

TEST_F(ServingTest, NoAnswerIsTold) {
  serving->outparam().reset();
  EXPECT_EQ(serving->answer(), Answer::none);
  EXPECT_TRUE(serving->awaits_response());
  EXPECT_EQ(serving->failure_status(), 500);
  EXPECT_EQ(serving->problem(), "the guest ended without setting a response");
  EXPECT_EQ(exchange.status, 0);
}

TEST_F(ServingTest, AnErrorCodeBecomesAStatus) {
  const std::string words(5000, 'x');
  ASSERT_TRUE(types
                  .response_outparam_set(
                      *call, serving->outparam(),
                      std::unexpected{wasi_http_p2::ErrorCodeView::internal_error(words)})
                  .has_value());
  EXPECT_EQ(serving->answer(), Answer::error);
  EXPECT_TRUE(serving->awaits_response());
  EXPECT_EQ(serving->failure_status(), 500);
  ASSERT_NE(serving->error(), nullptr);
  EXPECT_EQ((*serving->error()->if_internal_error())->size(), 1024U) << "kept within bounds";
}

TEST_F(ServingTest, AResponseThatCannotBeSentIsTold) {
  exchange.refusal.emplace(Code::invalid, "100 is not a final status");
  auto message = response();
  auto body = *message->body(*call).value();
  set(serving->outparam(), std::move(message));
  EXPECT_EQ(serving->answer(), Answer::refused);
  EXPECT_TRUE(serving->awaits_response());
  EXPECT_EQ(serving->problem(), "the guest's response cannot be sent: 100 is not a final status");
  auto stream = *body->write(*call).value();
  EXPECT_EQ(code_of(stream->check_write(*call).value().error()), ErrorCode::http_protocol_error());
}

TEST_F(ServingTest, AClientThatIsGoneNeedsNoAnswer) {
  exchange.refusal.emplace(Code::cancelled, "the client is gone");
  set(serving->outparam(), response());
  EXPECT_EQ(serving->answer(), Answer::broken);
  EXPECT_FALSE(serving->awaits_response());
}

TEST_F(ServingTest, AGuestThatReturnsInTheMiddleOfItsBodyLeavesABrokenMessage) {
  auto message = response();
  auto body = *message->body(*call).value();
  set(serving->outparam(), std::move(message));
  auto stream = *body->write(*call).value();
  ASSERT_TRUE(write(*stream, "half"));
  EXPECT_EQ(serving->answer(), Answer::open);
  end();
  EXPECT_EQ(exchange.sink.end(), End::aborted);
  EXPECT_EQ(code_of(stream->check_write(*call).value().error()),
            ErrorCode::connection_terminated());
  stream.reset();
  EXPECT_EQ(finish(std::move(body)).error(), ErrorCode::connection_terminated());
}

// A guest that is used again may keep what it got: it must find an exchange that is over, and its
// last words where they were.
TEST_F(ServingTest, ResourcesOutliveTheExchange) {
  exchange.source.feed("unread");
  auto request = serving->request();
  auto headers = request->headers(*call).value();
  auto body = *request->consume(*call).value();
  auto stream = *body->stream(*call).value();
  auto pollable = stream->subscribe(*call).value();
  auto param = serving->outparam();
  end();
  exchange.head = {};

  EXPECT_EQ(request->path_with_query(*call).value(), "/a/b?c=d");
  EXPECT_EQ(request->authority(*call).value(), "example.com:8443");
  EXPECT_TRUE(request->method(*call).value().is(MethodView::Case::post));
  EXPECT_EQ(entries(*headers).size(), 3U);
  EXPECT_TRUE(pollable->ready(*call).value());
  EXPECT_EQ(code_of(stream->read(*call, 10).value().error()), ErrorCode::connection_terminated());
  stream.reset();
  auto trailers = types.incoming_body_finish(*call, std::move(body)).value();
  auto end_of_body = trailers->get(*call).value();
  ASSERT_TRUE(end_of_body.has_value());
  EXPECT_EQ(end_of_body->value().error(), ErrorCode::connection_terminated());
  set(std::move(param), response());
  EXPECT_EQ(exchange.status, 0) << "nothing reaches the exchange any more";
}

TEST_F(ServingTest, EveryErrorCodeHasANameAndAStatus) {
  EXPECT_EQ(status_of(ErrorCode::dns_timeout()), 504);
  EXPECT_EQ(status_of(ErrorCode::http_request_denied()), 403);
  EXPECT_EQ(status_of(ErrorCode::http_request_body_size(std::nullopt)), 413);
  EXPECT_EQ(status_of(ErrorCode::connection_limit_reached()), 503);
  EXPECT_EQ(status_of(ErrorCode::internal_error(std::nullopt)), 500);
  EXPECT_EQ(to_string(ErrorCode::tls_certificate_error()), "TLS-certificate-error");
  EXPECT_EQ(to_string(ErrorCode::http_request_uri_too_long()), "HTTP-request-URI-too-long");
  EXPECT_EQ(to_string(ErrorCode::internal_error("why")), "internal-error: why");
}

TEST_F(ServingTest, OnlyErrorsOfHttpHaveACode) {
  streams::IoError other{Error{Code::internal, "a file's"}};
  EXPECT_EQ(types.http_error_code(*call, other).value(), std::nullopt);
}

} // namespace
} // namespace nacre::wasi_http
