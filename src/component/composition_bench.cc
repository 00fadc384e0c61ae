// SPDX-License-Identifier: Apache-2.0
// What a call between two components of one composition costs: the caller loops in its own code.
#include "component/testing/text_guest.h"

#include <benchmark/benchmark.h>

#include <stdexcept>
#include <string_view>

namespace nacre::component {
namespace {

constexpr std::string_view kPair = R"((component
  (component $callee
    (core module $m (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
    (core instance $i (instantiate $m))
    (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add"))))
  (component $caller
    (import "add" (func $add (param "a" u32) (param "b" u32) (result u32)))
    (core func $add (canon lower (func $add)))
    (core module $m
      (import "h" "add" (func $add (param i32 i32) (result i32)))
      (func (export "run") (param $times i32) (result i32) (local $sum i32)
        (loop $l (local.set $sum (call $add (local.get $sum) (i32.const 2)))
          (br_if $l (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
        (local.get $sum)))
    (core instance $i (instantiate $m (with "h" (instance (export "add" (func $add))))))
    (func (export "run") (param "times" u32) (result u32) (canon lift (core func $i "run"))))
  (instance $callee (instantiate $callee))
  (instance $caller (instantiate $caller (with "add" (func $callee "add"))))
  (export "run" (func $caller "run"))))";

void cross_component_call(benchmark::State& state) {
  const auto engine = engine::Engine::create({}).value();
  engine::Ticker ticker{*engine};
  Runner runner{ticker};
  Loop loop;
  TextGuest guest{*engine, loop, runner};
  if (!guest.link(kPair, Linker{}).has_value() || guest.open().has_value())
    throw std::runtime_error("no guest");
  constexpr std::uint32_t kBatch = 10'000;
  while (state.KeepRunningBatch(kBatch)) {
    if (guest.call("run", {kBatch}).value() != 2 * kBatch)
      throw std::runtime_error("a wrong sum");
  }
}
BENCHMARK(cross_component_call)->Name("CrossComponentCall");

} // namespace
} // namespace nacre::component
