// SPDX-License-Identifier: Apache-2.0
#include "cli/values.h"

#include <gmock/gmock.h>

namespace nacre::cli {
namespace {

using namespace std::chrono_literals;

template <class T> std::string refusal(const Result<T>& result) {
  return result.has_value() ? "" : result.error().message();
}

TEST(Sizes, HaveBinaryUnits) {
  EXPECT_EQ(*parse_size("0"), 0U);
  EXPECT_EQ(*parse_size("1000000"), 1'000'000U);
  EXPECT_EQ(*parse_size("17B"), 17U);
  for (const char* text : {"512k", "512K", "512KiB"})
    EXPECT_EQ(*parse_size(text), 512U << 10) << text;
  for (const char* text : {"64M", "64MiB"})
    EXPECT_EQ(*parse_size(text), 64U << 20) << text;
  for (const char* text : {"3G", "3GiB"})
    EXPECT_EQ(*parse_size(text), std::uint64_t{3} << 30) << text;
  EXPECT_EQ(*parse_size("17179869183G"), std::uint64_t{17179869183} << 30);
}

TEST(Sizes, RefuseWhatIsNone) {
  for (const char* text : {"", "M", "-1", "+1", "1.5G", "12q", " 1", "1 ", "1 M", "0x10",
                           "17179869184G", "99999999999999999999"}) {
    EXPECT_EQ(refusal(parse_size(text)),
              "\"" + std::string(text) + "\" is not understood; write a size like 64MiB or 1GiB");
  }
}

TEST(Memory, IsFromAPageToAllOfIt) {
  EXPECT_EQ(*parse_memory("64k"), 65536U);
  EXPECT_EQ(*parse_memory("4GiB"), std::uint64_t{4} << 30);
  for (const char* text : {"0", "65535", "4097M"}) {
    EXPECT_EQ(refusal(parse_memory(text)),
              std::string(text) + " is out of range; write something from 64KiB to 4GiB");
  }
}

TEST(Durations, AreSecondsUnlessTheySay) {
  EXPECT_EQ(*parse_duration("250ms"), 250ms);
  EXPECT_EQ(*parse_duration("10"), 10s);
  EXPECT_EQ(*parse_duration("30s"), 30s);
  EXPECT_EQ(*parse_duration("5m"), 5min);
  EXPECT_EQ(*parse_duration("8760h"), 8760h);
}

TEST(Durations, RefuseWhatIsNone) {
  for (const char* text : {"", "s", "-5s", "1.5s", "soon", "5 s", "1d", "99999999999999999999"}) {
    EXPECT_EQ(refusal(parse_duration(text)),
              "\"" + std::string(text) +
                  "\" is not understood; write a duration like 250ms, 30s or 5m");
  }
  for (const char* text : {"0", "0ms", "8761h"}) {
    EXPECT_EQ(refusal(parse_duration(text)),
              std::string(text) + " is out of range; write something from 1ms to 8760h");
  }
}

TEST(Numbers, KeepTheirRange) {
  EXPECT_EQ(*parse_number("1", 1, 10), 1U);
  EXPECT_EQ(*parse_number("10", 1, 10), 10U);
  for (const char* text : {"", "0", "11", "-1", "1x", "one", "4294967297"}) {
    EXPECT_EQ(refusal(parse_number(text, 1, 10)),
              "\"" + std::string(text) + "\" is not understood; write a number from 1 to 10");
  }
}

TEST(Pairs, SplitAtTheFirstEqualsSign) {
  EXPECT_THAT(*parse_pair("A=1"), ::testing::Pair("A", "1"));
  EXPECT_THAT(*parse_pair("A="), ::testing::Pair("A", ""));
  EXPECT_THAT(*parse_pair("A=b=c d"), ::testing::Pair("A", "b=c d"));
  for (const char* text : {"", "A", "=x"}) {
    EXPECT_EQ(refusal(parse_pair(text)),
              "\"" + std::string(text) + "\" is not understood; write NAME=VALUE");
  }
}

} // namespace
} // namespace nacre::cli
