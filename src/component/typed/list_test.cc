// SPDX-License-Identifier: Apache-2.0
#include "component/testing/round_trip.h"
#include "component/typed/list.h"
#include "component/typed/text.h"

#include <string>
#include <string_view>
#include <vector>

namespace nacre::component {
namespace {

TEST(List, NumbersRoundTrip) {
  expect_round_trip(std::vector<std::uint8_t>{1, 2, 3});
  expect_round_trip(std::vector<std::uint64_t>{1, ~std::uint64_t{0}});
  expect_round_trip(std::vector<double>{0.5, -2});
  expect_round_trip(std::vector<std::int32_t>{});
}

TEST(List, OtherElementsRoundTrip) {
  expect_round_trip(std::vector<bool>{true, false, true});
  expect_round_trip(std::vector<char32_t>{U'x', U'\U0001F600'});
  expect_round_trip(std::vector<std::string>{"one", "", "three"});
  expect_round_trip(std::vector<std::vector<std::uint16_t>>{{1}, {}, {2, 3}});
}

TEST(List, NumbersAreViewedWhereTheyAre) {
  FakeGuest guest;
  const std::uint32_t addr = guest.put(std::string(1024, 'x'));
  HostCall& call = guest.call();
  std::span<const std::uint8_t> view;
  lift_from(call, {addr, 1024}, view);
  EXPECT_EQ(static_cast<const void*>(view.data()), call.memory().at(addr));
  EXPECT_EQ(view.size(), 1024U);
}

TEST(List, ViewsOfOtherElementsLiveInTheArena) {
  FakeGuest guest;
  HostCall& call = guest.call();
  std::vector<std::string> value{"first", "second"};
  std::span<const std::string_view> view;
  through_memory(call, value, view);
  ASSERT_EQ(view.size(), 2U);
  EXPECT_EQ(view[0], "first");
  EXPECT_EQ(view[1], "second");
}

TEST(List, BoundsAndAlignmentAreChecked) {
  FakeGuest guest;
  using Words = std::span<const std::uint32_t>;
  constexpr std::string_view kBounds = "list pointer/length out of bounds of memory";
  expect_lift_fails<Words>(guest, {guest.size() - 4, 2}, kBounds);
  expect_lift_fails<Words>(guest, {0, 0xFFFF'FFFF}, kBounds);
  expect_lift_fails<Words>(guest, {0x4000'0000, 0x4000'0001}, kBounds);
  expect_lift_fails<Words>(guest, {66, 1}, "list pointer is not aligned");
  expect_lift_fails<std::vector<std::string>>(guest, {guest.size(), 1}, kBounds);
}

TEST(List, ABadElementFailsTheList) {
  FakeGuest guest;
  const std::uint32_t addr = guest.put(std::string_view{"\x61\0\0\0\0\xd8\0\0", 8}, 4);
  expect_lift_fails<std::span<const char32_t>>(guest, {addr, 2}, "invalid `char` bit pattern");
}

TEST(List, ManySmallElementsAreChargedToTheCall) {
  FakeGuest guest;
  HostCall& call = guest.call();
  call.set_budget(100);
  Raw values[2] = {{.i64 = 64}, {.i64 = 1000}};
  FlatReader reader{values};
  std::span<const char32_t> view;
  EXPECT_FALSE(Abi<std::span<const char32_t>>::lift(call, reader, view));
  EXPECT_NE(call.error().find("too much data"), std::string::npos);
}

TEST(Bytes, LentBytesReachTheGuestAndTheirLenderIsTold) {
  FakeGuest guest;
  HostCall& call = guest.call();
  const std::vector<std::uint8_t> buffer{7, 8, 9};
  std::size_t released = 0;
  {
    Bytes bytes = Bytes::lent(
        std::span<const std::uint8_t>{buffer},
        [](void* lender, std::size_t size) { *static_cast<std::size_t*>(lender) += size; },
        &released);
    std::vector<std::uint8_t> out;
    through_flat(call, bytes, out);
    EXPECT_EQ(out, buffer);
    EXPECT_EQ(released, 0U);
  }
  EXPECT_EQ(released, 3U);
}

TEST(Bytes, MovingHandsTheReleaseOn) {
  int released = 0;
  const std::uint8_t byte = 1;
  const auto count = [](void* lender, std::size_t) { ++*static_cast<int*>(lender); };
  Bytes outer;
  {
    Bytes inner = Bytes::lent(std::span{&byte, 1}, count, &released);
    outer = std::move(inner);
  }
  EXPECT_EQ(released, 0);
  outer = Bytes{std::vector<std::uint8_t>{1, 2}};
  EXPECT_EQ(released, 1);
  EXPECT_EQ(outer.size(), 2U);
}

} // namespace
} // namespace nacre::component
