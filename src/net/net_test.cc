// SPDX-License-Identifier: Apache-2.0
#include "loop/scope.h"
#include "net/address.h"
#include "net/allow_list.h"
#include "net/dial.h"
#include "net/listener.h"
#include "net/park.h"
#include "net/testing/tls_peer.h"

#include <gtest/gtest.h>

namespace nacre::net {
namespace {

TEST(Address, ParsesWhatPeopleType) {
  EXPECT_EQ(parse_address("127.0.0.1:8000").value(), (Address{"127.0.0.1", 8000}));
  EXPECT_EQ(parse_address("[::1]:80").value(), (Address{"::1", 80}));
  EXPECT_EQ(parse_address(":0").value(), (Address{"0.0.0.0", 0}));
  EXPECT_EQ(parse_address("localhost:65535").value(), (Address{"localhost", 65535}));
  EXPECT_EQ(to_string(Address{"::1", 80}), "[::1]:80");
  for (const auto bad : {"", "localhost", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "[::1]",
                         "[::1", "[nonsense]:1", "a b:1", "a/b:1", "[::1]80", "::1:80"})
    EXPECT_FALSE(parse_address(bad).has_value()) << bad;
  EXPECT_EQ(parse_address("x:99999").error().message(), "port 99999 is out of range");
}

TEST(Address, AuthorityHasADefaultPort) {
  EXPECT_EQ(parse_authority("example.com", 443).value(), (Address{"example.com", 443}));
  EXPECT_EQ(parse_authority("example.com:8", 443).value(), (Address{"example.com", 8}));
  EXPECT_EQ(parse_authority("[::1]", 80).value(), (Address{"::1", 80}));
  EXPECT_FALSE(parse_authority(":80", 443).has_value());
  EXPECT_FALSE(parse_authority("user@example.com", 443).has_value());
}

TEST(AllowList, EmptyAllowsNothingAndEverythingAll) {
  EXPECT_FALSE(AllowList::nothing().allows("http", "example.com", 80));
  EXPECT_TRUE(AllowList::everything().allows("https", "10.0.0.1", 9));
}

TEST(AllowList, PatternsMatchWhatTheySay) {
  struct {
    const char* pattern;
    const char* scheme;
    const char* host;
    std::uint16_t port;
    bool allowed;
  } const cases[] = {
      {"example.com", "http", "example.com", 80, true},
      {"example.com", "https", "EXAMPLE.com.", 444, true},
      {"example.com", "http", "www.example.com", 80, false},
      {"example.com", "http", "notexample.com", 80, false},
      {"*.example.com", "http", "www.example.com", 80, true},
      {"*.example.com", "http", "a.b.example.com", 80, true},
      {"*.example.com", "http", "example.com", 80, false},
      {"*.example.com", "http", "evilexample.com", 80, false},
      {"*.example.com", "http", "example.com.evil.org", 80, false},
      {"example.com:8080", "http", "example.com", 8080, true},
      {"example.com:8080", "http", "example.com", 80, false},
      {"https://example.com", "https", "example.com", 443, true},
      {"https://example.com", "https", "example.com", 8443, false},
      {"https://example.com", "http", "example.com", 443, false},
      {"https://example.com:8443/", "https", "example.com", 8443, true},
      {"http://*.example.com", "http", "a.example.com", 80, true},
      {"10.0.0.7", "http", "10.0.0.7", 1234, true},
      {"10.0.0.7", "http", "10.0.0.70", 1234, false},
      {"[::1]:80", "http", "::1", 80, true},
      {"::1", "http", "0:0:0:0:0:0:0:1", 8080, true},
      {"*", "http", "anything", 1, true},
      {"*:443", "https", "anything", 443, true},
      {"*:443", "https", "anything", 444, false},
      {"https://*", "http", "anything", 80, false},
  };
  for (const auto& c : cases) {
    AllowList list;
    ASSERT_TRUE(list.allow(c.pattern).has_value()) << c.pattern;
    EXPECT_EQ(list.allows(c.scheme, c.host, c.port), c.allowed) << c.pattern << " " << c.host;
  }
  AllowList list;
  for (const auto bad : {"", "ftp://x", "a b", "*.", "a.*.b", "http://", "*.10.0.0.1", "x:y",
                         "http://a/b", "*x", "user@x"})
    EXPECT_FALSE(list.allow(bad).has_value()) << bad;
  EXPECT_TRUE(list.empty());
}

class Net : public ::testing::Test {
protected:
  Loop loop_;
};

TEST_F(Net, TakenPortIsToldSo) {
  const Address any{"127.0.0.1", 0};
  const ListenOptions alone{.reuse_port = false};
  auto first = Listener::open(loop_, any, alone);
  ASSERT_TRUE(first.has_value());
  const auto second = Listener::open(loop_, first->address(), alone);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code(), Code::exists);
  const Address elsewhere{"192.0.2.1", 0};
  EXPECT_EQ(Listener::open(loop_, elsewhere).error().code(), Code::not_found);
}

TEST_F(Net, DialConnectsAndBytesTravel) {
  const Address any{"127.0.0.1", 0};
  auto listener = Listener::open(loop_, any);
  ASSERT_TRUE(listener.has_value());
  Address to{"localhost", listener->address().port};
  auto dialed = loop_.block_on(dial(&loop_, std::move(to), nullptr));
  ASSERT_TRUE(dialed.has_value()) << dialed.error().message();
  auto accepted = listener->accept();
  ASSERT_TRUE(accepted.has_value());
  ASSERT_NE(*accepted, nullptr);
  EXPECT_EQ((*accepted)->peer().host, "127.0.0.1");

  std::byte one{};
  EXPECT_EQ((*dialed)->read({&one, 1}).state, Transfer::State::would_block);
  EXPECT_FALSE((*dialed)->may_read());
  struct Bell final : Waiter {
    void wake() override { ++rings; }
    int rings = 0;
  } bell;
  // A wait may end for nothing once; the read tells.
  for (int i = 0; i < 2; ++i) {
    bell.rings = 0;
    (*dialed)->wait_readable(bell);
    loop_.poll();
    EXPECT_EQ((*dialed)->read({&one, 1}).state, Transfer::State::would_block);
  }
  EXPECT_EQ(bell.rings, 0);
  const std::byte x{'x'};
  const Bytes part{&x, 1};
  EXPECT_EQ((*accepted)->write({&part, 1}).state, Transfer::State::ok);
  while (bell.rings == 0)
    loop_.poll();
  EXPECT_TRUE((*dialed)->may_read());
  EXPECT_EQ((*dialed)->read({&one, 1}).bytes, 1U);
  EXPECT_EQ(one, x);
  EXPECT_FALSE((*dialed)->peer_closed());
  accepted->reset();
  EXPECT_TRUE((*dialed)->peer_closed());
  EXPECT_EQ((*dialed)->read({&one, 1}).state, Transfer::State::ended);
}

TEST_F(Net, DialSaysWhatFailed) {
  std::uint16_t nobody = 0;
  {
    const Address any{"127.0.0.1", 0};
    nobody = Listener::open(loop_, any)->address().port;
  }
  DialReport report;
  Address to{"127.0.0.1", nobody};
  EXPECT_FALSE(loop_.block_on(dial(&loop_, std::move(to), &report)).has_value());
  EXPECT_EQ(report.failure, DialFailure::refused);
  EXPECT_EQ(report.step, DialReport::Step::connect);
  Address unknown{"no-such-host.invalid", 1};
  EXPECT_EQ(loop_.block_on(dial(&loop_, std::move(unknown), &report)).error().code(),
            Code::not_found);
  EXPECT_EQ(report.failure, DialFailure::lookup);
}

Task<> park_on(Park* park) {
  CO_TRY_OK(co_await park->wait());
  co_return Result<>{};
}

TEST_F(Net, ParkedTaskIsResumedOrCancelled) {
  Park park;
  Scope scope{loop_};
  int ended = 0;
  Code code{};
  const auto done = [&](const Result<>& r) {
    ++ended;
    code = r.has_value() ? Code{} : r.error().code();
  };
  scope.spawn("first", park_on(&park), done);
  loop_.poll();
  EXPECT_TRUE(park.parked());
  park.wake();
  loop_.poll();
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(code, Code{});
  park.wake(); // nobody there: nothing happens
  scope.spawn("second", park_on(&park), done);
  loop_.poll();
  EXPECT_TRUE(loop_.block_on(scope.close()).has_value());
  EXPECT_EQ(ended, 2);
  EXPECT_EQ(code, Code::cancelled);
  EXPECT_FALSE(park.parked());
}

class Tls : public ::testing::Test {
protected:
  Result<std::unique_ptr<Stream>> connect(std::uint16_t port, std::string host, std::string roots) {
    auto task = [](Loop* loop, std::uint16_t at, std::string name, std::string pem,
                   DialReport* report) -> Task<std::unique_ptr<Stream>> {
      Address to{"127.0.0.1", at};
      CO_TRY(auto plain, co_await dial(loop, std::move(to), report));
      const TlsSettings settings{std::move(pem), false};
      CO_TRY(auto context, TlsContext::make(settings));
      co_return co_await start_tls(std::move(plain), std::move(context), std::move(name), report);
    };
    return loop_.block_on(task(&loop_, port, std::move(host), std::move(roots), &report_));
  }
  Loop loop_;
  DialReport report_;
  testing::Authority authority_;
};

TEST_F(Tls, TrustedNameAndAddressConnect) {
  testing::TlsPeer peer{authority_, "DNS:good.example,IP:127.0.0.1", "hi"};
  auto by_name = connect(peer.port(), "good.example", authority_.pem());
  ASSERT_TRUE(by_name.has_value()) << by_name.error().message();
  by_name->reset();
  auto by_address = connect(peer.port(), "127.0.0.1", authority_.pem());
  EXPECT_TRUE(by_address.has_value());
  EXPECT_EQ(report_.step, DialReport::Step::done);
}

TEST_F(Tls, WrongNameStrangeRootAndExpiryAreRefused) {
  {
    testing::TlsPeer peer{authority_, "DNS:good.example", "hi"};
    EXPECT_EQ(connect(peer.port(), "bad.example", authority_.pem()).error().code(), Code::denied);
    EXPECT_EQ(report_.failure, DialFailure::certificate);
    const testing::Authority stranger;
    EXPECT_EQ(connect(peer.port(), "good.example", stranger.pem()).error().code(), Code::denied);
  }
  testing::TlsPeer expired{authority_, "DNS:good.example", "hi", true};
  const auto refused = connect(expired.port(), "good.example", authority_.pem());
  EXPECT_EQ(refused.error().message(),
            "the certificate of good.example is not valid: certificate has expired");
}

TEST_F(Tls, RootsMustBeCertificates) {
  const TlsSettings settings{"nonsense", false};
  EXPECT_EQ(TlsContext::make(settings).error().code(), Code::invalid);
}

} // namespace
} // namespace nacre::net
