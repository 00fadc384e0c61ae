// SPDX-License-Identifier: Apache-2.0
#include "component/testing/round_trip.h"
#include "component/typed/scalar.h"

#include <limits>

namespace nacre::component {
namespace {

TEST(Scalar, IntegersRoundTripAtTheirLimits) {
  expect_round_trip<std::uint8_t>(255);
  expect_round_trip<std::int8_t>(-128);
  expect_round_trip<std::uint16_t>(65535);
  expect_round_trip<std::int16_t>(-32768);
  expect_round_trip(std::numeric_limits<std::uint32_t>::max());
  expect_round_trip(std::numeric_limits<std::int32_t>::min());
  expect_round_trip(std::numeric_limits<std::uint64_t>::max());
  expect_round_trip(std::numeric_limits<std::int64_t>::min());
}

TEST(Scalar, FloatsAndBoolsRoundTrip) {
  expect_round_trip(1.5F);
  expect_round_trip(-0.1);
  expect_round_trip(std::numeric_limits<double>::infinity());
  expect_round_trip(true);
  expect_round_trip(false);
}

TEST(Scalar, NarrowIntegersWrap) {
  FakeGuest guest;
  std::uint8_t byte = 0;
  lift_from(guest.call(), {0x1FF}, byte);
  EXPECT_EQ(byte, 0xFF);
  std::int16_t half = 0;
  lift_from(guest.call(), {0x18000}, half);
  EXPECT_EQ(half, -32768);
}

TEST(Scalar, SignedIntegersLowerSignExtendedTo32Bits) {
  FakeGuest guest;
  Raw value{};
  FlatWriter out{&value};
  ASSERT_TRUE(Abi<std::int8_t>::lower(guest.call(), out, -1));
  EXPECT_EQ(value.i64, 0xFFFF'FFFF);
}

TEST(Scalar, AnyNonzeroIsTrue) {
  FakeGuest guest;
  bool flag = false;
  lift_from(guest.call(), {2}, flag);
  EXPECT_TRUE(flag);
}

TEST(Scalar, CharsRoundTripUpToTheLast) {
  expect_round_trip(U'a');
  expect_round_trip(char32_t{0xD7FF});
  expect_round_trip(char32_t{0xE000});
  expect_round_trip(char32_t{0x10FFFF});
}

TEST(Scalar, SurrogatesAndLargerNumbersAreNoChars) {
  FakeGuest guest;
  for (const std::uint64_t bad : {0xD800, 0xDFFF, 0x110000, 0x7FFFFFFF})
    expect_lift_fails<char32_t>(guest, {bad}, "invalid `char` bit pattern");
}

} // namespace
} // namespace nacre::component
