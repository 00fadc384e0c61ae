// SPDX-License-Identifier: Apache-2.0
// The driver itself: it must see what passes, and above all what does not.
#include "conformance/wast_runner.h"

#include <gtest/gtest.h>

#include <gmock/gmock.h>

namespace nacre::conformance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class WastRunnerTest : public testing::Test {
protected:
  static void SetUpTestSuite() { machine = Machine::create().value(); }
  static void TearDownTestSuite() { machine.reset(); }

  static Report run(std::string_view script, Concurrency concurrency = Concurrency::none) {
    const auto commands = parse_script("test.wast", script);
    EXPECT_TRUE(commands.has_value()) << commands.error().message();
    return ScriptRunner{*machine, concurrency}.run("test.wast",
                                                   commands.value_or(std::vector<Command>{}));
  }
  static std::vector<std::string> reasons(const Report& report) {
    std::vector<std::string> found;
    for (const Exception& exception : report.exceptions)
      found.push_back(exception.outcome.reason);
    return found;
  }

  static std::unique_ptr<Machine> machine;
};

std::unique_ptr<Machine> WastRunnerTest::machine;

constexpr std::string_view kCounter = R"wast(
  (component definition $C
    (core module $m
      (global $n (mut i32) (i32.const 0))
      (func (export "next") (result i32)
        (global.set $n (i32.add (global.get $n) (i32.const 1)))
        (global.get $n))
      (func (export "fail") unreachable))
    (core instance $i (instantiate $m))
    (func (export "next") (result u32) (canon lift (core func $i "next")))
    (func (export "fail") (canon lift (core func $i "fail"))))
  (component instance $a $C)
  (component instance $b $C)
)wast";

TEST_F(WastRunnerTest, InstancesOfOneDefinitionAreApart) {
  const Report report = run(std::string{kCounter} + R"wast(
    (assert_return (invoke $a "next") (u32.const 1))
    (assert_return (invoke $a "next") (u32.const 2))
    (assert_return (invoke $b "next") (u32.const 1))
    (assert_return (invoke "next") (u32.const 2))
    (invoke "next")
    (assert_trap (invoke $a "fail") "unreachable")
    (assert_trap (invoke $a "next") "cannot enter component instance"))wast");
  EXPECT_THAT(reasons(report), ElementsAre());
  EXPECT_EQ(report.assertions, 7);
  EXPECT_EQ(report.passed, 7);
}

TEST_F(WastRunnerTest, WrongExpectationsFail) {
  const Report report = run(std::string{kCounter} + R"wast(
    (assert_return (invoke $a "next") (u32.const 7))
    (assert_return (invoke $a "next"))
    (assert_return (invoke $a "fail"))
    (assert_return (invoke $b "absent"))
    (assert_return (invoke $b "next") (str.const "x"))
    (assert_trap (invoke $b "next") "unreachable")
    (assert_trap (invoke $b "fail") "out of bounds")
    (assert_return (invoke $c "next")))wast");
  EXPECT_THAT(reasons(report),
              ElementsAre("expected 7, got 1", "the number of results differs",
                          HasSubstr("trapped: wasm trap"), HasSubstr("no function 'absent'"),
                          "the script has a string where the function has u32",
                          "expected the trap 'unreachable', but the call returned",
                          HasSubstr("expected the trap 'out of bounds', got"),
                          "there is no such instance"));
  EXPECT_EQ(report.passed, 0);
}

TEST_F(WastRunnerTest, RefusalsMustBeForTheGivenReason) {
  const Report report = run(R"wast(
    (assert_invalid (component (core instance (instantiate 0))) "unknown module")
    (assert_invalid (component (core instance (instantiate 0))) "unknown moon")
    (assert_invalid (component) "anything")
    (assert_malformed (component quote "(component nonsense)") "unexpected"))wast");
  EXPECT_THAT(reasons(report), ElementsAre(HasSubstr("must be refused with 'unknown moon'"),
                                           "must be refused (anything), but is valid"));
  EXPECT_EQ(report.passed, 2);
}

TEST_F(WastRunnerTest, WhatNeedsConcurrencyIsTold) {
  constexpr std::string_view kScript = R"wast(
    (component
      (core module $m (func (export "f") (result i32) unreachable)
        (func (export "cb") (param i32 i32 i32) (result i32) unreachable))
      (core instance $i (instantiate $m))
      (func (export "f") async
        (canon lift (core func $i "f") async (callback (core func $i "cb")))))
    (assert_return (invoke "f")))wast";
  EXPECT_EQ(run(kScript, Concurrency::allowed).exceptions.at(0).outcome.kind,
            Outcome::Kind::needs_async);
  EXPECT_EQ(run(kScript, Concurrency::none).exceptions.at(0).outcome.kind, Outcome::Kind::failed);
}

} // namespace
} // namespace nacre::conformance
