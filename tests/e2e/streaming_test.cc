// SPDX-License-Identifier: Apache-2.0
// Bodies on their way through a guest, both ways at once: whole, in order, held back by whoever is
// slower.
#include "e2e/nacre.h"

#include <atomic>
#include <gmock/gmock.h>
#include <thread>

namespace nacre::e2e {
namespace {

constexpr std::size_t kMiB = 1 << 20;

/// Bytes that tell where they belong.
std::string pattern(std::size_t size) {
  std::string out(size, '\0');
  std::uint32_t state = 1;
  for (char& c : out) {
    state = state * 1664525 + 1013904223;
    c = static_cast<char>(state >> 24);
  }
  return out;
}

/// By the guest that answers.
class Streaming : public ::testing::TestWithParam<const char*> {
protected:
  Served served_{guest(GetParam())};
};
INSTANTIATE_TEST_SUITE_P(Echo, Streaming, ::testing::Values("echo", "echo_copy"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(Streaming, TenMebibytesWithALength) {
  const std::string body = pattern(10 * kMiB);
  Wire wire{served_.port()};
  wire.send_head("POST", "/", {{"content-length", std::to_string(body.size())}});
  std::thread sender{[&] { EXPECT_TRUE(wire.send(body)); }};
  const Response answer = wire.read();
  sender.join();
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.complete);
  EXPECT_TRUE(answer.body == body);
  EXPECT_TRUE(served_.process().prints("127.0.0.1 POST / 200 10485760B "));
  EXPECT_TRUE(served_.reaches("nacre_guests_active", 0));
}

TEST_P(Streaming, TenMebibytesInChunks) {
  const std::string body = pattern(10 * kMiB);
  Wire wire{served_.port()};
  wire.send_head("POST", "/", {{"transfer-encoding", "chunked"}});
  std::thread sender{[&] {
    std::string_view rest{body};
    for (std::size_t size = 1; !rest.empty(); size = size * 3 % 100'003) {
      wire.send_chunk(rest.substr(0, size));
      rest.remove_prefix(std::min(size, rest.size()));
    }
    wire.send_last_chunk();
  }};
  const Response answer = wire.read();
  sender.join();
  EXPECT_TRUE(answer.complete);
  EXPECT_TRUE(answer.body == body);
}

TEST_P(Streaming, EveryPieceComesBackBeforeTheNextIsSent) {
  Wire wire{served_.port()};
  wire.send_head("POST", "/", {{"transfer-encoding", "chunked"}});
  ASSERT_TRUE(wire.send_chunk("first"));
  EXPECT_EQ(wire.read_head().status, 200);
  EXPECT_EQ(wire.read_raw(10), "5\r\nfirst\r\n");
  ASSERT_TRUE(wire.send_chunk("second"));
  EXPECT_EQ(wire.read_raw(11), "6\r\nsecond\r\n");
  wire.send_last_chunk();
  EXPECT_EQ(wire.read_raw(5), "0\r\n\r\n");
}

TEST_P(Streaming, ASlowReaderHoldsUpTheSenderAndLosesNothing) {
  // More than all buffers between can hold: the guest must wait for the reader.
  const std::string body = pattern(32 * kMiB);
  Wire wire{served_.port()};
  wire.send_head("POST", "/", {{"content-length", std::to_string(body.size())}});
  std::atomic<bool> sent = false;
  std::thread sender{[&] {
    EXPECT_TRUE(wire.send(body));
    sent = true;
  }};
  Response answer = wire.read_head();
  EXPECT_EQ(get(served_.port(), "/").status, 200) << "others are answered meanwhile";
  EXPECT_FALSE(sent);
  wire.read_body(answer);
  sender.join();
  EXPECT_TRUE(answer.complete);
  EXPECT_TRUE(answer.body == body);
}

TEST_P(Streaming, TheConnectionServesTheNextRequest) {
  Wire wire{served_.port()};
  for (int i = 0; i < 3; ++i) {
    const std::string body = pattern(100'000 + i);
    wire.send_head("POST", "/", {{"content-length", std::to_string(body.size())}});
    wire.send(body);
    EXPECT_TRUE(wire.read().body == body);
  }
}

TEST(StreamingTrailers, AreHandedOn) {
  const Served copy{guest("echo_copy")};
  Wire wire{copy.port()};
  wire.send_head("POST", "/", {{"transfer-encoding", "chunked"}, {"te", "trailers"}});
  wire.send_chunk("body");
  wire.send_last_chunk({{"x-sum", "42"}});
  const Response answer = wire.read();
  EXPECT_EQ(answer.body, "body");
  EXPECT_THAT(answer.trailers, ::testing::ElementsAre(::testing::Pair("x-sum", "42")));
}

} // namespace
} // namespace nacre::e2e
