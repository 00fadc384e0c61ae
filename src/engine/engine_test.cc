// SPDX-License-Identifier: Apache-2.0
#include "engine/engine.h"
#include "engine/fiber.h"
#include "engine/store.h"
#include "engine/testing/wat.h"
#include "engine/ticker.h"

#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>

namespace nacre::engine {
namespace {

class EngineTest : public testing::Test {
protected:
  void SetUp() override {
    Settings settings;
    settings.instances = settings.tables = 64;
    settings.memories = settings.stacks = 32;
    settings.max_memory = std::size_t{16} << 20;
    auto made = Engine::create(settings);
    ASSERT_TRUE(made.has_value()) << made.error().message();
    engine = std::move(*made);
  }

  Module module(std::string_view text) { return engine->compile_and_load(wat(text)).value(); }

  std::unique_ptr<Engine> engine;
};

/// Runs a function on a fiber, to its end or up to `resumes` suspensions.
struct Running {
  Running(Store& store, std::function<void()> f)
      : function(std::move(f)),
        fiber(store, [](void* env) { static_cast<Running*>(env)->function(); }, this) {}
  std::function<void()> function;
  Fiber fiber;
};

Trap* add_one(void* env, Caller* /*caller*/, Raw* values, std::size_t /*count*/) {
  ++*static_cast<int*>(env);
  values[0].i32 += 1;
  return nullptr;
}

constexpr std::string_view kCallsHost = R"((module
  (import "h" "f" (func $f (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "twice") (param i32) (result i32) (call $f (call $f (local.get 0))))
  (func (export "spin") (loop $l (br $l)))
  (func $inner unreachable)
  (func (export "fail") (call $inner))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))))";

TEST_F(EngineTest, PreparedInstanceCallsHostFunctions) {
  int calls = 0;
  const HostFunc imports[] = {{add_one, &calls}};
  auto prepared = Prepared::make(*engine, module(kCallsHost), imports);
  ASSERT_TRUE(prepared.has_value()) << prepared.error().message();
  Store store{*engine, nullptr};
  Instance instance;
  ASSERT_FALSE(store.instantiate(*prepared, instance).has_value());
  Extern twice;
  ASSERT_TRUE(store.find_export(instance, "twice", twice));
  Raw values[1];
  values[0].i32 = 5;
  ASSERT_EQ(store.call(twice.func(), values, 1), nullptr);
  EXPECT_EQ(values[0].i32, 7);
  EXPECT_EQ(calls, 2);
}

TEST_F(EngineTest, CompiledBytesLoadAgain) {
  auto bytes = engine->compile(wat("(module (func (export \"f\") (result i32) i32.const 3))"));
  ASSERT_TRUE(bytes.has_value());
  auto loaded = engine->load(*bytes);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message();
  bytes->at(20) ^= std::byte{0xff};
  EXPECT_FALSE(engine->load(std::span(*bytes).first(100)).has_value());
}

TEST_F(EngineTest, InvalidModuleIsAnErrorWithASentence) {
  const std::byte junk[] = {std::byte{1}, std::byte{2}};
  auto bytes = engine->compile(junk);
  ASSERT_FALSE(bytes.has_value());
  EXPECT_FALSE(bytes.error().message().empty());
}

TEST_F(EngineTest, TrapTellsCauseAndFrames) {
  int calls = 0;
  const HostFunc imports[] = {{add_one, &calls}};
  auto prepared = Prepared::make(*engine, module(kCallsHost), imports);
  Store store{*engine, nullptr};
  Instance instance;
  ASSERT_FALSE(store.instantiate(*prepared, instance).has_value());
  Extern fail;
  ASSERT_TRUE(store.find_export(instance, "fail", fail));
  Raw values[1];
  Trap* trap = store.call(fail.func(), values, 0);
  ASSERT_NE(trap, nullptr);
  const Fault fault = Store::describe(trap);
  EXPECT_EQ(fault.message, "wasm trap: wasm `unreachable` instruction executed");
  ASSERT_EQ(fault.frames.size(), 2U);
  EXPECT_EQ(fault.frames[0], "inner");
}

TEST_F(EngineTest, MemoryLimitBites) {
  int calls = 0;
  const HostFunc imports[] = {{add_one, &calls}};
  auto prepared = Prepared::make(*engine, module(kCallsHost), imports);
  Store store{*engine, nullptr};
  store.set_limits({.memory = 3 * 65536});
  Instance instance;
  ASSERT_FALSE(store.instantiate(*prepared, instance).has_value());
  Extern grow;
  ASSERT_TRUE(store.find_export(instance, "grow", grow));
  Raw values[1];
  values[0].i32 = 2;
  ASSERT_EQ(store.call(grow.func(), values, 1), nullptr);
  EXPECT_EQ(values[0].i32, 1);
  values[0].i32 = 1;
  ASSERT_EQ(store.call(grow.func(), values, 1), nullptr);
  EXPECT_EQ(values[0].i32, -1);
}

struct Parks {
  Store* store = nullptr;
  int before = 0;
  int after = 0;
  int cancelled = 0;
};

Trap* parks(void* /*env*/, Caller* caller, Raw* values, std::size_t /*count*/) {
  auto* state = static_cast<Parks*>(Store::data_of(caller));
  ++state->before;
  if (!Fiber::park(*state->store)) {
    ++state->cancelled;
    return Fiber::cancelled_trap();
  }
  ++state->after;
  values[0].i32 += 1;
  return nullptr;
}

class FiberTest : public EngineTest {
protected:
  void SetUp() override {
    EngineTest::SetUp();
    const HostFunc imports[] = {{parks, nullptr}};
    prepared = Prepared::make(*engine, module(kCallsHost), imports).value();
  }
  Prepared prepared;
};

TEST_F(FiberTest, HostFunctionParksAndTheGuestGoesOnAfterResume) {
  Parks state;
  Store store{*engine, &state};
  state.store = &store;
  Instance instance;
  ASSERT_FALSE(store.instantiate(prepared, instance).has_value());
  Extern twice;
  ASSERT_TRUE(store.find_export(instance, "twice", twice));
  Raw values[1];
  values[0].i32 = 5;
  Trap* trap = nullptr;
  Running running{store, [&] { trap = store.call(twice.func(), values, 1); }};
  EXPECT_FALSE(running.fiber.resume());
  EXPECT_EQ(state.before, 1);
  EXPECT_EQ(state.after, 0);
  EXPECT_FALSE(running.fiber.resume());
  EXPECT_EQ(state.after, 1);
  EXPECT_TRUE(running.fiber.resume());
  EXPECT_EQ(trap, nullptr);
  EXPECT_EQ(values[0].i32, 7);
  EXPECT_FALSE(running.fiber.failure().has_value());
}

TEST_F(FiberTest, DestroyingASuspendedFiberUnwindsIt) {
  Parks state;
  Store store{*engine, &state};
  state.store = &store;
  Instance instance;
  ASSERT_FALSE(store.instantiate(prepared, instance).has_value());
  Extern twice;
  ASSERT_TRUE(store.find_export(instance, "twice", twice));
  Raw values[1];
  bool returned = false;
  {
    Running running{store, [&] {
                      Trap* trap = store.call(twice.func(), values, 1);
                      ASSERT_NE(trap, nullptr);
                      Store::describe(trap);
                      returned = true;
                    }};
    ASSERT_FALSE(running.fiber.resume());
  }
  EXPECT_EQ(state.cancelled, 1);
  EXPECT_TRUE(returned);
}

/// Goes on through the host: the guest's "dive" calls this, and this calls "dive".
struct Diver {
  Store* store = nullptr;
  Func dive;
  int deepest = 0;
};

Trap* dive_again(void* /*env*/, Caller* caller, Raw* values, std::size_t /*count*/) {
  auto* diver = static_cast<Diver*>(Store::data_of(caller));
  ++diver->deepest;
  return diver->store->call(diver->dive, values, 1);
}

/// Each level takes some of the guest's stack before it goes through the host.
constexpr std::string_view kDives = R"((module
  (import "h" "f" (func $again (param i32) (result i32)))
  (memory (export "memory") 1)
  (func $down (param $depth i32) (result i32)
    (if (result i32) (i32.eqz (local.get $depth))
      (then (call $again (i32.const 0)))
      (else (i32.add (call $down (i32.sub (local.get $depth) (i32.const 1))) (i32.const 1)))))
  (func $bottomless (param i32) (result i32)
    (i32.add (call $bottomless (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
  (func (export "dive") (param i32) (result i32) (call $down (i32.const 1000)))
  (func (export "start-deep") (param i32) (result i32) (call $down (i32.const 6000)))
  (func (export "bottomless") (param i32) (result i32) (call $bottomless (i32.const 0)))))";

/// The engine bounds only what one entry of the guest takes; all of them together are ours to
/// bound.
TEST_F(EngineTest, RecursionThroughTheHostIsATrapOnAFiberAndOffIt) {
  const HostFunc imports[] = {{dive_again, nullptr}};
  const auto prepared = Prepared::make(*engine, module(kDives), imports).value();
  for (const bool on_fiber : {true, false}) {
    for (const char* name : {"dive", "start-deep", "bottomless"}) {
      for (const char* inner : {"dive", "bottomless"}) {
        Diver diver;
        Store store{*engine, &diver};
        diver.store = &store;
        Instance instance;
        ASSERT_FALSE(store.instantiate(prepared, instance).has_value());
        Extern outer;
        Extern again;
        ASSERT_TRUE(store.find_export(instance, name, outer));
        ASSERT_TRUE(store.find_export(instance, inner, again));
        diver.dive = again.func();
        Raw value;
        Fault fault;
        const auto call = [&] { fault = Store::describe(store.call(outer.func(), &value, 1)); };
        if (on_fiber) {
          Running running{store, call};
          EXPECT_TRUE(running.fiber.resume());
        } else {
          call();
        }
        EXPECT_EQ(fault.message, "wasm trap: call stack exhausted") << name << " then " << inner;
      }
    }
  }
}

TEST_F(FiberTest, WhatTheBodyThrowsComesOutOfResume) {
  Parks state;
  Store store{*engine, &state};
  state.store = &store;
  Running running{store, [] { throw std::runtime_error("from below"); }};
  EXPECT_THROW(running.fiber.resume(), std::runtime_error);
}

struct Slicing {
  int slices = 0;
  int stop_after = 0;
};

Verdict count_slices(void* data) {
  auto* state = static_cast<Slicing*>(data);
  ++state->slices;
  return state->slices > state->stop_after ? Verdict::stop : Verdict::yield;
}

TEST_F(FiberTest, SpinningGuestYieldsEachSliceAndIsStoppedAtItsBudget) {
  Ticker ticker{*engine};
  auto& lane = ticker.add_lane();
  Slicing state{.slices = 0, .stop_after = 3};
  Store store{*engine, &state};
  store.set_slices(1, count_slices);
  Instance instance;
  ASSERT_FALSE(store.instantiate(prepared, instance).has_value());
  Extern spin;
  ASSERT_TRUE(store.find_export(instance, "spin", spin));
  Fault fault;
  Running running{store, [&] { fault = Store::describe(store.call(spin.func(), nullptr, 0)); }};
  ticker.enter(lane);
  int yields = 0;
  while (!running.fiber.resume())
    ++yields;
  Ticker::leave(lane);
  EXPECT_EQ(yields, 3);
  EXPECT_EQ(state.slices, 4);
  EXPECT_EQ(fault.message, "guest stopped: it used up its CPU budget");
}

} // namespace
} // namespace nacre::engine
