// SPDX-License-Identifier: Apache-2.0
#include "http/chunk_decoder.h"

#include <gtest/gtest.h>

#include <string>

namespace nacre::http {
namespace {

struct Outcome {
  std::string data;
  bool done = false;
  bool fault = false;
  std::size_t used = 0;
  std::string trailers;
  bool operator==(const Outcome&) const = default;
};

/// Feeds `text` in pieces of `piece` bytes, as a connection would.
Outcome decode(std::string_view text, std::size_t piece, ChunkLimits limits = {}) {
  ChunkDecoder decoder{limits};
  Outcome out;
  for (std::size_t at = 0; at < text.size() && !decoder.done() && decoder.fault() == nullptr;) {
    auto rest = text.substr(at, piece);
    at += rest.size();
    while (!rest.empty()) {
      if (const auto left = decoder.data_left(); left != 0 && out.used != 0) {
        const auto taken =
            rest.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left, rest.size())));
        out.data += taken;
        out.used += taken.size();
        decoder.take_data(taken.size());
        rest.remove_prefix(taken.size());
        continue;
      }
      const auto skipped = decoder.skip_framing(std::as_bytes(std::span{rest}));
      out.used += skipped;
      rest.remove_prefix(skipped);
      if (decoder.done() || decoder.fault() != nullptr)
        break;
    }
  }
  out.done = decoder.done();
  out.fault = decoder.fault() != nullptr;
  if (out.done && decoder.trailers() != nullptr) {
    for (const Field& line : decoder.trailers()->lines())
      out.trailers += std::string{line.name} + "=" + std::string{line.value} + ";";
  }
  return out;
}

TEST(ChunkDecoder, AnyCutGivesTheSame) {
  const std::string text = "5\r\nhello\r\n1A;a=b;c=\"d\"\r\nabcdefghijklmnopqrstuvwxyz\r\n"
                           "0\r\nX-Sum: 12\r\nY: z\r\n\r\n";
  const auto whole = decode(text + "GET", text.size() + 3);
  EXPECT_TRUE(whole.done);
  EXPECT_EQ(whole.data, "helloabcdefghijklmnopqrstuvwxyz");
  EXPECT_EQ(whole.used, text.size()) << "the next message's bytes are left alone";
  EXPECT_EQ(whole.trailers, "x-sum=12;y=z;");
  for (std::size_t piece = 1; piece < text.size(); ++piece)
    EXPECT_EQ(decode(text, piece), whole) << piece;
}

TEST(ChunkDecoder, MalformedFramingIsRefused) {
  for (const std::string_view text : {"\r\n",
                                      "g\r\n",
                                      "-1\r\n",
                                      "+1\r\n",
                                      " 1\r\na\r\n",
                                      "1 \r\na\r\n",
                                      "0x1\r\na\r\n",
                                      "1\na\r\n0\r\n\r\n",
                                      "1\ra\r\n",
                                      "1\r\nab\r\n",
                                      "1\r\na\n",
                                      "1\r\na\rb",
                                      "1;\na\r\n",
                                      "1;a\x01\r\na\r\n",
                                      "ffffffffffffffff\r\n",
                                      "00000000000000001\r\na\r\n",
                                      "0\r\nbad name: x\r\n\r\n",
                                      "0\r\nno colon\r\n\r\n",
                                      "0\r\na: b\n\r\n",
                                      "0\r\n folded\r\n\r\n",
                                      "0\r\n\n"}) {
    EXPECT_TRUE(decode(text, 1).fault) << text;
    EXPECT_TRUE(decode(text, text.size()).fault) << text;
  }
}

TEST(ChunkDecoder, LimitsHold) {
  const ChunkLimits limits{
      .extension_bytes = 8, .all_extensions = 20, .trailer_bytes = 32, .trailer_count = 2};
  EXPECT_TRUE(decode("1;123456\r\na\r\n0\r\n\r\n", 1, limits).done);
  EXPECT_TRUE(decode("1;123456789\r\na\r\n0\r\n\r\n", 1, limits).fault);
  std::string many;
  for (int i = 0; i < 4; ++i)
    many += "1;123456\r\na\r\n";
  EXPECT_TRUE(decode(many, 1, limits).fault) << "in all";
  EXPECT_TRUE(decode("0\r\na:1\r\nb:2\r\n\r\n", 1, limits).done);
  EXPECT_TRUE(decode("0\r\na:1\r\nb:2\r\nc:3\r\n\r\n", 1, limits).fault);
  EXPECT_TRUE(decode("0\r\na:" + std::string(64, 'x'), 1, limits).fault);
}

TEST(ChunkDecoder, TrailersCannotChangeTheMessage) {
  const auto out = decode("0\r\nContent-Length: 5\r\nHost: y\r\nok: 1\r\n\r\n", 4);
  EXPECT_EQ(out.trailers, "ok=1;");
}

} // namespace
} // namespace nacre::http
