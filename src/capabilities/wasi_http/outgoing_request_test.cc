// SPDX-License-Identifier: Apache-2.0
// What a request may be made of, before anything is sent.
#include "capabilities/wasi_http/outgoing_request.h"
#include "capabilities/wasi_http/testing/guest.h"

namespace nacre::wasi_http {
namespace {

using namespace testing;
using wasi_http_p2::MethodView;
using wasi_http_p2::SchemeView;

class OutgoingRequestTest : public GuestFixture {
protected:
  OutgoingRequest& made() { return static_cast<OutgoingRequest&>(*request); }
  bool authority(std::string_view text) {
    return request->set_authority(*call, text).value().has_value();
  }
  bool path(std::string_view text) {
    return request->set_path_with_query(*call, text).value().has_value();
  }
  bool scheme(SchemeView view) { return request->set_scheme(*call, view).value().has_value(); }
  bool method(MethodView view) { return request->set_method(*call, view).value().has_value(); }

  std::unique_ptr<wasi_http_p2::OutgoingRequest> request =
      types.make_outgoing_request(*call, fields({{"a", "b"}})).value();
};

TEST_F(OutgoingRequestTest, StartsAsAGetOfNothing) {
  EXPECT_TRUE(request->method(*call).value().is(MethodView::Case::get));
  EXPECT_EQ(request->path_with_query(*call).value(), std::nullopt);
  EXPECT_FALSE(request->scheme(*call).value().has_value());
  EXPECT_EQ(request->authority(*call).value(), std::nullopt);
  EXPECT_EQ(entries(*request->headers(*call).value()), (Pairs{{"a", "b"}}));
}

TEST_F(OutgoingRequestTest, AuthoritiesAreHostAndPort) {
  for (const auto good :
       {"example.com", "example.com:8080", "127.0.0.1:1", "[::1]:80", "host:", "a-b.c_d"})
    EXPECT_TRUE(authority(good)) << good;
  for (const auto bad : {"", "exa mple", "a/b", "user@host", "host:99999", "host:x", "a?b", "a#b",
                         "http://x", "x\r\ny", "caf\xc3\xa9", "[::1", ":80"})
    EXPECT_FALSE(authority(bad)) << bad;
  EXPECT_FALSE(authority(std::string(2000, 'a')));
  EXPECT_EQ(request->authority(*call).value(), "a-b.c_d") << "the last good one stays";
  ASSERT_TRUE(request->set_authority(*call, std::nullopt).value().has_value());
  EXPECT_EQ(request->authority(*call).value(), std::nullopt);
}

TEST_F(OutgoingRequestTest, PathsNeverNameAnotherHost) {
  for (const auto good : {"", "/", "/a/b?c=d&e", "?q", "//x", "/%20"})
    EXPECT_TRUE(path(good)) << good;
  for (const auto bad : {"a", "*", "http://other/", "/a b", "/a#b", "/\r\nx: y", "/\x7f"})
    EXPECT_FALSE(path(bad)) << bad;
  EXPECT_FALSE(path("/" + std::string(OutgoingRequest::kMostPath, 'a')));
}

TEST_F(OutgoingRequestTest, MethodsAreTokens) {
  const std::pair<MethodView, std::string_view> all[] = {
      {MethodView::get(), "GET"},         {MethodView::head(), "HEAD"},
      {MethodView::post(), "POST"},       {MethodView::put(), "PUT"},
      {MethodView::delete_(), "DELETE"},  {MethodView::options(), "OPTIONS"},
      {MethodView::trace(), "TRACE"},     {MethodView::patch(), "PATCH"},
      {MethodView::other("BREW"), "BREW"}};
  ASSERT_TRUE(authority("x"));
  for (const auto& [view, text] : all) {
    ASSERT_TRUE(method(view)) << text;
    EXPECT_EQ(request->method(*call).value().case_(), view.case_()) << text;
    EXPECT_EQ(made().head()->method_text, text);
  }
  for (const auto bad : {"", "G ET", "GET\r\n", "caf\xc3\xa9", "a:b"})
    EXPECT_FALSE(method(MethodView::other(bad))) << bad;
  EXPECT_FALSE(method(MethodView::other(std::string(2000, 'A'))));
}

TEST_F(OutgoingRequestTest, SchemesAreWords) {
  for (const auto good : {"ftp", "a+b-c.d", "HTTPS"})
    EXPECT_TRUE(scheme(SchemeView::other(good))) << good;
  for (const auto bad : {"", "1a", "a b", "a:", "http://"})
    EXPECT_FALSE(scheme(SchemeView::other(bad))) << bad;
  EXPECT_EQ(*request->scheme(*call).value()->if_other(), "HTTPS");
}

TEST_F(OutgoingRequestTest, TheHeadFillsInWhatIsMissing) {
  ASSERT_TRUE(authority("example.com"));
  EXPECT_EQ(made().head()->scheme, "https");
  EXPECT_EQ(made().head()->path, "/");
  ASSERT_TRUE(scheme(SchemeView::http()) && path("?q=1"));
  EXPECT_EQ(made().head()->scheme, "http");
  EXPECT_EQ(made().head()->path, "/?q=1");
  ASSERT_TRUE(scheme(SchemeView::other("HTTP")) && path(""));
  EXPECT_EQ(made().head()->scheme, "http");
  EXPECT_EQ(made().head()->path, "/");
}

TEST_F(OutgoingRequestTest, TheHeadRefusesWhatCannotBeSent) {
  EXPECT_EQ(made().head().error(), ErrorCode::http_request_uri_invalid());
  ASSERT_TRUE(authority("example.com") && scheme(SchemeView::other("ftp")));
  EXPECT_EQ(made().head().error(), ErrorCode::http_protocol_error());
  ASSERT_TRUE(scheme(SchemeView::http()) && method(MethodView::connect()));
  EXPECT_EQ(made().head().error(), ErrorCode::http_request_method_invalid());
  ASSERT_TRUE(method(MethodView::other("CONNECT")));
  EXPECT_EQ(made().head().error(), ErrorCode::http_request_method_invalid());
}

TEST_F(OutgoingRequestTest, AContentLengthNeedsABody) {
  request = types.make_outgoing_request(*call, fields({{"content-length", "3"}})).value();
  ASSERT_TRUE(authority("example.com"));
  EXPECT_EQ(made().head().error(), ErrorCode::http_request_body_size(0));
  auto body = *request->body(*call).value();
  EXPECT_FALSE(request->body(*call).value().has_value()) << "once";
  EXPECT_TRUE(made().head().has_value());
}

TEST_F(OutgoingRequestTest, OptionsKeepWhatTheyWereTold) {
  auto options = types.make_request_options(*call).value();
  EXPECT_EQ(options->connect_timeout(*call).value(), std::nullopt);
  ASSERT_TRUE(options->set_connect_timeout(*call, 1).value().has_value());
  ASSERT_TRUE(options->set_first_byte_timeout(*call, 2).value().has_value());
  ASSERT_TRUE(options->set_between_bytes_timeout(*call, 3).value().has_value());
  EXPECT_EQ(options->connect_timeout(*call).value(), 1U);
  EXPECT_EQ(options->first_byte_timeout(*call).value(), 2U);
  EXPECT_EQ(options->between_bytes_timeout(*call).value(), 3U);
  ASSERT_TRUE(options->set_connect_timeout(*call, std::nullopt).value().has_value());
  EXPECT_EQ(options->connect_timeout(*call).value(), std::nullopt);
}

TEST(TimeoutTest, WishesAreKeptWithinBounds) {
  using std::chrono::nanoseconds;
  using std::chrono::seconds;
  EXPECT_EQ(timeout_of(std::nullopt, seconds(30), seconds(60)), seconds(30));
  EXPECT_EQ(timeout_of(std::nullopt, seconds(90), seconds(60)), seconds(60));
  EXPECT_EQ(timeout_of(0, seconds(30), seconds(60)), nanoseconds(1)) << "zero is not endless";
  EXPECT_EQ(timeout_of(5'000'000'000, seconds(30), seconds(60)), seconds(5));
  EXPECT_EQ(timeout_of(~std::uint64_t{0}, seconds(30), seconds(60)), seconds(60));
}

TEST(OutgoingErrorTest, EveryFailureOfTheClientHasACode) {
  using http::Failure;
  const std::pair<Failure, ErrorCode> all[] = {
      {Failure::bad_request, ErrorCode::http_request_uri_invalid()},
      {Failure::denied, ErrorCode::http_request_denied()},
      {Failure::dns_failed, ErrorCode::dns_error({})},
      {Failure::dns_timeout, ErrorCode::dns_timeout()},
      {Failure::refused, ErrorCode::connection_refused()},
      {Failure::unreachable, ErrorCode::destination_ip_unroutable()},
      {Failure::connect_timeout, ErrorCode::connection_timeout()},
      {Failure::tls_certificate, ErrorCode::tls_certificate_error()},
      {Failure::tls_failed, ErrorCode::tls_protocol_error()},
      {Failure::first_byte_timeout, ErrorCode::connection_read_timeout()},
      {Failure::between_bytes_timeout, ErrorCode::connection_read_timeout()},
      {Failure::connection_closed, ErrorCode::connection_terminated()},
      {Failure::response_incomplete, ErrorCode::http_response_incomplete()},
      {Failure::head_too_large, ErrorCode::http_response_header_section_size(std::nullopt)},
      {Failure::protocol, ErrorCode::http_protocol_error()},
      {Failure::pool_exhausted, ErrorCode::connection_limit_reached()},
      {Failure::body_mismatch, ErrorCode::http_request_body_size(std::nullopt)},
      {Failure::cancelled, ErrorCode::connection_terminated()},
      {Failure::none, ErrorCode::internal_error("why")},
  };
  for (const auto& [failure, code] : all)
    EXPECT_EQ(wasi_http::code_of(failure, Error{Code::internal, "why"}), code)
        << static_cast<int>(failure);
}

} // namespace
} // namespace nacre::wasi_http
