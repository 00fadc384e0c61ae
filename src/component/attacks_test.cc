// SPDX-License-Identifier: Apache-2.0
// What a hostile guest tries: bad pointers and texts, misused handles, endless work, deep stacks,
// more than its limits. It traps with a message, and the host goes on.
#include "component/testing/attack_host.h"
#include "component/testing/text_guest.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace nacre::component {
namespace {

class AttacksTest : public testing::Test {
protected:
  static void SetUpTestSuite() {
    engine::Settings settings;
    settings.instances = settings.tables = 64;
    settings.memories = settings.stacks = 16;
    settings.max_memory = std::size_t{16} << 20;
    engine = engine::Engine::create(settings).value();
    ticker = std::make_unique<engine::Ticker>(*engine);
  }
  static void TearDownTestSuite() {
    ticker.reset();
    engine.reset();
  }

  AttacksTest() { host.define(linker); }

  void link(std::string_view text) {
    const auto linked = guest.link(text, linker);
    ASSERT_TRUE(linked.has_value()) << linked.error().message();
  }
  void link_attacker() { link(fmt::format("(component {})", attack_guest())); }

  /// A fresh guest in the store of the last one.
  void reopen(const GuestLimits& limits = {.cpu_slices = 50}) {
    guest.close();
    const auto fault = guest.open(limits);
    ASSERT_FALSE(fault.has_value()) << fault->message;
  }

  std::uint32_t go(AttackOp op, std::uint32_t a = 0, std::uint32_t b = 0) {
    const auto done = guest.call("go", {op, a, b});
    EXPECT_TRUE(done.has_value()) << done.error().message();
    return done.value_or(0);
  }
  /// The message that the guest traps with; the next guest is well.
  std::string trap(AttackOp op, std::uint32_t a = 0, std::uint32_t b = 0) {
    const auto done = guest.call("go", {op, a, b});
    EXPECT_FALSE(done.has_value());
    EXPECT_TRUE(guest.store().poisoned());
    reopen();
    const int alive = host.things;
    const std::uint32_t handle = go(make);
    EXPECT_EQ(go(touch, handle), 1001U + static_cast<std::uint32_t>(alive));
    reopen();
    EXPECT_EQ(host.things, 0);
    if (done.has_value())
      return "no trap";
    const std::string& message = done.error().message();
    return message.substr(0, message.find(" (in attack:host"));
  }

  static std::unique_ptr<engine::Engine> engine;
  static std::unique_ptr<engine::Ticker> ticker;
  AttackHost host;
  Loop loop;
  Linker linker;
  Runner runner{*ticker};
  TextGuest guest{*engine, loop, runner};
};

std::unique_ptr<engine::Engine> AttacksTest::engine;
std::unique_ptr<engine::Ticker> AttacksTest::ticker;

TEST_F(AttacksTest, BadTextsAndLists) {
  link_attacker();
  reopen();
  struct Case {
    AttackOp op;
    std::uint32_t a, b;
    const char* message;
  };
  constexpr const char* kOut = "string pointer/length out of bounds of memory";
  const Case cases[] = {
      {text_utf8, 65530, 7, kOut},
      {text_utf8, 0xffff'fff0, 0x20, kOut},
      {text_utf8, 0, 0xffff'ffff, kOut},
      {text_utf8, 0, 2, "invalid utf-8 sequence from index 0"},
      {text_utf8, 8, 3, "invalid utf-8 sequence from index 0"},
      {text_utf8, 16, 2, "incomplete utf-8 byte sequence from index 0"},
      {text_utf16, 1, 1, "string pointer not aligned to 2"},
      {text_utf16, 0, 0x8000'0001, kOut},
      {text_utf16, 24, 2, "unpaired surrogate found in a utf-16 string at index 0"},
      {text_latin1, 1, 0x8000'0001, "string pointer not aligned to 2"},
      {text_latin1, 24, 0x8000'0002, "unpaired surrogate found in a utf-16 string at index 0"},
      {text_latin1, 0, 0xffff'ffff, kOut},
      {text_latin1, 65530, 7, kOut},
      {words, 2, 1, "list pointer is not aligned"},
      {words, 0, 0x4000'0001, "list pointer/length out of bounds of memory"},
      {words, 65532, 2, "list pointer/length out of bounds of memory"},
      {char_, 0xd800, 0,
       "invalid `char` bit pattern: converted integer out of range for `char`: 55296"},
      {char_, 0x11'0000, 0,
       "invalid `char` bit pattern: converted integer out of range for `char`: 1114112"},
      {perhaps, 2, 0, "invalid option discriminant: 2"},
      {back, 8, 65535, "pointer not aligned"},
      {back, 8, 0xffff'fffc, "pointer out of bounds of memory"},
      {back, 8, 2, "pointer not aligned"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(trap(c.op, c.a, c.b), c.message) << c.op << " " << c.a << " " << c.b;
  EXPECT_EQ(go(text_utf8, 65536, 0), 0U);
  EXPECT_EQ(go(text_latin1, 0, 0x8000'0000), 0U);
  EXPECT_EQ(go(words, 65536, 0), 0U);
}

TEST_F(AttacksTest, MisusedHandles) {
  link_attacker();
  reopen();
  const auto after = [&](std::initializer_list<std::pair<AttackOp, std::uint32_t>> before,
                         AttackOp op, std::uint32_t a, std::uint32_t b = 0) {
    for (const auto& [first, argument] : before)
      go(first, argument);
    return trap(op, a, b);
  };
  EXPECT_EQ(after({}, touch, 0), "unknown handle index 0");
  EXPECT_EQ(after({}, touch, 0xffff'ffff), "unknown handle index 4294967295");
  EXPECT_EQ(after({}, drop, 1), "unknown handle index 1");
  EXPECT_EQ(after({{make, 0}, {drop, 1}}, touch, 1), "unknown handle index 1");
  EXPECT_EQ(after({{make, 0}, {drop, 1}}, drop, 1), "unknown handle index 1");
  EXPECT_EQ(after({{make, 0}, {consume, 1}}, touch, 1), "unknown handle index 1");
  EXPECT_EQ(after({{make, 0}, {consume, 1}}, consume, 1), "unknown handle index 1");
  EXPECT_EQ(after({{make, 0}}, two_owns, 1, 1), "unknown handle index 1");
  constexpr const char* kWrong = "handle index 1 used with the wrong type, expected host resource "
                                 "but found a different host resource";
  EXPECT_EQ(after({{make_other, 0}}, touch, 1), kWrong);
  EXPECT_EQ(after({{make_other, 0}}, consume, 1), kWrong);
  EXPECT_EQ(after({{make_other, 0}}, drop, 1), kWrong);
  EXPECT_EQ(after({{make, 0}}, touch_other, 1), kWrong);
  EXPECT_EQ(after({{make, 0}}, drop_other, 1), kWrong);
}

TEST_F(AttacksTest, WhatACallBorrowsItCannotOwn) {
  link_attacker();
  reopen();
  go(make);
  go(make);
  EXPECT_EQ(go(borrow_and_own, 1, 2), 1001U);
  EXPECT_EQ(go(touch, 1), 1001U);
  EXPECT_EQ(trap(borrow_and_own, 1, 1), "cannot remove owned resource while borrowed");
}

TEST_F(AttacksTest, HandlesOfAnotherInstanceMeanNothing) {
  link(fmt::format(R"((component
    (import "attack:host/api@0.1.0" (instance $host
      (export "thing" (type $thing (sub resource)))
      (export "other" (type $other (sub resource)))
      (export "make" (func (result (own $thing))))
      (export "make-other" (func (result (own $other))))
      (export "touch" (func (param "t" (borrow $thing)) (result u32)))
      (export "touch-other" (func (param "t" (borrow $other)) (result u32)))
      (export "consume" (func (param "t" (own $thing)) (result u32)))
      (export "borrow-and-own" (func (param "a" (borrow $thing)) (param "b" (own $thing)) (result u32)))
      (export "two-owns" (func (param "a" (own $thing)) (param "b" (own $thing)) (result u32)))
      (export "text" (func (param "t" string) (result u32)))
      (export "words" (func (param "w" (list u32)) (result u32)))
      (export "character" (func (param "c" char) (result u32)))
      (export "perhaps" (func (param "v" (option u32)) (result u32)))
      (export "back" (func (param "size" u32) (result (list u8))))))
    (component $guest {})
    (instance $one (instantiate $guest (with "attack:host/api@0.1.0" (instance $host))))
    (instance $two (instantiate $guest (with "attack:host/api@0.1.0" (instance $host))))
    (export "go" (func $one "go"))
    (export "go-two" (func $two "go"))))",
                   attack_guest()));
  reopen();
  EXPECT_EQ(go(make), 1U);
  EXPECT_EQ(go(touch, 1), 1001U);
  const auto stolen = guest.call("go-two", {touch, 1, 0});
  ASSERT_FALSE(stolen.has_value());
  EXPECT_TRUE(stolen.error().message().starts_with("unknown handle index 1"));
  reopen();
  EXPECT_EQ(host.things, 0);
}

TEST_F(AttacksTest, HandleLimit) {
  link_attacker();
  reopen({.handles = 3});
  for (int i = 0; i < 3; ++i)
    go(make);
  const auto one_more = guest.call("go", {make, 0, 0});
  ASSERT_FALSE(one_more.has_value());
  EXPECT_TRUE(one_more.error().message().starts_with(
      "cannot allocate another handle: the component instance holds too many"));
  EXPECT_EQ(host.things, 3);
  guest.close();
  EXPECT_EQ(host.things, 0);
  reopen({.handles = 3});
  for (int i = 0; i < 100; ++i)
    go(drop, go(make));
}

TEST_F(AttacksTest, MemoryAndTableLimits) {
  link_attacker();
  reopen({.memory = 2 * 65536});
  EXPECT_EQ(go(grow, 1), 1U);
  EXPECT_EQ(go(grow, 1), 0xffff'ffffU);
  guest.close();
  const auto too_small = guest.open({.memory = 65535});
  ASSERT_TRUE(too_small.has_value());
  EXPECT_EQ(too_small->message, "memory minimum size of 1 pages exceeds memory limits");
  guest.close();
  constexpr std::string_view kTable = R"((component (core module $m
    (table $t 10 200000 funcref)
    (func (export "grow") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0))))
    (core instance $i (instantiate $m))
    (func (export "grow") (param "n" u32) (result u32) (canon lift (core func $i "grow")))))";
  link(kTable);
  reopen({.table_elements = 50});
  EXPECT_EQ(guest.call("grow", {40}).value(), 10U);
  EXPECT_EQ(guest.call("grow", {1}).value(), 0xffff'ffffU);
  guest.close();
  const auto too_short = guest.open({.table_elements = 9});
  ASSERT_TRUE(too_short.has_value());
  EXPECT_EQ(too_short->message, "table minimum size of 10 elements exceeds table limits");
}

TEST_F(AttacksTest, MoreThanThePoolsHoldIsRefusedWithASentence) {
  const auto huge = guest.link(
      "(component (core module $m (memory 1000)) (core instance (instantiate $m)))", linker);
  ASSERT_FALSE(huge.has_value());
  EXPECT_NE(huge.error().message().find("exceeds the limit"), std::string::npos)
      << huge.error().message();
}

constexpr const char* kBudget = "guest stopped: it used up its CPU budget";

TEST_F(AttacksTest, EndlessWorkOfEveryKindIsStopped) {
  link_attacker();
  reopen();
  go(make);
  EXPECT_EQ(trap(touch_forever, 1), kBudget);
  EXPECT_EQ(trap(fill_forever), kBudget);
  guest.call("mode", {spins}).value();
  EXPECT_EQ(trap(back, 8, 64), kBudget);
}

TEST_F(AttacksTest, BadReallocs) {
  link_attacker();
  reopen();
  struct Case {
    AttackRealloc mode;
    const char* message;
  };
  for (const Case& c : {Case{misaligned, "realloc return: beyond end of memory"},
                        Case{out_of_bounds, "realloc return: beyond end of memory"},
                        Case{traps, "wasm trap: wasm `unreachable` instruction executed"},
                        Case{bottomless, "wasm trap: call stack exhausted"},
                        Case{leaves, "wasm trap: cannot leave component instance"}}) {
    guest.call("mode", {c.mode}).value();
    EXPECT_EQ(trap(back, 60'000, 64), c.message) << c.mode;
  }
}

TEST_F(AttacksTest, DeepStacks) {
  link_attacker();
  reopen();
  EXPECT_EQ(trap(recurse), "wasm trap: call stack exhausted");
  // From as deep as the guest gets, the host has room to call its realloc, which then goes deep.
  EXPECT_EQ(go(back_from_the_deep, 5000, 8), 5000U);
  guest.call("mode", {bottomless}).value();
  EXPECT_EQ(trap(back_from_the_deep, 5000, 8), "wasm trap: call stack exhausted");
}

/// A resource whose destructor drops another one of its kind, and so on; and one that spins.
constexpr std::string_view kDestructors = R"((component
  (core module $destructor
    (table (export "table") 2 funcref)
    (type $new (func (param i32) (result i32)))
    (type $drop (func (param i32)))
    (func (export "gone") (param $rep i32)
      (if (i32.eqz (local.get $rep)) (then (loop $l (br $l))))
      (call_indirect (type $drop) (call_indirect (type $new) (local.get $rep) (i32.const 0)) (i32.const 1))))
  (core instance $destructor (instantiate $destructor))
  (type $thing (resource (rep i32) (dtor (core func $destructor "gone"))))
  (core func $new (canon resource.new $thing))
  (core func $drop (canon resource.drop $thing))
  (core module $fill
    (import "h" "table" (table 2 funcref))
    (import "h" "new" (func $new (param i32) (result i32)))
    (import "h" "drop" (func $drop (param i32)))
    (elem (i32.const 0) func $new $drop)
    (func (export "go") (param i32) (result i32) (call $drop (call $new (local.get 0))) (i32.const 0)))
  (core instance $fill (instantiate $fill (with "h" (instance
    (export "table" (table $destructor "table")) (export "new" (func $new)) (export "drop" (func $drop))))))
  (func (export "go") (param "rep" u32) (result u32) (canon lift (core func $fill "go")))))";

TEST_F(AttacksTest, DestructorsThatNeverEnd) {
  link(kDestructors);
  for (int i = 0; i < 3; ++i) {
    reopen();
    EXPECT_EQ(guest.call("go", {1}).error().message(), "wasm trap: call stack exhausted");
    reopen({.cpu_slices = 2});
    EXPECT_EQ(guest.call("go", {0}).error().message(), kBudget);
  }
}

constexpr std::string_view kSpinsInPostReturn = R"((component
  (core module $m (func (export "f") (result i32) (i32.const 5))
    (func (export "after") (param i32) (loop $l (br $l))))
  (core instance $i (instantiate $m))
  (func (export "f") (result u32) (canon lift (core func $i "f") (post-return (core func $i "after"))))))";

TEST_F(AttacksTest, PostReturnThatSpinsIsStopped) {
  link(kSpinsInPostReturn);
  reopen({.cpu_slices = 2});
  EXPECT_EQ(guest.call("f").error().message(), kBudget);
}

TEST_F(AttacksTest, InterruptStopsAGuestThatSpins) {
  link_attacker();
  reopen({});
  go(make);
  loop.post([&] { guest.store().interrupt("its time is over"); });
  EXPECT_FALSE(guest.call("go", {touch_forever, 1, 0}).has_value());
  EXPECT_EQ(guest.store().interrupted(), "its time is over");
}

constexpr std::string_view kSpinsAtStart = R"((component
  (core module $m (func $start (loop $l (br $l))) (start $start))
  (core instance (instantiate $m))))";

TEST_F(AttacksTest, StartFunctionThatSpinsIsStopped) {
  link(kSpinsAtStart);
  for (const std::uint32_t slices : {0U, 3U}) {
    const auto fault = guest.open({.cpu_slices = slices});
    ASSERT_TRUE(fault.has_value());
    EXPECT_EQ(fault->message, kBudget);
    guest.close();
  }
}

} // namespace
} // namespace nacre::component
