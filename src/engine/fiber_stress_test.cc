// SPDX-License-Identifier: Apache-2.0
// Many suspended fibers in one store: outside the written contract of the engine's C API, so it is
// proven here, at every upgrade. NACRE_STRESS_SWITCHES sets how long it runs.
#include "engine/fiber.h"
#include "engine/testing/wat.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <vector>

namespace nacre::engine {
namespace {

constexpr std::uint32_t kMostFibers = 64;

/// "run" adds up what the host answers, parks in each round (at varying depths of the stack), keeps
/// its sum in memory, and ends as `mode` says. "ping" is the plain call.
constexpr std::string_view kGuest = R"((module
  (import "h" "park" (func $park (param i32) (result i32)))
  (import "h" "sync" (func $sync (param i32) (result i32)))
  (import "h" "boom" (func $boom (param i32) (result i32)))
  (memory (export "memory") 1 200)
  (func $deep (param $id i32) (param $depth i32) (result i32)
    (if (result i32) (i32.eqz (local.get $depth))
      (then (call $park (local.get $id)))
      (else (i32.add (i32.const 1)
        (call $deep (local.get $id) (i32.sub (local.get $depth) (i32.const 1)))))))
  (func $bottomless (param i32) (result i32)
    (i32.add (call $bottomless (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
  (func $spin (param i32)
    (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "run") (param $id i32) (param $n i32) (param $mode i32) (result i32)
    (local $i i32) (local $acc i32)
    (loop $l
      (local.set $acc (i32.add (local.get $acc)
        (call $deep (local.get $id) (if (result i32) (i32.eq (local.get $mode) (i32.const 4))
          (then (i32.const 2000)) (else (i32.and (local.get $i) (i32.const 15)))))))
      (local.set $acc (i32.add (local.get $acc) (call $sync (i32.const 0))))
      (i32.store (i32.mul (local.get $id) (i32.const 8)) (local.get $acc))
      (call $spin (i32.const 20))
      (if (i32.eqz (i32.and (local.get $i) (i32.const 15)))
        (then (drop (memory.grow (i32.const 1)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (local.get $n))))
    (if (i32.eq (local.get $mode) (i32.const 1)) (then unreachable))
    (if (i32.eq (local.get $mode) (i32.const 2)) (then (drop (call $boom (i32.const 0)))))
    (if (i32.eq (local.get $mode) (i32.const 3)) (then (drop (call $bottomless (i32.const 0)))))
    (i32.load (i32.mul (local.get $id) (i32.const 8))))
  (func (export "ping") (param i32) (result i32)
    (if (i32.eq (local.get 0) (i32.const 99)) (then unreachable))
    (call $spin (i32.const 20))
    (call $sync (local.get 0)))))";

enum class Mode : std::int32_t { ok, traps, host_traps, overflows, deep };

struct Stress {
  Store* store = nullptr;
  const Engine* engine = nullptr;
  std::mt19937 random{20'260'101};
  bool on_fiber = false;
  long switches = 0, yields = 0, parks = 0, pings = 0, ended = 0, trapped = 0, cancelled = 0;

  std::uint32_t below(std::uint32_t n) {
    return std::uniform_int_distribution<std::uint32_t>{0, n - 1}(random);
  }
};

Stress& stress_of(Caller* caller) {
  return *static_cast<Stress*>(Store::data_of(caller));
}

Trap* park(void* /*env*/, Caller* caller, Raw* values, std::size_t /*count*/) {
  Stress& stress = stress_of(caller);
  for (std::uint32_t times = 1 + stress.below(2); times > 0; --times) {
    ++stress.parks;
    if (!Fiber::park(*stress.store))
      return Fiber::cancelled_trap();
  }
  values[0].i32 *= 3;
  return nullptr;
}

/// Sometimes the slice ends here, so that the guest is preempted in its own code.
Trap* sync(void* /*env*/, Caller* caller, Raw* values, std::size_t /*count*/) {
  Stress& stress = stress_of(caller);
  if (stress.below(4) == 0)
    stress.engine->tick();
  values[0].i32 += 1;
  return nullptr;
}

Trap* boom(void* /*env*/, Caller* /*caller*/, Raw* /*values*/, std::size_t /*count*/) {
  return make_trap("boom");
}

Verdict slice_over(void* data) {
  Stress& stress = *static_cast<Stress*>(data);
  if (!stress.on_fiber)
    return Verdict::go_on;
  ++stress.yields;
  return Verdict::yield;
}

/// One call of "run" on a fiber of its own.
class Run {
public:
  Run(Stress& stress, const Func& run, std::int32_t id)
      : stress_(stress), run_(run), id_(id), n_(1 + static_cast<std::int32_t>(stress.below(40))),
        mode_(static_cast<Mode>(stress.below(5))) {
    values_[0].i32 = id_;
    values_[1].i32 = n_;
    values_[2].i32 = static_cast<std::int32_t>(mode_);
    fiber_ = std::make_unique<Fiber>(
        *stress.store, [](void* self) { static_cast<Run*>(self)->body(); }, this);
  }

  bool resume() {
    ++stress_.switches;
    stress_.on_fiber = true;
    const bool ended = fiber_->resume();
    stress_.on_fiber = false;
    return ended;
  }

  void check_end() {
    ++stress_.ended;
    EXPECT_FALSE(fiber_->failure().has_value());
    EXPECT_TRUE(returned_);
    if (mode_ == Mode::ok || mode_ == Mode::deep) {
      EXPECT_FALSE(fault_.has_value()) << fault_->message;
      EXPECT_EQ(values_[0].i32, expected());
      return;
    }
    ++stress_.trapped;
    if (!fault_) {
      ADD_FAILURE() << "no trap in mode " << static_cast<int>(mode_);
      return;
    }
    EXPECT_EQ(fault_->message, mode_ == Mode::traps
                                   ? "wasm trap: wasm `unreachable` instruction executed"
                               : mode_ == Mode::host_traps ? "boom"
                                                           : "wasm trap: call stack exhausted");
  }

  /// Destroys the suspended fiber; its frames must have been unwound.
  void cancel() {
    ++stress_.cancelled;
    fiber_.reset();
    EXPECT_TRUE(!started_ || (returned_ && fault_.has_value()));
  }

private:
  void body() {
    started_ = true;
    if (Trap* trap = stress_.store->call(run_, values_, 3))
      fault_ = Store::describe(trap);
    returned_ = true;
  }

  std::int32_t expected() const {
    std::int32_t sum = 0;
    for (std::int32_t i = 0; i < n_; ++i)
      sum += id_ * 3 + (mode_ == Mode::deep ? 2000 : (i & 15)) + 1;
    return sum;
  }

  Stress& stress_;
  Func run_;
  std::int32_t id_;
  std::int32_t n_;
  Mode mode_;
  Raw values_[3];
  std::unique_ptr<Fiber> fiber_;
  std::optional<Fault> fault_;
  bool started_ = false;
  bool returned_ = false;
};

/// A plain call of the same instance, off any fiber, while others are suspended.
void ping(Stress& stress, const Func& func) {
  const std::int32_t x = stress.below(8) == 0 ? 99 : 5;
  Raw value;
  value.i32 = x;
  ++stress.pings;
  Trap* trap = stress.store->call(func, &value, 1);
  EXPECT_EQ(trap != nullptr, x == 99);
  if (trap != nullptr)
    Store::describe(trap);
  else
    EXPECT_EQ(value.i32, 6);
}

/// A fresh store with some fibers, driven in random order until all have ended.
void round(Stress& stress, const Engine& engine, const Prepared& prepared) {
  Store store{engine, &stress};
  stress.store = &store;
  stress.engine = &engine;
  store.set_slices(1, slice_over);
  Instance instance;
  ASSERT_FALSE(store.instantiate(prepared, instance).has_value());
  Extern run;
  Extern plain;
  ASSERT_TRUE(store.find_export(instance, "run", run));
  ASSERT_TRUE(store.find_export(instance, "ping", plain));
  const std::uint32_t count = 2 + stress.below(kMostFibers - 1);
  std::vector<std::unique_ptr<Run>> runs;
  for (std::uint32_t id = 0; id < count; ++id)
    runs.push_back(std::make_unique<Run>(stress, run.func(), static_cast<std::int32_t>(id)));
  while (!runs.empty()) {
    auto& chosen = runs[stress.below(static_cast<std::uint32_t>(runs.size()))];
    if (stress.below(8) == 0)
      engine.tick();
    if (stress.below(8) == 0)
      ping(stress, plain.func());
    const bool gone = stress.below(400) == 0;
    if (gone)
      chosen->cancel();
    else if (!chosen->resume())
      continue;
    else
      chosen->check_end();
    std::swap(chosen, runs.back());
    runs.pop_back();
  }
}

TEST(FiberStressTest, SiblingsOfOneStoreTakeTurnsInAnyOrder) {
  Settings settings;
  settings.instances = settings.tables = settings.memories = 4;
  settings.stacks = kMostFibers + 4;
  settings.max_memory = std::size_t{16} << 20;
  auto engine = Engine::create(settings);
  ASSERT_TRUE(engine.has_value()) << engine.error().message();
  const HostFunc imports[] = {{park, nullptr}, {sync, nullptr}, {boom, nullptr}};
  const Module module = (*engine)->compile_and_load(wat(kGuest)).value();
  const Prepared prepared = Prepared::make(**engine, module, imports).value();
  const char* asked = std::getenv("NACRE_STRESS_SWITCHES");
  const long wanted = asked == nullptr ? 150'000 : std::atol(asked);
  Stress stress;
  while (stress.switches < wanted && !HasFailure())
    round(stress, **engine, prepared);
  std::cout << stress.switches << " switches: " << stress.parks << " parks, " << stress.yields
            << " preemptions, " << stress.pings << " plain calls between them, " << stress.ended
            << " calls ended (" << stress.trapped << " by a trap), " << stress.cancelled
            << " cancelled\n";
  EXPECT_GT(stress.yields, 0);
  EXPECT_GT(stress.cancelled, 0);
}

} // namespace
} // namespace nacre::engine
