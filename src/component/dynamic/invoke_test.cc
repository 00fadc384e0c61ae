// SPDX-License-Identifier: Apache-2.0
// Values through real components: text in, guest, text out.
#include "component/component.h"
#include "component/dynamic/invoke.h"
#include "component/dynamic/lookup.h"
#include "component/dynamic/types.h"
#include "component/linked.h"
#include "engine/testing/wat.h"
#include "loop/loop.h"
#include "wit/wave.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <gmock/gmock.h>

namespace nacre::component {
namespace {

class InvokeTest : public testing::Test {
protected:
  static void SetUpTestSuite() {
    engine = engine::Engine::create({.pooling = false, .optimize = false}).value();
    ticker = std::make_unique<engine::Ticker>(*engine);
  }
  static void TearDownTestSuite() {
    ticker.reset();
    engine.reset();
  }

  void load(std::string_view text) {
    auto component = Component::compile(*engine, engine::wat(text));
    ASSERT_TRUE(component.has_value()) << component.error().message();
    auto made = Linked::link(*engine, *component, linker);
    ASSERT_TRUE(made.has_value()) << made.error().message();
    linked = std::move(*made);
    store = std::make_unique<Store>(*linked, loop);
    ASSERT_FALSE(store->open({}).has_value());
    types = describe_types(linked->plan());
  }

  Result<Invoked> call(std::string_view name, std::vector<wit::Value> arguments) {
    TRY(const auto* function, find_export(linked->component(), name));
    return loop.block_on(invoke(runner, *store, *function, std::move(arguments)));
  }

  /// What `nacre run --invoke` does: the result's text, or the error's or trap's.
  std::string run(std::string_view text) {
    const auto answer = try_run(text);
    return answer.has_value() ? *answer : answer.error().message();
  }
  Result<std::string> try_run(std::string_view text) {
    TRY(const auto parts, wit::split_call(text));
    TRY(const auto* exported, find_export(linked->component(), parts.function));
    const Plan::Function& function = linked->plan().functions[exported->function];
    const auto params = describe_params(linked->plan(), function);
    TRY(auto arguments, wit::parse_arguments(types, params, text, parts.arguments));
    TRY(const auto done, loop.block_on(invoke(runner, *store, *exported, std::move(arguments))));
    if (done.fault)
      return done.fault->message;
    return done.value ? to_wave(types, describe_result(linked->plan(), function), *done.value)
                      : "()";
  }

  static std::unique_ptr<engine::Engine> engine;
  static std::unique_ptr<engine::Ticker> ticker;
  Loop loop;
  Linker linker;
  std::unique_ptr<Linked> linked;
  std::unique_ptr<Store> store;
  Runner runner{*ticker};
  wit::TypeTable types;
};

std::unique_ptr<engine::Engine> InvokeTest::engine;
std::unique_ptr<engine::Ticker> InvokeTest::ticker;

/// Functions that give back what they take, for types of two words. `{}` is the string encoding.
constexpr std::string_view kEcho = R"wat((component
  (core module $m
    (memory (export "mem") 4)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32)
      (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get $size)))
      (memory.copy (local.get $at) (local.get $old) (local.get $old_size))
      (local.get $at))
    (func (export "two") (param i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0))
      (i32.store (i32.const 20) (local.get 1))
      (i32.const 16))
    (func (export "one") (param i32) (result i32) (local.get 0))
    (func (export "nothing"))
    (func (export "wide") (param i32) (result i32) (local.get 0))
    (func (export "far") (param i32 i32) (result i32) (i32.const -4)))
  (core instance $i (instantiate $m))
  (alias core export $i "mem" (core memory $mem))
  (alias core export $i "realloc" (core func $realloc))
  (type $color' (enum "red" "some" "blue"))
  (export $color "color-type" (type $color'))
  (type $access' (flags "read" "write"))
  (export $access "access-type" (type $access'))
  (type $wide' (record (field "a" (list u64)) (field "b" (option string)) (field "c" (tuple f32 f64))
    (field "d" (list (tuple u8 string))) (field "e" u64) (field "f" (list char)) (field "g" (list bool))
    (field "h" (list s16)) (field "i" (list (option (list f32))))))
  (export $wide "wide-type" (type $wide'))
  (func (export "text") (param "x" string) (result string)
    (canon lift (core func $i "two") (memory $mem) (realloc $realloc) string-encoding={}))
  (func (export "texts") (param "x" (list string)) (result (list string))
    (canon lift (core func $i "two") (memory $mem) (realloc $realloc) string-encoding={}))
  (func (export "ages") (param "x" (map string u8)) (result (map string u8))
    (canon lift (core func $i "two") (memory $mem) (realloc $realloc) string-encoding={}))
  (func (export "maybe") (param "x" (option u32)) (result (option u32))
    (canon lift (core func $i "two") (memory $mem)))
  (func (export "either") (param "x" (result u32 (error f32))) (result (result u32 (error f32)))
    (canon lift (core func $i "two") (memory $mem)))
  (func (export "far") (param "x" string) (result string)
    (canon lift (core func $i "far") (memory $mem) (realloc $realloc)))
  (func (export "color") (param "x" $color) (result $color) (canon lift (core func $i "one")))
  (func (export "access") (param "x" $access) (result $access) (canon lift (core func $i "one")))
  (func (export "letter") (param "x" char) (result char) (canon lift (core func $i "one")))
  (func (export "small") (param "x" s8) (result s8) (canon lift (core func $i "one")))
  (func (export "nothing") (canon lift (core func $i "nothing")))
  (func (export "wide") (param "x" $wide) (param "y" (list u8 17)) (result $wide)
    (canon lift (core func $i "wide") (memory $mem) (realloc $realloc) string-encoding={}))))wat";

std::string echo(std::string_view encoding) {
  std::string text{kEcho};
  for (std::size_t at = text.find("{}"); at != std::string::npos; at = text.find("{}"))
    text.replace(at, 2, encoding);
  return text;
}

class InvokeEncodingTest : public InvokeTest, public testing::WithParamInterface<const char*> {};

TEST_P(InvokeEncodingTest, GuestsGiveBackWhatTheyTake) {
  load(echo(GetParam()));
  for (const char* text : {"\"\"", "\"abc\"", "\"caf\xc3\xa9\"", "\"☃ häl🌊o\"", "\"é☃\""})
    EXPECT_EQ(run(fmt::format("text({})", text)), text);
  EXPECT_EQ(run("texts([\"a\", \"☃\", \"\"])"), "[\"a\", \"☃\", \"\"]");
  EXPECT_EQ(run("texts([])"), "[]");
  EXPECT_EQ(run("ages([(\"ann\", 30), (\"bjørn\", 40)])"), "[(\"ann\", 30), (\"bjørn\", 40)]");
  EXPECT_EQ(run("maybe(7)"), "some(7)");
  EXPECT_EQ(run("maybe()"), "none");
  EXPECT_EQ(run("either(ok(7))"), "ok(7)");
  EXPECT_EQ(run("either(err(1.5))"), "err(1.5)");
  EXPECT_EQ(run("color(%some)"), "%some");
  EXPECT_EQ(run("access({write})"), "{write}");
  EXPECT_EQ(run("letter('🌊')"), "'🌊'");
  EXPECT_EQ(run("small(-128)"), "-128");
  EXPECT_EQ(run("nothing"), "()");
}

INSTANTIATE_TEST_SUITE_P(Encodings, InvokeEncodingTest,
                         testing::Values("utf8", "utf16", "latin1+utf16"),
                         [](const auto& which) { return fmt::format("n{}", which.index); });

TEST_F(InvokeTest, ParametersThroughMemoryComeBackWhole) {
  load(echo("utf8"));
  const std::string wide =
      "{a: [1, 2], b: some(\"x\"), c: (1.5, -2.5), d: [(1, \"é\"), (2, \"\")], "
      "e: 18446744073709551615, f: ['a', '☃'], g: [true, false], h: [-1, 2], "
      "i: [none, some([inf])]}";
  EXPECT_EQ(run(fmt::format("wide({}, [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17])", wide)), wide);
}

TEST_F(InvokeTest, BadResultsPoisonTheGuest) {
  load(echo("utf8"));
  EXPECT_EQ(run("far(\"x\")"), "pointer out of bounds of memory");
  EXPECT_TRUE(store->poisoned());
}

TEST_F(InvokeTest, MistakesInTheTextLeaveTheGuestAlone) {
  load(echo("utf8"));
  EXPECT_EQ(run("small(128)"), "at 7: 128 is out of range for s8: -128 to 127");
  EXPECT_EQ(run("text(1)"), "at 6: expected string, found number 1");
  EXPECT_EQ(run("small(1)"), "1");
}

constexpr std::string_view kResource = R"wat((component
  (type $r' (resource (rep i32)))
  (core func $new (canon resource.new $r'))
  (core func $rep (canon resource.rep $r'))
  (core func $drop (canon resource.drop $r'))
  (core module $m
    (import "r" "new" (func $new (param i32) (result i32)))
    (import "r" "rep" (func $rep (param i32) (result i32)))
    (import "r" "drop" (func $drop (param i32)))
    (func (export "make") (param i32) (result i32) (call $new (i32.add (local.get 0) (i32.const 100))))
    (func (export "take") (param i32) (result i32) (call $rep (local.get 0)) (call $drop (local.get 0)))
    (func (export "peek") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $m (with "r" (instance
    (export "new" (func $new)) (export "rep" (func $rep)) (export "drop" (func $drop))))))
  (export $r "r" (type $r'))
  (func (export "make") (param "x" u32) (result (own $r)) (canon lift (core func $i "make")))
  (func (export "take") (param "x" (own $r)) (result u32) (canon lift (core func $i "take")))
  (func (export "peek") (param "x" (borrow $r)) (result u32) (canon lift (core func $i "peek")))))wat";

TEST_F(InvokeTest, ResourcesGoOutAndBackIn) {
  load(kResource);
  auto made = call("make", {wit::Value::u32(7)});
  ASSERT_TRUE(made.has_value() && made->value);
  const wit::Value own = *made->value;
  EXPECT_EQ(own.kind(), wit::Kind::own);
  const wit::Value borrow = wit::Value::handle(wit::Kind::borrow, own.resource());
  EXPECT_EQ(call("peek", {borrow})->value, wit::Value::u32(107));
  EXPECT_EQ(call("peek", {borrow})->value, wit::Value::u32(107));
  EXPECT_EQ(call("take", {own})->value, wit::Value::u32(107));
  // It was given away.
  const auto again = call("take", {own});
  ASSERT_TRUE(again.has_value() && again->fault);
  EXPECT_THAT(again->fault->message, testing::HasSubstr("the value holds no"));
}

constexpr std::string_view kNames = R"wat((component
  (core module $m (func (export "n") (param i32) (result i32) (local.get 0)) (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  (instance $one (export "f" (func $f)) (export "g" (func $f)))
  (instance $two (export "g" (func $f)) (export "h" (func $f)))
  (export "f" (func $f))
  (export "test:names/one@1.2.3" (instance $one))
  (export "test:names/two" (instance $two))))wat";

TEST_F(InvokeTest, FunctionsAreFoundByTheirNames) {
  load(kNames);
  for (const char* name : {"f", "h", "test:names/one@1.2.3#f", "test:names/one@1.9.0#g",
                           "test:names/one#g", "test:names/two#h"})
    EXPECT_EQ(run(name), "()") << name;
  EXPECT_EQ(run("g"), "'g' may be any of test:names/one@1.2.3#g, test:names/two#g");
  EXPECT_EQ(run("test:names/one@2.0.0#g"),
            "the component exports no function 'test:names/one@2.0.0#g', but f, "
            "test:names/one@1.2.3#f, test:names/one@1.2.3#g, test:names/two#g, test:names/two#h");
}

constexpr std::string_view kAsync = R"wat((component
  (core module $m (func (export "f") (result i32) unreachable)
    (func (export "cb") (param i32 i32 i32) (result i32) unreachable))
  (core instance $i (instantiate $m))
  (func (export "f") async (canon lift (core func $i "f") async (callback (core func $i "cb"))))))wat";

TEST_F(InvokeTest, AsynchronousExportsAreRefusedByName) {
  load(kAsync);
  EXPECT_THAT(run("f"), testing::HasSubstr("asynchronous"));
}

} // namespace
} // namespace nacre::component
