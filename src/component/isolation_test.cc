// SPDX-License-Identifier: Apache-2.0
// Nothing of one guest is ever visible to the next: guests write a marker into everything they
// have, and the next ones in the same pool slots look for it. NACRE_ISOLATION_ROUNDS sets how
// often.
#include "component/testing/text_guest.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace nacre::component {
namespace {

/// What "look" found, as bits; 2 is grown memory, 16 the stack, 32 a memory that cannot grow.
constexpr std::uint32_t kMemory = 1;
constexpr std::uint32_t kTable = 4;
constexpr std::uint32_t kGlobals = 8;
constexpr std::uint32_t kSizes = 64;

struct Shape {
  std::uint32_t pages;      ///< initial memory
  std::uint32_t data_at;    ///< where the data segment lies
  std::uint32_t data_words; ///< its size in 8 bytes; 0: no initial contents at all
  std::uint64_t marker;     ///< what it leaves behind; also its data segment's word, inverted
  bool starts = false;      ///< has a start function, which marks too
};

std::string data_segment(const Shape& shape) {
  std::string out;
  for (std::uint32_t word = 0; word < shape.data_words; ++word) {
    for (int byte = 0; byte < 8; ++byte)
      out += fmt::format("\\{:02x}", static_cast<std::uint8_t>(~shape.marker >> (8 * byte)));
  }
  return out.empty() ? out : fmt::format("(data (i32.const {}) \"{}\")", shape.data_at, out);
}

/// "look" says what is not as a fresh instance must be; "mark" leaves the marker everywhere.
constexpr std::string_view kGuest = R"((component (core module $m
  (memory (export "memory") $PAGES 16)
  $DATA
  (table $t 16 64 funcref)
  (elem (table $t) (i32.const 3) func $mine)
  (type $answer (func (result i64)))
  (global $g32 (mut i32) (i32.const 7))
  (global $g64 (mut i64) (i64.const 8))
  (global $gf (mut f64) (f64.const 9))
  (global $gv (mut v128) (v128.const i64x2 1 2))
  (global $gr (mut funcref) (ref.null func))
  (func $mine (result i64) (i64.const $MARKER))
  (func $scan (param $from i32) (param $to i32) (result i32) (local $acc v128)
    (block $done (loop $l
      (br_if $done (i32.ge_u (local.get $from) (local.get $to)))
      (local.set $acc (v128.or (v128.or (local.get $acc) (v128.load (local.get $from)))
        (v128.or (v128.load offset=16 (local.get $from))
          (v128.or (v128.load offset=32 (local.get $from)) (v128.load offset=48 (local.get $from))))))
      (local.set $from (i32.add (local.get $from) (i32.const 64)))
      (br $l)))
    (v128.any_true (local.get $acc)))
  (func $data-differs (result i32) (local $at i32)
    (local.set $at (i32.const $DATA_AT))
    (block $done (loop $l
      (br_if $done (i32.ge_u (local.get $at) (i32.const $DATA_END)))
      (if (i64.ne (i64.load (local.get $at)) (i64.xor (i64.const $MARKER) (i64.const -1)))
        (then (return (i32.const 1))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br $l)))
    (i32.const 0))
  (func $look-at-memory (result i32)
    (i32.or (call $data-differs)
      (i32.or (call $scan (i32.const 0) (i32.const $DATA_AT))
        (call $scan (i32.const $DATA_END) (i32.shl (i32.const $PAGES) (i32.const 16))))))
  (func $look-at-growth (result i32) (local $from i32)
    (local.set $from (i32.shl (memory.grow (i32.const 4)) (i32.const 16)))
    (if (i32.lt_s (local.get $from) (i32.const 0)) (then (return (i32.const 32))))
    (i32.shl (call $scan (local.get $from) (i32.shl (memory.size) (i32.const 16))) (i32.const 1)))
  (func $look-at-table (result i32) (local $i i32)
    (loop $l
      (if (i32.eq (ref.is_null (table.get $t (local.get $i))) (i32.eq (local.get $i) (i32.const 3)))
        (then (return (i32.const 4))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 16))))
    (i32.shl (i64.ne (call_indirect $t (type $answer) (i32.const 3)) (i64.const $MARKER)) (i32.const 2)))
  (func $look-at-globals (result i32)
    (if (i32.and (i32.and (i32.eq (global.get $g32) (i32.const 7)) (i64.eq (global.get $g64) (i64.const 8)))
          (i32.and (f64.eq (global.get $gf) (f64.const 9))
            (i32.and (ref.is_null (global.get $gr))
              (i64x2.all_true (i64x2.eq (global.get $gv) (v128.const i64x2 1 2))))))
      (then (return (i32.const 0))))
    (i32.const 8))
  ;; Locals that nothing was written to, down a deep stack.
  (func $look-at-stack (param $depth i32) (result i64) (local $a i64) (local $b i64) (local $c v128)
    (i64.or (i64.or (local.get $a) (local.get $b))
      (i64.or (i64x2.extract_lane 0 (local.get $c))
        (if (result i64) (local.get $depth)
          (then (call $look-at-stack (i32.sub (local.get $depth) (i32.const 1)))) (else (i64.const 0))))))
  (func $sizes (result i32)
    (i32.shl (i32.or (i32.ne (memory.size) (i32.const $PAGES)) (i32.ne (table.size $t) (i32.const 16)))
      (i32.const 6)))
  (func (export "look") (result i32) (local $found i32)
    (local.set $found (i32.or (call $sizes) (i32.or (call $look-at-memory) (call $look-at-growth))))
    (local.set $found (i32.or (local.get $found) (i32.or (call $look-at-table) (call $look-at-globals))))
    (i32.or (local.get $found)
      (i32.shl (i64.ne (call $look-at-stack (i32.const 60)) (i64.const 0)) (i32.const 4))))
  (func $mark-stack (param $depth i32) (result i64) (local $a i64) (local $b i64) (local $c v128)
    (local.set $a (i64.add (i64.const $MARKER) (i64.extend_i32_u (local.get $depth))))
    (local.set $b (i64.const $MARKER))
    (local.set $c (i64x2.splat (i64.const $MARKER)))
    (if (local.get $depth)
      (then (local.set $a (call $mark-stack (i32.sub (local.get $depth) (i32.const 1))))))
    (i64.add (local.get $a) (i64.add (local.get $b) (i64x2.extract_lane 1 (local.get $c)))))
  (func $mark-every (param $from i32) (param $step i32)
    (loop $l
      (i64.store (local.get $from) (i64.const $MARKER))
      (br_if $l (i32.lt_u (local.tee $from (i32.add (local.get $from) (local.get $step)))
        (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 8))))))
  (func $mark-rest
    (table.fill $t (i32.const 0) (ref.func $mine) (table.size $t))
    (global.set $g32 (i32.const -1))
    (global.set $g64 (i64.const $MARKER))
    (global.set $gf (f64.const 1234.5))
    (global.set $gv (i64x2.splat (i64.const $MARKER)))
    (global.set $gr (ref.func $mine)))
  (func (export "mark") (param $seed i32) (result i32)
    (drop (memory.grow (i32.and (local.get $seed) (i32.const 3))))
    (call $mark-every (i32.and (local.get $seed) (i32.const 4088))
      (i32.shl (i32.const 64) (i32.rem_u (local.get $seed) (i32.const 11))))
    (if (i32.eqz (i32.and (local.get $seed) (i32.const 15)))
      (then (memory.fill (i32.const 0) (i32.const 0xa5) (i32.shl (memory.size) (i32.const 16)))))
    (drop (table.grow $t (ref.func $mine) (i32.const 8)))
    (call $mark-rest)
    (drop (call $mark-stack (i32.const 60)))
    (i32.const 0))
  (func $begin (call $mark-rest) (table.fill $t (i32.const 0) (ref.null func) (i32.const 16))
    (table.set $t (i32.const 3) (ref.func $mine)) (global.set $g32 (i32.const 7))
    (global.set $g64 (i64.const 8)) (global.set $gf (f64.const 9))
    (global.set $gv (v128.const i64x2 1 2)) (global.set $gr (ref.null func)))
  $START)
  (core instance $i (instantiate $m))
  (func (export "look") (result u32) (canon lift (core func $i "look") (memory (core memory $i "memory"))))
  (func (export "mark") (param "seed" u32) (result u32) (canon lift (core func $i "mark")))))";

std::string text_of(const Shape& shape) {
  std::string text{kGuest};
  const auto put = [&](std::string_view name, const std::string& value) {
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name))
      text.replace(at, name.size(), value);
  };
  put("$DATA_AT", std::to_string(shape.data_at));
  put("$DATA_END", std::to_string(shape.data_at + 8 * shape.data_words));
  put("$DATA", data_segment(shape));
  put("$PAGES", std::to_string(shape.pages));
  put("$MARKER", std::to_string(shape.marker));
  put("$START", shape.starts ? "(start $begin)" : "");
  return text;
}

constexpr Shape kShapes[] = {
    {.pages = 2, .data_at = 1024, .data_words = 64, .marker = 0x1dea'dbee'fcaf'e111},
    {.pages = 1, .data_at = 0, .data_words = 0, .marker = 0x2222'3333'4444'5555, .starts = true},
    {.pages = 3, .data_at = 61'440, .data_words = 2048, .marker = 0x3a5a'5a5a'0f0f'0f0f},
    {.pages = 8, .data_at = 131'072, .data_words = 8, .marker = 0x4bad'f00d'0bad'f00d},
};

long rounds_asked() {
  const char* asked = std::getenv("NACRE_ISOLATION_ROUNDS");
  return asked == nullptr ? 4000 : std::atol(asked);
}

engine::Settings small_pool() {
  engine::Settings settings;
  settings.instances = settings.tables = settings.memories = 2;
  settings.stacks = 2; // an open store keeps one
  settings.max_memory = std::size_t{2} << 20;
  return settings;
}

/// Guests of all shapes take turns in two slots, one or two alive at a time.
void take_turns(const engine::Settings& settings, long rounds) {
  const auto engine = engine::Engine::create(settings).value();
  engine::Ticker ticker{*engine};
  Runner runner{ticker};
  Loop loop;
  const Linker nothing;
  std::vector<std::unique_ptr<TextGuest>> guests;
  for (const Shape& shape : kShapes) {
    guests.push_back(std::make_unique<TextGuest>(*engine, loop, runner));
    const auto linked = guests.back()->link(text_of(shape), nothing);
    ASSERT_TRUE(linked.has_value()) << linked.error().message();
  }
  std::mt19937 random{7};
  std::set<const std::byte*> slots;
  TextGuest* other = nullptr;
  for (long round = 0; round < rounds; ++round) {
    TextGuest& guest = *guests[random() % guests.size()];
    if (&guest == other) {
      other->close();
      other = nullptr;
    }
    const auto fault = guest.open();
    ASSERT_FALSE(fault.has_value()) << fault->message;
    slots.insert(guest.store().engine().memory_data(guest.store().memory(0)));
    const auto found = guest.call("look");
    ASSERT_TRUE(found.has_value()) << found.error().message();
    ASSERT_EQ(*found, 0U) << "leak in round " << round;
    ASSERT_TRUE(guest.call("mark", {static_cast<std::uint32_t>(random() >> 1)}).has_value());
    if (random() % 2 == 0) {
      guest.close();
      continue;
    }
    if (other != nullptr)
      other->close();
    other = &guest;
  }
  if (other != nullptr)
    other->close();
  if (settings.pooling) {
    EXPECT_EQ(slots.size(), 2U);
  }
}

TEST(IsolationTest, TheSearchFindsWhatIsThere) {
  const auto engine = engine::Engine::create(small_pool()).value();
  engine::Ticker ticker{*engine};
  Runner runner{ticker};
  Loop loop;
  TextGuest guest{*engine, loop, runner};
  ASSERT_TRUE(guest.link(text_of(kShapes[0]), Linker{}).has_value());
  ASSERT_FALSE(guest.open().has_value());
  ASSERT_TRUE(guest.call("mark", {0}).has_value());
  EXPECT_EQ(guest.call("look").value(), kMemory | kTable | kGlobals | kSizes);
}

TEST(IsolationTest, NoTraceOfTheLastGuest) {
  take_turns(small_pool(), rounds_asked());
  std::cout << rounds_asked() << " guests in two slots found nothing of each other\n";
}

TEST(IsolationTest, NoTraceWithoutPagemapScan) {
  engine::Settings settings = small_pool();
  settings.pagemap_scan = engine::PagemapScan::never;
  take_turns(settings, rounds_asked() / 4);
}

TEST(IsolationTest, NoTraceWherePagesGoBackToTheKernel) {
  engine::Settings settings = small_pool();
  settings.memory_keep_resident = settings.table_keep_resident = 0;
  take_turns(settings, rounds_asked() / 4);
}

TEST(IsolationTest, NoTraceWhereOnlyPartOfAMemoryIsKept) {
  engine::Settings settings = small_pool();
  settings.memory_keep_resident = std::size_t{100} << 10;
  settings.table_keep_resident = 64;
  take_turns(settings, rounds_asked() / 4);
  settings.pagemap_scan = engine::PagemapScan::never;
  take_turns(settings, rounds_asked() / 4);
}

TEST(IsolationTest, NoTraceWithoutPools) {
  engine::Settings settings = small_pool();
  settings.pooling = false;
  take_turns(settings, rounds_asked() / 8);
}

} // namespace
} // namespace nacre::component
