// SPDX-License-Identifier: Apache-2.0
// Components from text to answers: linking, calls in both directions, resources, waiting, traps.
#include "component/component.h"
#include "component/guest_call.h"
#include "component/linked.h"
#include "component/runner.h"
#include "component/store.h"
#include "engine/testing/wat.h"
#include "loop/loop.h"

#include <gtest/gtest.h>

namespace nacre::component {
namespace {

class RuntimeTest : public testing::Test {
protected:
  static void SetUpTestSuite() {
    engine::Settings settings;
    settings.instances = settings.tables = 256;
    settings.memories = settings.stacks = 64;
    settings.max_memory = std::size_t{16} << 20;
    engine = engine::Engine::create(settings).value();
    ticker = std::make_unique<engine::Ticker>(*engine);
  }
  static void TearDownTestSuite() {
    ticker.reset();
    engine.reset();
  }

  Result<> link(std::string_view text) {
    TRY(auto component, Component::compile(*engine, engine::wat(text)));
    TRY(linked, Linked::link(*engine, std::move(component), linker));
    store = std::make_unique<Store>(*linked, loop);
    return {};
  }

  /// Calls an exported function of the root that takes and returns u32 values.
  Result<std::uint32_t> call(std::string_view name, std::vector<std::uint32_t> args) {
    const Plan::ExportFunction* function = root_function(name);
    if (function == nullptr)
      return Error{Code::not_found, "no such export"};
    std::optional<engine::Fault> fault;
    std::uint32_t result = 0;
    auto body = [&] {
      GuestCall guest{*store, *function};
      for (std::size_t i = 0; i < args.size(); ++i)
        guest.values()[i].i64 = args[i];
      if (!guest.invoke()) {
        fault = guest.fault();
        return;
      }
      result = static_cast<std::uint32_t>(guest.values()[0].i32);
      if (!guest.finish())
        fault = guest.fault();
    };
    TRY_OK(loop.block_on(runner.run(*store, body)));
    if (fault)
      return Error{Code::internal, fault->message};
    return result;
  }

  const Plan::ExportFunction* root_function(std::string_view name) const {
    for (const Plan::NamedExport& item : linked->plan().root_exports) {
      if (item.name == name)
        return std::get_if<Plan::ExportFunction>(&linked->plan().exports[item.export_index]);
    }
    return nullptr;
  }

  static std::unique_ptr<engine::Engine> engine;
  static std::unique_ptr<engine::Ticker> ticker;
  Loop loop;
  Linker linker;
  std::unique_ptr<Linked> linked;
  std::unique_ptr<Store> store;
  Runner runner{*ticker};
};

std::unique_ptr<engine::Engine> RuntimeTest::engine;
std::unique_ptr<engine::Ticker> RuntimeTest::ticker;

constexpr std::string_view kAdder = R"((component
  (import "test:host/math@0.2.3" (instance $math (export "plus-one" (func (param "x" u32) (result u32)))))
  (core func $plus (canon lower (func $math "plus-one")))
  (core module $m
    (import "h" "plus" (func $plus (param i32) (result i32)))
    (func (export "add") (param i32 i32) (result i32) (call $plus (i32.add (local.get 0) (local.get 1))))
    (func (export "spin") (param i32 i32) (result i32) (loop $l (br $l)) unreachable)
    (func (export "fail") (param i32 i32) (result i32) unreachable))
  (core instance $i (instantiate $m (with "h" (instance (export "plus" (func $plus))))))
  (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
  (func (export "spin") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "spin")))
  (func (export "fail") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "fail")))))";

bool plus_one(void* /*self*/, HostCall& /*call*/, Raw* values) {
  values[0].i64 = static_cast<std::uint32_t>(values[0].i32 + 1);
  return true;
}

Task<std::uint32_t> later(std::uint32_t value) {
  CO_TRY_OK(co_await yield_to_loop());
  CO_TRY_OK(co_await yield_to_loop());
  co_return value + 1;
}

bool plus_one_later(void* /*self*/, HostCall& call, Raw* values) {
  const auto x = static_cast<std::uint32_t>(values[0].i32);
  return call.wait<std::uint32_t>(later(x), values,
                                  [](HostCall& c, Raw* out, Result<std::uint32_t>& answer) {
                                    if (!answer.has_value())
                                      return c.fail(answer.error().message());
                                    out[0].i64 = *answer;
                                    return true;
                                  });
}

Task<std::uint32_t> forever() {
  CO_TRY_OK(co_await sleep_for(std::chrono::hours(1)));
  co_return 0U;
}

bool never(void* /*self*/, HostCall& call, Raw* values) {
  return call.wait<std::uint32_t>(forever(), values,
                                  [](HostCall&, Raw*, Result<std::uint32_t>&) { return true; });
}

constexpr std::string_view kPlusType = "func(x: u32) -> u32";
constexpr HostFunc kPlusOne{
    .name = "plus-one", .signature = kPlusType, .thunk = plus_one, .suspends = false};
constexpr HostFunc kPlusLater{
    .name = "plus-one", .signature = kPlusType, .thunk = plus_one_later, .suspends = true};
constexpr HostFunc kNever{
    .name = "plus-one", .signature = kPlusType, .thunk = never, .suspends = true};

TEST_F(RuntimeTest, GuestAndHostCallEachOther) {
  linker.define("test:host/math", "0.2.12", {&kPlusOne, 1}, nullptr);
  const auto ok = link(kAdder);
  ASSERT_TRUE(ok.has_value()) << ok.error().message();
  ASSERT_FALSE(store->open({}).has_value());
  const auto sum = call("add", {2, 3});
  ASSERT_TRUE(sum.has_value()) << sum.error().message();
  EXPECT_EQ(*sum, 6U);
  EXPECT_EQ(call("add", {40, 1}).value(), 42U);
}

TEST_F(RuntimeTest, StoreIsReusedForFreshGuests) {
  linker.define("test:host/math", "0.2.12", {&kPlusOne, 1}, nullptr);
  ASSERT_TRUE(link(kAdder).has_value());
  for (int i = 0; i < 100; ++i) {
    ASSERT_FALSE(store->open({}).has_value());
    EXPECT_EQ(call("add", {2, 3}).value(), 6U);
    store->close();
  }
}

TEST_F(RuntimeTest, HostFunctionThatWaitsParksTheGuest) {
  linker.define("test:host/math", "0.2.12", {&kPlusLater, 1}, nullptr);
  ASSERT_TRUE(link(kAdder).has_value());
  ASSERT_FALSE(store->open({}).has_value());
  EXPECT_EQ(call("add", {2, 3}).value(), 6U);
}

TEST_F(RuntimeTest, InterruptEndsAGuestThatWaits) {
  linker.define("test:host/math", "0.2.12", {&kNever, 1}, nullptr);
  ASSERT_TRUE(link(kAdder).has_value());
  ASSERT_FALSE(store->open({}).has_value());
  loop.post([&] { store->interrupt("the client went away"); });
  const auto ended = call("add", {2, 3});
  ASSERT_FALSE(ended.has_value());
  EXPECT_EQ(ended.error().code(), Code::cancelled);
  EXPECT_EQ(ended.error().message(), "the client went away");
}

TEST_F(RuntimeTest, SpinningGuestIsStoppedAtItsBudget) {
  linker.define("test:host/math", "0.2.12", {&kPlusOne, 1}, nullptr);
  ASSERT_TRUE(link(kAdder).has_value());
  ASSERT_FALSE(store->open({.cpu_slices = 5}).has_value());
  const auto ended = call("spin", {2, 3});
  ASSERT_FALSE(ended.has_value());
  EXPECT_EQ(ended.error().message(), "guest stopped: it used up its CPU budget");
  EXPECT_TRUE(store->poisoned());
}

TEST_F(RuntimeTest, TrapPoisonsTheStore) {
  linker.define("test:host/math", "0.2.12", {&kPlusOne, 1}, nullptr);
  ASSERT_TRUE(link(kAdder).has_value());
  ASSERT_FALSE(store->open({}).has_value());
  EXPECT_EQ(call("fail", {2, 3}).error().message(),
            "wasm trap: wasm `unreachable` instruction executed");
  EXPECT_TRUE(store->poisoned());
}

TEST_F(RuntimeTest, LinkErrorNamesEveryMissingImport) {
  linker.define("test:host/math", "0.3.0", {&kPlusOne, 1}, nullptr);
  const auto missing = link(kAdder);
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code(), Code::unsupported);
  EXPECT_EQ(missing.error().message(),
            "the component imports what nobody here serves:\n  test:host/math@0.2.3: plus-one\n    "
            "(served in version "
            "0.3.0, which is not compatible)\nserved here: test:host/math@0.3.0");
}

TEST_F(RuntimeTest, LinkErrorTellsWhenATypeDiffers) {
  static constexpr HostFunc kOther{
      .name = "plus-one", .signature = "func(x: u64) -> u32", .thunk = plus_one, .suspends = false};
  linker.define("test:host/math", "0.2.12", {&kOther, 1}, nullptr);
  const auto missing = link(kAdder);
  ASSERT_FALSE(missing.has_value());
  EXPECT_NE(
      missing.error().message().find("its type differs: the component wants func(x: u32) -> u32"),
      std::string::npos)
      << missing.error().message();
}

} // namespace
} // namespace nacre::component
