// SPDX-License-Identifier: Apache-2.0
#include "component/testing/round_trip.h"
#include "component/typed/owned.h"
#include "component/typed/thunk.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

namespace nacre::component {
namespace {

struct Point {
  std::uint8_t tag = 0;
  std::uint64_t x = 0;
  std::string label;
  friend bool operator==(const Point&, const Point&) = default;
};
struct PointView {
  std::uint8_t tag = 0;
  std::uint64_t x = 0;
  std::string_view label;
};

/// Cases whose flat forms join: i32 with f32, i32 with i64, and with nothing.
struct Shape {
  enum class Case : std::uint8_t { none, angle, area, name, number };
  using Payload = std::variant<Unit, float, double, std::string, std::uint64_t>;
  Payload value;
  friend bool operator==(const Shape&, const Shape&) = default;
};

enum class Color : std::uint8_t { red, green, blue };

struct Rights {
  using Bits = std::uint16_t;
  static constexpr Bits kAll = 0x1FF;
  Bits bits = 0;
  friend bool operator==(Rights a, Rights b) = default;
};

} // namespace

template <> struct Fields<Point> {
  static constexpr auto kMembers = std::make_tuple(&Point::tag, &Point::x, &Point::label);
};
template <> struct Fields<PointView> {
  static constexpr auto kMembers =
      std::make_tuple(&PointView::tag, &PointView::x, &PointView::label);
};
template <> inline constexpr std::uint32_t kEnumCases<Color> = 3;

namespace {

TEST(Record, LayoutFollowsTheCanonicalAbi) {
  EXPECT_EQ(Abi<Point>::kAlign, 8U);
  EXPECT_EQ(Abi<Point>::kSize, 24U);
  EXPECT_EQ(Abi<Point>::kFlat, 4U);
  FakeGuest guest;
  HostCall& call = guest.call();
  const Point point{7, 9, "ab"};
  std::uint32_t addr = 0;
  ASSERT_TRUE(call.realloc(0, 0, 8, 24, addr));
  ASSERT_TRUE(Abi<Point>::store(call, addr, point));
  EXPECT_EQ(guest.peek<std::uint8_t>(addr), 7);
  EXPECT_EQ(guest.peek<std::uint64_t>(addr + 8), 9U);
  EXPECT_EQ(guest.peek<std::uint32_t>(addr + 20), 2U);
}

TEST(Record, RoundTripsAsValueAndAsView) {
  Point point{1, 2, "three"};
  expect_round_trip(point);
  FakeGuest guest;
  PointView view;
  through_flat(guest.call(), point, view);
  EXPECT_EQ(own<Point>(view), point);
}

TEST(Tuple, RoundTrips) {
  expect_round_trip(std::tuple<std::uint8_t, std::string, double>{1, "two", 3});
  EXPECT_EQ((Abi<std::tuple<std::uint8_t, std::uint16_t, std::uint8_t>>::kSize), 6U);
}

TEST(Option, RoundTrips) {
  expect_round_trip(std::optional<std::string>{"there"});
  expect_round_trip(std::optional<std::string>{});
  expect_round_trip(std::optional<std::optional<std::uint8_t>>{std::optional<std::uint8_t>{}});
  EXPECT_EQ(Abi<std::optional<std::uint64_t>>::kSize, 16U);
}

TEST(Option, UnknownDiscriminantTraps) {
  FakeGuest guest;
  expect_lift_fails<std::optional<std::uint8_t>>(guest, {2, 0}, "invalid option discriminant");
}

TEST(ResultType, RoundTrips) {
  using Full = std::expected<std::vector<std::uint8_t>, Color>;
  expect_round_trip(Full{std::vector<std::uint8_t>{1, 2}});
  expect_round_trip(Full{std::unexpected{Color::blue}});
  expect_round_trip(std::expected<void, Color>{});
  expect_round_trip(std::expected<void, Color>{std::unexpected{Color::green}});
  expect_round_trip(std::expected<std::uint32_t, Unit>{std::unexpected{Unit{}}});
  expect_round_trip(std::expected<void, Unit>{});
}

TEST(ResultType, UnknownDiscriminantTraps) {
  FakeGuest guest;
  expect_lift_fails<std::expected<void, Unit>>(guest, {5}, "invalid expected discriminant");
}

TEST(Variant, EveryCaseRoundTrips) {
  expect_round_trip(Shape{Unit{}});
  expect_round_trip(Shape{1.25F});
  expect_round_trip(Shape{-3.5});
  expect_round_trip(Shape{std::string{"circle"}});
  expect_round_trip(Shape{~std::uint64_t{0}});
  EXPECT_EQ(Abi<Shape>::kFlat, 3U);
  EXPECT_EQ(Abi<Shape>::kSize, 16U);
}

TEST(Variant, JoinedSlotsHoldTheBitsOfTheNarrowType) {
  FakeGuest guest;
  Raw values[3] = {{.i64 = -1}, {.i64 = -1}, {.i64 = -1}};
  FlatWriter out{values};
  const Shape shape{1.0F};
  ASSERT_TRUE(Abi<Shape>::lower(guest.call(), out, shape));
  EXPECT_EQ(values[0].i64, 1);
  EXPECT_EQ(values[1].i64, 0x3F80'0000); // f32 1.0 in an i64 slot
  EXPECT_EQ(values[2].i64, 0);
}

TEST(Variant, UnknownDiscriminantTraps) {
  FakeGuest guest;
  expect_lift_fails<Shape>(guest, {5, 0, 0}, "invalid variant discriminant");
  expect_lift_fails<Shape>(guest, {0xFFFF'FFFF, 0, 0}, "unexpected discriminant");
  guest.poke<std::uint8_t>(64, 9);
  HostCall& call = guest.call();
  Shape shape;
  EXPECT_FALSE(Abi<Shape>::load(call, 64, shape));
}

TEST(Enum, RoundTripsAndRefusesUnknownCases) {
  expect_round_trip(Color::blue);
  FakeGuest guest;
  expect_lift_fails<Color>(guest, {3}, "unexpected discriminant: 3");
}

TEST(Flags, UnknownBitsAreIgnored) {
  expect_round_trip(Rights{0x1FF});
  FakeGuest guest;
  Rights rights;
  lift_from(guest.call(), {0xFFFF}, rights);
  EXPECT_EQ(rights.bits, 0x1FF);
  guest.poke<std::uint16_t>(64, 0xFE01);
  HostCall& call = guest.call();
  ASSERT_TRUE(Abi<Rights>::load(call, 64, rights));
  EXPECT_EQ(rights.bits, 0x001);
}

TEST(Own, CopiesThroughEveryKindOfType) {
  const std::string_view names[] = {"a", "b"};
  const std::span<const std::string_view> view{names};
  EXPECT_EQ(own<std::vector<std::string>>(view), (std::vector<std::string>{"a", "b"}));
  const std::optional<std::string_view> maybe{"x"};
  EXPECT_EQ(own<std::optional<std::string>>(maybe), "x");
  const std::tuple<std::uint8_t, std::string_view> pair{1, "y"};
  EXPECT_EQ((own<std::tuple<std::uint8_t, std::string>>(pair)), (std::tuple{1, "y"}));
  const std::expected<std::string_view, Unit> good{"z"};
  EXPECT_EQ((*own<std::expected<std::string, Unit>>(good)), "z");
}

} // namespace
} // namespace nacre::component
