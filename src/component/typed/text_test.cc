// SPDX-License-Identifier: Apache-2.0
#include "component/testing/round_trip.h"
#include "component/typed/text.h"

#include <string>
#include <string_view>

namespace nacre::component {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kSamples[] = {
    ""sv,
    "a"sv,
    "plain ascii of more than eight bytes"sv,
    "gr\u00fc\u00dfe"sv,
    "\u20ac\u0153"sv,
    "a\u00e9\u20ac\U0001F600z"sv,
    "\0nul"sv,
};

class TextIn : public testing::TestWithParam<StringEncoding> {};

TEST_P(TextIn, EveryEncodingRoundTrips) {
  for (const std::string_view sample : kSamples) {
    FakeGuest guest;
    HostCall& call = guest.call(GetParam());
    std::string value{sample};
    std::string flat;
    through_flat(call, value, flat);
    EXPECT_EQ(flat, sample);
    std::string_view view;
    through_memory(call, value, view);
    EXPECT_EQ(view, sample);
  }
}

INSTANTIATE_TEST_SUITE_P(Encodings, TextIn,
                         testing::Values(StringEncoding::utf8, StringEncoding::utf16,
                                         StringEncoding::compact_utf16));

TEST(Text, Utf8IsNotCopied) {
  FakeGuest guest;
  const std::uint32_t addr = guest.put("hello");
  HostCall& call = guest.call();
  std::string_view view;
  lift_from(call, {addr, 5}, view);
  EXPECT_EQ(static_cast<const void*>(view.data()), call.memory().at(addr));
}

TEST(Text, Latin1BecomesUtf8) {
  FakeGuest guest;
  const std::uint32_t addr = guest.put("gr\xfc\xdf", 2);
  std::string_view view;
  lift_from(guest.call(StringEncoding::compact_utf16), {addr, 4}, view);
  EXPECT_EQ(view, "gr\u00fc\u00df");
}

TEST(Text, CompactStringsStayLatin1WhereTheyCan) {
  FakeGuest guest;
  HostCall& call = guest.call(StringEncoding::compact_utf16);
  std::uint32_t addr = 0;
  std::uint32_t units = 0;
  ASSERT_TRUE(lower_text(call, "gr\u00fc\u00df", addr, units));
  EXPECT_EQ(units, 4U);
  EXPECT_EQ(guest.text(addr, 4), "gr\xfc\xdf");
  ASSERT_TRUE(lower_text(call, "a\u20ac", addr, units));
  EXPECT_EQ(units, 0x8000'0002);
  EXPECT_EQ(guest.text(addr, 4), "a\0\xac\x20"sv);
}

TEST(Text, InvalidUtf8Traps) {
  FakeGuest guest;
  constexpr std::string_view kBad[] = {
      "\x80"sv,
      "a\xff"sv,
      "\xc0\x80"sv,
      "\xc1\xbf"sv,
      "\xe0\x80\x80"sv,
      "\xed\xa0\x80"sv,
      "\xf0\x80\x80\x80"sv,
      "\xf4\x90\x80\x80"sv,
      "\xf5\x80\x80\x80"sv,
      "\xe2\x28\xa1"sv,
  };
  for (const std::string_view bad : kBad)
    expect_lift_fails<std::string_view>(guest, {guest.put(bad), bad.size()}, "invalid utf-8");
}

TEST(Text, CutOffUtf8IsIncomplete) {
  FakeGuest guest;
  constexpr std::string_view kCut = "abcdefghij\xe2\x82";
  expect_lift_fails<std::string_view>(guest, {guest.put(kCut), kCut.size()},
                                      "incomplete utf-8 byte sequence from index 10");
}

TEST(Text, LoneSurrogatesTrap) {
  FakeGuest guest;
  constexpr std::string_view kHigh = "\x00\xd8"sv;
  constexpr std::string_view kLow = "\x00\xdc\x61\x00"sv;
  constexpr std::string_view kTwoHigh = "\x00\xd8\x00\xd8"sv;
  for (const std::string_view bad : {kHigh, kLow, kTwoHigh})
    expect_lift_fails<std::string_view>(guest, {guest.put(bad, 2), bad.size() / 2},
                                        "unpaired surrogate", StringEncoding::utf16);
}

TEST(Text, BoundsAreChecked) {
  FakeGuest guest;
  constexpr std::string_view kMessage = "string pointer/length out of bounds of memory";
  expect_lift_fails<std::string_view>(guest, {guest.size(), 1}, kMessage);
  expect_lift_fails<std::string_view>(guest, {guest.size() - 4, 5}, kMessage);
  expect_lift_fails<std::string_view>(guest, {0xFFFF'FFFF, 0xFFFF'FFFF}, kMessage);
  expect_lift_fails<std::string_view>(guest, {0, 0x8000'0000}, kMessage, StringEncoding::utf16);
  std::string_view empty;
  lift_from(guest.call(), {guest.size(), 0}, empty);
  EXPECT_TRUE(empty.empty());
}

TEST(Text, WideStringsMustBeAligned) {
  FakeGuest guest;
  constexpr std::string_view kMessage = "string pointer not aligned to 2";
  expect_lift_fails<std::string_view>(guest, {101, 1}, kMessage, StringEncoding::utf16);
  expect_lift_fails<std::string_view>(guest, {101, 1}, kMessage, StringEncoding::compact_utf16);
}

TEST(Text, ATrapInReallocIsPassedOn) {
  FakeGuest guest;
  guest.refuse_memory();
  HostCall& call = guest.call();
  std::uint32_t addr = 0;
  std::uint32_t units = 0;
  EXPECT_FALSE(lower_text(call, "text", addr, units));
  EXPECT_EQ(call.error(), "realloc return: beyond end of memory");
}

TEST(Text, AGuestCannotMakeTheHostKeepMoreThanItsBudget) {
  FakeGuest guest;
  HostCall& call = guest.call(StringEncoding::utf16);
  call.set_budget(1000);
  std::array<Raw, 2> values{};
  FlatWriter writer{values.data()};
  writer.i32(0);
  writer.i32(4000);
  FlatReader reader{values.data()};
  std::string_view view;
  EXPECT_FALSE(Abi<std::string_view>::lift(call, reader, view));
  EXPECT_NE(call.error().find("too much data"), std::string::npos);
}

} // namespace
} // namespace nacre::component
