// SPDX-License-Identifier: Apache-2.0
#include "component/testing/attack_host.h"

#include "component/typed/thunk.h"

#include <array>
#include <memory>
#include <span>

namespace nacre::component {

namespace {

class Thing final : public Resource {
public:
  static constexpr ResourceTag kTag{"attack:host/api/thing"};
  explicit Thing(AttackHost& host) : host_(host) { ++host_.things; }
  ~Thing() override { --host_.things; }
  const ResourceTag& tag() const override { return kTag; }
  std::uint32_t touch() const { return 1000 + static_cast<std::uint32_t>(host_.things); }

private:
  AttackHost& host_;
};

class Other final : public Resource {
public:
  static constexpr ResourceTag kTag{"attack:host/api/other"};
  const ResourceTag& tag() const override { return kTag; }
};

AttackHost& enter(void* self) {
  auto& host = *static_cast<AttackHost*>(self);
  ++host.calls;
  return host;
}

bool make(void* self, HostCall& call, Raw* values) {
  AttackHost& host = enter(self);
  return answer<0>(call, values, Result<std::unique_ptr<Thing>>{std::make_unique<Thing>(host)});
}
bool make_other(void* self, HostCall& call, Raw* values) {
  enter(self);
  return answer<0>(call, values, Result<std::unique_ptr<Other>>{std::make_unique<Other>()});
}
bool touch(void* self, HostCall& call, Raw* values) {
  enter(self);
  Thing* thing = nullptr;
  return lift_params(call, values, thing) &&
         answer<1>(call, values, Result<std::uint32_t>{thing->touch()});
}
bool touch_other(void* self, HostCall& call, Raw* values) {
  enter(self);
  Other* other = nullptr;
  return lift_params(call, values, other) && answer<1>(call, values, Result<std::uint32_t>{1});
}
bool consume(void* self, HostCall& call, Raw* values) {
  enter(self);
  std::unique_ptr<Thing> thing;
  return lift_params(call, values, thing) && answer<1>(call, values, Result<std::uint32_t>{0});
}
/// Destroys what it owns before it uses what it borrowed: the two must not be one.
bool borrow_and_own(void* self, HostCall& call, Raw* values) {
  enter(self);
  Thing* borrowed = nullptr;
  std::unique_ptr<Thing> owned;
  if (!lift_params(call, values, borrowed, owned))
    return false;
  owned.reset();
  return answer<2>(call, values, Result<std::uint32_t>{borrowed->touch()});
}
bool two_owns(void* self, HostCall& call, Raw* values) {
  enter(self);
  std::unique_ptr<Thing> a;
  std::unique_ptr<Thing> b;
  return lift_params(call, values, a, b) && answer<2>(call, values, Result<std::uint32_t>{0});
}
bool text(void* self, HostCall& call, Raw* values) {
  enter(self);
  std::string_view text;
  return lift_params(call, values, text) &&
         answer<2>(call, values, Result<std::uint32_t>{static_cast<std::uint32_t>(text.size())});
}
bool words(void* self, HostCall& call, Raw* values) {
  enter(self);
  std::span<const std::uint32_t> words;
  return lift_params(call, values, words) &&
         answer<2>(call, values, Result<std::uint32_t>{static_cast<std::uint32_t>(words.size())});
}
bool character(void* self, HostCall& call, Raw* values) {
  enter(self);
  char32_t c = 0;
  return lift_params(call, values, c) &&
         answer<1>(call, values, Result<std::uint32_t>{static_cast<std::uint32_t>(c)});
}
bool perhaps(void* self, HostCall& call, Raw* values) {
  enter(self);
  std::optional<std::uint32_t> value;
  return lift_params(call, values, value) &&
         answer<2>(call, values, Result<std::uint32_t>{value.value_or(0)});
}
bool back(void* self, HostCall& call, Raw* values) {
  enter(self);
  std::uint32_t size = 0;
  if (!lift_params(call, values, size))
    return false;
  const std::vector<std::uint8_t> bytes(size, 7);
  return answer<1>(call, values, Result<Bytes>{Bytes::lent(bytes)});
}

constexpr std::array kFunctions{
    HostFunc{"make", "func() -> own<attack:host/api/thing>", make, false},
    HostFunc{"make-other", "func() -> own<attack:host/api/other>", make_other, false},
    HostFunc{"touch", "func(t: borrow<attack:host/api/thing>) -> u32", touch, false},
    HostFunc{"touch-other", "func(t: borrow<attack:host/api/other>) -> u32", touch_other, false},
    HostFunc{"consume", "func(t: own<attack:host/api/thing>) -> u32", consume, false},
    HostFunc{"borrow-and-own",
             "func(a: borrow<attack:host/api/thing>, b: own<attack:host/api/thing>) -> u32",
             borrow_and_own, false},
    HostFunc{"two-owns",
             "func(a: own<attack:host/api/thing>, b: own<attack:host/api/thing>) -> u32", two_owns,
             false},
    HostFunc{"text", "func(t: string) -> u32", text, false},
    HostFunc{"words", "func(w: list<u32>) -> u32", words, false},
    HostFunc{"character", "func(c: char) -> u32", character, false},
    HostFunc{"perhaps", "func(v: option<u32>) -> u32", perhaps, false},
    HostFunc{"back", "func(size: u32) -> list<u8>", back, false},
};

constexpr std::string_view kGuest = R"(
  (import "attack:host/api@0.1.0" (instance $api
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
  (alias export $api "thing" (type $thing))
  (alias export $api "other" (type $other))
  (core module $memory-module
    (import "late" "touch" (func $touch (param i32) (result i32)))
    (memory (export "memory") 1 4)
    (global $mode (mut i32) (i32.const 0))
    (func $bottomless (param i32) (result i32)
      (i32.add (call $bottomless (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
    (func (export "mode") (param i32) (result i32) (global.set $mode (local.get 0)) (i32.const 0))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (if (i32.eq (global.get $mode) (i32.const 1)) (then (return (i32.const 8193))))
      (if (i32.eq (global.get $mode) (i32.const 2)) (then (return (i32.const 65528))))
      (if (i32.eq (global.get $mode) (i32.const 3)) (then (loop $l (br $l))))
      (if (i32.eq (global.get $mode) (i32.const 4)) (then unreachable))
      (if (i32.eq (global.get $mode) (i32.const 5)) (then (drop (call $bottomless (i32.const 0)))))
      (if (i32.eq (global.get $mode) (i32.const 6)) (then (drop (call $touch (i32.const 1)))))
      (i32.const 8192)))
  (core func $touch (canon lower (func $api "touch")))
  (core instance $late (export "touch" (func $touch)))
  (core instance $memory (instantiate $memory-module (with "late" (instance $late))))
  (core func $make (canon lower (func $api "make")))
  (core func $consume (canon lower (func $api "consume")))
  (core func $drop (canon resource.drop $thing))
  (core func $make-other (canon lower (func $api "make-other")))
  (core func $touch-other (canon lower (func $api "touch-other")))
  (core func $drop-other (canon resource.drop $other))
  (core func $borrow-and-own (canon lower (func $api "borrow-and-own")))
  (core func $two-owns (canon lower (func $api "two-owns")))
  (core func $text-utf8 (canon lower (func $api "text") (memory (core memory $memory "memory"))))
  (core func $text-utf16 (canon lower (func $api "text") (memory (core memory $memory "memory"))
    string-encoding=utf16))
  (core func $text-latin1 (canon lower (func $api "text") (memory (core memory $memory "memory"))
    string-encoding=latin1+utf16))
  (core func $words (canon lower (func $api "words") (memory (core memory $memory "memory"))))
  (core func $character (canon lower (func $api "character")))
  (core func $perhaps (canon lower (func $api "perhaps")))
  (core func $back (canon lower (func $api "back") (memory (core memory $memory "memory"))
    (realloc (core func $memory "realloc"))))
  (core module $main
    (type $none (func (result i32)))
    (type $one (func (param i32) (result i32)))
    (type $two (func (param i32 i32) (result i32)))
    (import "h" "memory" (memory 1 4))
    (import "h" "make" (func $make (type $none)))
    (import "h" "touch" (func $touch (type $one)))
    (import "h" "consume" (func $consume (type $one)))
    (import "h" "drop" (func $drop (param i32)))
    (import "h" "make-other" (func $make-other (type $none)))
    (import "h" "touch-other" (func $touch-other (type $one)))
    (import "h" "drop-other" (func $drop-other (param i32)))
    (import "h" "borrow-and-own" (func $borrow-and-own (type $two)))
    (import "h" "two-owns" (func $two-owns (type $two)))
    (import "h" "text-utf8" (func $text-utf8 (type $two)))
    (import "h" "text-utf16" (func $text-utf16 (type $two)))
    (import "h" "text-latin1" (func $text-latin1 (type $two)))
    (import "h" "words" (func $words (type $two)))
    (import "h" "character" (func $character (type $one)))
    (import "h" "perhaps" (func $perhaps (type $two)))
    (import "h" "back" (func $back (param i32 i32)))
    ;; 0: overlong, 8: a surrogate, 16: a cut sequence, 24: a lone surrogate in UTF-16
    (data (i32.const 0) "\c0\80")
    (data (i32.const 8) "\ed\a0\80")
    (data (i32.const 16) "\e2\82")
    (data (i32.const 24) "\00\d8a\00")
    (func $bottomless (param i32) (result i32)
      (i32.add (call $bottomless (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
    (func $down (param $depth i32) (param $size i32) (result i32)
      (if (result i32) (local.get $depth)
        (then (i32.add (call $down (i32.sub (local.get $depth) (i32.const 1)) (local.get $size)) (i32.const 1)))
        (else (call $back (local.get $size) (i32.const 64)) (i32.const 0))))
    (func (export "go") (param $op i32) (param $a i32) (param $b i32) (result i32)
      (block $from-the-deep (block $recurse (block $fill (block $touch-forever (block $grow (block $back
      (block $perhaps (block $character (block $words (block $latin1 (block $utf16 (block $utf8
      (block $two-owns (block $borrow-and-own (block $drop-other (block $touch-other (block $make-other
      (block $drop (block $consume (block $touch (block $make
        (br_table $make $touch $consume $drop $make-other $touch-other $drop-other $borrow-and-own $two-owns
          $utf8 $utf16 $latin1 $words $character $perhaps $back $grow $touch-forever $fill $recurse
          $from-the-deep (local.get $op)))
      (return (call $make)))
      (return (call $touch (local.get $a))))
      (return (call $consume (local.get $a))))
      (call $drop (local.get $a)) (return (i32.const 0)))
      (return (call $make-other)))
      (return (call $touch-other (local.get $a))))
      (call $drop-other (local.get $a)) (return (i32.const 0)))
      (return (call $borrow-and-own (local.get $a) (local.get $b))))
      (return (call $two-owns (local.get $a) (local.get $b))))
      (return (call $text-utf8 (local.get $a) (local.get $b))))
      (return (call $text-utf16 (local.get $a) (local.get $b))))
      (return (call $text-latin1 (local.get $a) (local.get $b))))
      (return (call $words (local.get $a) (local.get $b))))
      (return (call $character (local.get $a))))
      (return (call $perhaps (local.get $a) (local.get $b))))
      (call $back (local.get $a) (local.get $b)) (return (i32.load (local.get $b))))
      (return (memory.grow (local.get $a))))
      (loop $l (drop (call $touch (local.get $a))) (br $l)))
      (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br $l)))
      (return (call $bottomless (i32.const 0))))
      (call $down (local.get $a) (local.get $b))))
  (core instance $main (instantiate $main (with "h" (instance
    (export "memory" (memory $memory "memory"))
    (export "make" (func $make)) (export "touch" (func $touch)) (export "consume" (func $consume))
    (export "drop" (func $drop)) (export "make-other" (func $make-other))
    (export "touch-other" (func $touch-other)) (export "drop-other" (func $drop-other))
    (export "borrow-and-own" (func $borrow-and-own)) (export "two-owns" (func $two-owns))
    (export "text-utf8" (func $text-utf8)) (export "text-utf16" (func $text-utf16))
    (export "text-latin1" (func $text-latin1)) (export "words" (func $words))
    (export "character" (func $character)) (export "perhaps" (func $perhaps)) (export "back" (func $back))))))
  (func (export "go") (param "op" u32) (param "a" u32) (param "b" u32) (result u32)
    (canon lift (core func $main "go")))
  (func (export "mode") (param "m" u32) (result u32) (canon lift (core func $memory "mode")))
)";

} // namespace

void AttackHost::define(Linker& linker) {
  linker.define("attack:host/api", "0.1.0", kFunctions, this);
  linker.define_resource("attack:host/api", "0.1.0", "thing", Thing::kTag);
  linker.define_resource("attack:host/api", "0.1.0", "other", Other::kTag);
}

std::string_view attack_guest() {
  return kGuest;
}

} // namespace nacre::component
