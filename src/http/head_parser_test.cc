// SPDX-License-Identifier: Apache-2.0
#include "http/head_parser.h"

#include <gtest/gtest.h>

#include <string>

namespace nacre::http {
namespace {

struct Parsed {
  std::string text; // the views of head point here
  RequestHead head;
  HeadFraming framing;
  HeadProblem problem;
};

/// Scans and parses; the text must be one complete head.
std::unique_ptr<Parsed> parse(std::string_view text, HeadLimits limits = {}) {
  auto out = std::make_unique<Parsed>();
  out->text = text;
  HeadScanner scanner;
  switch (scanner.scan(out->text, limits)) {
  case HeadScanner::State::bad:
    out->problem = scanner.problem();
    break;
  case HeadScanner::State::more:
    out->problem = {1, "incomplete"};
    break;
  case HeadScanner::State::complete:
    out->problem =
        parse_request_head({out->text.data(), scanner.size()}, limits, out->head, out->framing);
    break;
  }
  return out;
}

TEST(HeadParser, TakesARequestApart) {
  const auto p = parse("POST /a/b?c=d HTTP/1.1\r\nHost: example.com:81\r\nX-Two:  a, b \t\r\n"
                       "Content-Length: 12\r\nempty:\r\n\r\n");
  ASSERT_EQ(p->problem.status, 0) << p->problem.what;
  EXPECT_EQ(p->head.method, Method::post);
  EXPECT_EQ(p->head.path, "/a/b?c=d");
  EXPECT_EQ(p->head.authority, "example.com:81");
  EXPECT_EQ(p->head.fields.find("x-two"), "a, b");
  EXPECT_EQ(p->head.fields.find("Empty"), "");
  EXPECT_EQ(p->head.fields.lines()[1].name, "x-two") << "names come in lower case";
  EXPECT_EQ(p->framing.length, 12U);
  EXPECT_TRUE(p->framing.keep_alive);
}

TEST(HeadParser, EveryTargetFormIsUnderstood) {
  const auto absolute = parse("GET http://other.example:8080?q HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(absolute->problem.status, 400) << "a query without a path";
  const auto full = parse("GET https://other.example/p?q HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_EQ(full->problem.status, 0) << full->problem.what;
  EXPECT_EQ(full->head.scheme, "https");
  EXPECT_EQ(full->head.authority, "other.example") << "the target wins over Host";
  EXPECT_EQ(full->head.path, "/p?q");
  const auto bare = parse("GET http://other.example HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(bare->head.path, "/");
  const auto star = parse("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_EQ(star->problem.status, 0);
  EXPECT_EQ(star->head.path, "*");
}

struct Case {
  const char* name;
  std::string_view text;
  int status;
};
using namespace std::string_view_literals;

// What two implementations might read in two ways, or what is simply wrong (RFC 9112).
constexpr Case kRefused[] = {
    {"LengthAndCoding",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"CodingAndLength",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", 400},
    {"LengthsDiffer",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n", 400},
    {"LengthList", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\n", 400},
    {"LengthSign", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\n", 400},
    {"LengthNegative", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400},
    {"LengthHex", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x3\r\n\r\n", 400},
    {"LengthEmpty", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n", 400},
    {"LengthOverflow", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
     400},
    {"CodingUnknown", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
    {"CodingList", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
    {"CodingTwice", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
     501},
    {"CodingLines",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
     "chunked\r\n\r\n",
     501},
    {"CodingParameter", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked;a=b\r\n\r\n",
     501},
    {"CodingQuoted", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \"chunked\"\r\n\r\n", 501},
    {"CodingVerticalTab",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \x0b"
     "chunked\r\n\r\n",
     400},
    {"CodingIn10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"SpaceBeforeColon", "GET / HTTP/1.1\r\nHost: x\r\nContent-Length : 3\r\n\r\n", 400},
    {"TabBeforeColon", "GET / HTTP/1.1\r\nHost: x\r\nA\t: 3\r\n\r\n", 400},
    {"Folded", "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400},
    {"FoldedFirst", "GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400},
    {"BareLfInHead", "GET / HTTP/1.1\r\nHost: x\r\nA: b\nB: c\r\n\r\n", 400},
    {"BareLfEnd", "GET / HTTP/1.1\r\nHost: x\r\n\n", 400},
    {"OnlyLf", "GET / HTTP/1.1\nHost: x\n\n", 400},
    {"BareCr", "GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n", 400},
    {"CrBeforeCrLf", "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\r\n\r\n", 400},
    {"NulInValue", "GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n"sv, 400},
    {"NulInName", "GET / HTTP/1.1\r\nHost: x\r\nA\0: b\r\n\r\n"sv, 400},
    {"NulInTarget", "GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n"sv, 400},
    {"DelInValue", "GET / HTTP/1.1\r\nHost: x\r\nA: b\x7f\r\n\r\n", 400},
    {"EscapeInLongValue", "GET / HTTP/1.1\r\nHost: x\r\nA: 0123456789abcdef\x1b[0m\r\n\r\n", 400},
    {"NoColon", "GET / HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n", 400},
    {"EmptyName", "GET / HTTP/1.1\r\nHost: x\r\n: value\r\n\r\n", 400},
    {"NameNotToken", "GET / HTTP/1.1\r\nHost: x\r\nA(b): c\r\n\r\n", 400},
    {"NameAboveAscii", "GET / HTTP/1.1\r\nHost: x\r\nA\xc3\xa4: c\r\n\r\n", 400},
    {"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
    {"TwoHosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400},
    {"TwoHostsIn10", "GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n", 400},
    {"HostWithPath", "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", 400},
    {"HostWithUser", "GET / HTTP/1.1\r\nHost: a@x\r\n\r\n", 400},
    {"HostWithSpace", "GET / HTTP/1.1\r\nHost: x y\r\n\r\n", 400},
    {"HostPort", "GET / HTTP/1.1\r\nHost: x:8a\r\n\r\n", 400},
    {"TargetUser", "GET http://a@b/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"TargetNoHost", "GET http:///p HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"TargetScheme", "GET ftp://b/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"TargetBare", "GET index.html HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"TargetFragment", "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"TargetTab", "GET /a\tb HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"TargetAboveAscii", "GET /\xc3\xa4 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"TargetStarForGet", "GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"TwoSpaces", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"SpaceAfterVersion", "GET / HTTP/1.1 \r\nHost: x\r\n\r\n", 400},
    {"NoVersion", "GET /\r\nHost: x\r\n\r\n", 400},
    {"VersionCase", "GET / http/1.1\r\nHost: x\r\n\r\n", 400},
    {"VersionDigits", "GET / HTTP/1.10\r\nHost: x\r\n\r\n", 400},
    {"Version2", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505},
    {"H2Preface", "PRI * HTTP/2.0\r\n\r\n", 505},
    {"Version0", "GET / HTTP/0.9\r\nHost: x\r\n\r\n", 505},
    {"MethodNotToken", "G@T / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"TlsHello", "\x16\x03\x01\x02", 400},
    {"LeadingSpace", " GET / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"Connect", "CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n", 501},
    {"Expectation", "POST / HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n", 417},
};

class Refused : public ::testing::TestWithParam<Case> {};
TEST_P(Refused, WithItsStatus) {
  const auto p = parse(GetParam().text);
  EXPECT_EQ(p->problem.status, GetParam().status) << p->problem.what;
}
INSTANTIATE_TEST_SUITE_P(HeadParser, Refused, ::testing::ValuesIn(kRefused),
                         [](const auto& info) { return info.param.name; });

TEST(HeadParser, SameLengthTwiceIsOneLength) {
  const auto p =
      parse("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(p->problem.status, 0);
  EXPECT_EQ(p->framing.length, 3U);
}

TEST(HeadParser, KeepAliveFollowsVersionAndConnection) {
  EXPECT_FALSE(
      parse("GET / HTTP/1.1\r\nHost: x\r\nConnection: a, Close\r\n\r\n")->framing.keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n")->framing.keep_alive);
  EXPECT_TRUE(parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")->framing.keep_alive);
  EXPECT_FALSE(
      parse("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n")->framing.keep_alive);
}

TEST(HeadParser, LimitsHold) {
  HeadLimits limits{.header_count = 3, .head_bytes = 300, .target_bytes = 40};
  const std::string host = "Host: x\r\n";
  EXPECT_EQ(parse("GET / HTTP/1.1\r\n" + host + "a:1\r\nb:2\r\n\r\n", limits)->problem.status, 0);
  EXPECT_EQ(
      parse("GET / HTTP/1.1\r\n" + host + "a:1\r\nb:2\r\nc:3\r\n\r\n", limits)->problem.status,
      431);
  EXPECT_EQ(parse("GET / HTTP/1.1\r\n" + host + "a:" + std::string(300, 'x') + "\r\n\r\n", limits)
                ->problem.status,
            431);
  EXPECT_EQ(
      parse("GET / HTTP/1.1\r\n" + host + "a:" + std::string(300, 'x'), limits)->problem.status,
      431)
      << "an endless line is refused before it ends";
  EXPECT_EQ(parse("GET /" + std::string(40, 'x') + " HTTP/1.1\r\n" + host + "\r\n", limits)
                ->problem.status,
            414);
  EXPECT_EQ(parse("GET /" + std::string(200, 'x'), limits)->problem.status, 414);
}

TEST(HeadScanner, FindsTheEndWhereverTheBytesAreCut) {
  const std::string head = "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n";
  const std::string text = head + "next";
  for (std::size_t cut = 0; cut <= head.size(); ++cut) {
    HeadScanner scanner;
    const auto first = scanner.scan(std::string_view{text}.substr(0, cut), {});
    EXPECT_EQ(first == HeadScanner::State::complete, cut == head.size()) << cut;
    if (first == HeadScanner::State::more)
      EXPECT_EQ(scanner.scan(text, {}), HeadScanner::State::complete) << cut;
    EXPECT_EQ(scanner.size(), head.size()) << cut;
  }
}

TEST(HeadParser, TakesAResponseApart) {
  std::string text = "HTTP/1.1 404 Not here\r\nContent-Length: 5\r\nConnection: close\r\n\r\n";
  ResponseHead head;
  HeadFraming framing;
  ASSERT_EQ(parse_response_head(text, {}, head, framing).status, 0);
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(framing.length, 5U);
  EXPECT_FALSE(framing.keep_alive);
  for (std::string bad :
       {"HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n", "ICY 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"})
    EXPECT_NE(parse_response_head(bad, {}, head, framing).status, 0) << bad;
  std::string short_line = "HTTP/1.1 200\r\n\r\n";
  EXPECT_EQ(parse_response_head(short_line, {}, head, framing).status, 0);
}

} // namespace
} // namespace nacre::http
