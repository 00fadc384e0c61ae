// SPDX-License-Identifier: Apache-2.0
#include "component/testing/round_trip.h"
#include "component/typed/choice.h"
#include "component/typed/handle.h"
#include "component/typed/list.h"

#include <memory>
#include <optional>
#include <span>

namespace nacre::component {
namespace {

class Door : public Resource {
public:
  static constexpr ResourceTag kTag{"test:house/things/door"};
  explicit Door(int n = 0) : number(n) {}
  const ResourceTag& tag() const final { return kTag; }
  int number;
};

class Window : public Resource {
public:
  static constexpr ResourceTag kTag{"test:house/things/window"};
  const ResourceTag& tag() const final { return kTag; }
};

TEST(Handle, OwnMovesIntoTheGuestAndBack) {
  FakeGuest guest;
  HostCall& call = guest.call();
  auto door = std::make_unique<Door>(3);
  const Door* const address = door.get();
  std::unique_ptr<Door> back;
  through_flat(call, door, back);
  EXPECT_EQ(back.get(), address);
  EXPECT_EQ(guest.handles(), 0U);
}

TEST(Handle, BorrowLeavesTheResourceWhereItIs) {
  FakeGuest guest;
  const std::uint32_t handle = guest.own(std::make_unique<Door>(4));
  Door* door = nullptr;
  lift_from(guest.call(), {handle}, door);
  EXPECT_EQ(door->number, 4);
  EXPECT_EQ(guest.handles(), 1U);
}

TEST(Handle, UnknownHandlesAndOtherTypesTrap) {
  FakeGuest guest;
  const std::uint32_t window = guest.own(std::make_unique<Window>());
  expect_lift_fails<Door*>(guest, {7}, "unknown handle index 7");
  expect_lift_fails<Door*>(guest, {window}, "wrong type");
  expect_lift_fails<std::unique_ptr<Door>>(guest, {window}, "wrong type");
  EXPECT_EQ(guest.handles(), 1U);
}

TEST(Handle, ListsOfBorrowsAreSpansOfPointers) {
  FakeGuest guest;
  const std::uint32_t first = guest.own(std::make_unique<Door>(1));
  const std::uint32_t second = guest.own(std::make_unique<Door>(2));
  const std::uint32_t handles[] = {second, first};
  const std::uint32_t addr = guest.put(std::as_bytes(std::span{handles}), 4);
  std::span<Door* const> doors;
  lift_from(guest.call(), {addr, 2}, doors);
  ASSERT_EQ(doors.size(), 2U);
  EXPECT_EQ(doors[0]->number, 2);
  EXPECT_EQ(doors[1]->number, 1);
}

TEST(Handle, OptionsOfOwnMoveTheirResource) {
  FakeGuest guest;
  HostCall& call = guest.call();
  std::optional<std::unique_ptr<Door>> door{std::make_unique<Door>(5)};
  std::optional<std::unique_ptr<Door>> back;
  through_memory(call, door, back);
  const std::unique_ptr<Door> moved = std::move(back).value_or(nullptr);
  ASSERT_NE(moved, nullptr);
  EXPECT_EQ(moved->number, 5);
}

TEST(Handle, ListsOfOwnMoveEachResource) {
  FakeGuest guest;
  HostCall& call = guest.call();
  std::vector<std::unique_ptr<Door>> doors;
  doors.push_back(std::make_unique<Door>(1));
  doors.push_back(std::make_unique<Door>(2));
  std::vector<std::unique_ptr<Door>> back;
  through_flat(call, doors, back);
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[1]->number, 2);
  EXPECT_EQ(guest.handles(), 0U);
}

TEST(Handle, AnEmptyPointerIsAnErrorOfTheHost) {
  FakeGuest guest;
  HostCall& call = guest.call();
  std::unique_ptr<Door> none;
  Raw value{};
  FlatWriter out{&value};
  EXPECT_FALSE(Abi<std::unique_ptr<Door>>::lower(call, out, none));
  EXPECT_NE(call.error().find("test:house/things/door"), std::string::npos);
}

} // namespace
} // namespace nacre::component
