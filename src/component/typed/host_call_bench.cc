// SPDX-License-Identifier: Apache-2.0
// What a guest's call of a host function costs, from the guest's instruction to the host's C++ and
// back: the guest loops.
#include "component/component.h"
#include "component/guest_call.h"
#include "component/linked.h"
#include "component/linker.h"
#include "component/runner.h"
#include "component/store.h"
#include "component/typed/thunk.h"
#include "engine/testing/wat.h"
#include "loop/loop.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string_view>

namespace nacre::component {
namespace {

constexpr std::string_view kGuest = R"((component
  (import "bench:host/calls@0.1.0" (instance $host
    (export "add" (func (param "a" u32) (param "b" u32) (result u32)))
    (export "sum" (func (param "bytes" (list u8)) (result u32)))
    (export "make" (func (param "size" u32) (result (list u8))))
    (export "text" (func (param "text" string)))))
  (core module $memory
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 8192)))
  (core instance $memory (instantiate $memory))
  (core func $add (canon lower (func $host "add")))
  (core func $sum (canon lower (func $host "sum") (memory (core memory $memory "memory"))))
  (core func $text (canon lower (func $host "text") (memory (core memory $memory "memory"))))
  (core func $make (canon lower (func $host "make") (memory (core memory $memory "memory"))
    (realloc (core func $memory "realloc"))))
  (core module $m
    (import "h" "add" (func $add (param i32 i32) (result i32)))
    (import "h" "sum" (func $sum (param i32 i32) (result i32)))
    (import "h" "text" (func $text (param i32 i32)))
    (import "h" "make" (func $make (param i32 i32)))
    (func (export "two-integers") (param i32) (result i32)
      (loop $l (drop (call $add (local.get 0) (i32.const 2)))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 0))
    (func (export "list-1k") (param i32) (result i32)
      (loop $l (drop (call $sum (i32.const 0) (i32.const 1024)))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 0))
    (func (export "string-32") (param i32) (result i32)
      (loop $l (call $text (i32.const 0) (i32.const 32))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 0))
    (func (export "list-1k-back") (param i32) (result i32)
      (loop $l (call $make (i32.const 1024) (i32.const 64))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 0)))
  (core instance $i (instantiate $m (with "h" (instance
    (export "add" (func $add)) (export "sum" (func $sum)) (export "text" (func $text)) (export "make" (func $make))))))
  (func (export "two-integers") (param "n" u32) (result u32) (canon lift (core func $i "two-integers")))
  (func (export "list-1k") (param "n" u32) (result u32) (canon lift (core func $i "list-1k")))
  (func (export "string-32") (param "n" u32) (result u32) (canon lift (core func $i "string-32")))
  (func (export "list-1k-back") (param "n" u32) (result u32) (canon lift (core func $i "list-1k-back")))))";

/// As a capability implements generated classes: behind a virtual call.
class CallsHost {
public:
  virtual ~CallsHost() = default;
  virtual Result<std::uint32_t> add(HostCall& call, std::uint32_t a, std::uint32_t b) = 0;
  virtual Result<std::uint32_t> sum(HostCall& call, std::span<const std::uint8_t> bytes) = 0;
  virtual Result<> text(HostCall& call, std::string_view text) = 0;
  virtual Result<Bytes> make(HostCall& call, std::uint32_t size) = 0;
};

class Calls final : public CallsHost {
public:
  Result<std::uint32_t> add(HostCall& /*call*/, std::uint32_t a, std::uint32_t b) override {
    return a + b;
  }
  Result<std::uint32_t> sum(HostCall& /*call*/, std::span<const std::uint8_t> bytes) override {
    return static_cast<std::uint32_t>(bytes.front() + bytes.size());
  }
  Result<> text(HostCall& /*call*/, std::string_view text) override {
    benchmark::DoNotOptimize(text);
    return {};
  }
  Result<Bytes> make(HostCall& /*call*/, std::uint32_t size) override {
    return Bytes::lent(std::span{buffer_}.first(size));
  }

private:
  std::array<std::uint8_t, 4096> buffer_{};
};

bool call_add(void* host, HostCall& call, Raw* values) {
  std::uint32_t a{};
  std::uint32_t b{};
  if (!lift_params(call, values, a, b))
    return false;
  auto result = static_cast<CallsHost*>(host)->add(call, a, b);
  return answer<2>(call, values, std::move(result));
}
bool call_sum(void* host, HostCall& call, Raw* values) {
  std::span<const std::uint8_t> bytes;
  if (!lift_params(call, values, bytes))
    return false;
  auto result = static_cast<CallsHost*>(host)->sum(call, bytes);
  return answer<2>(call, values, std::move(result));
}
bool call_text(void* host, HostCall& call, Raw* values) {
  std::string_view text;
  if (!lift_params(call, values, text))
    return false;
  auto result = static_cast<CallsHost*>(host)->text(call, text);
  return answer<2>(call, values, std::move(result));
}
bool call_make(void* host, HostCall& call, Raw* values) {
  std::uint32_t size{};
  if (!lift_params(call, values, size))
    return false;
  auto result = static_cast<CallsHost*>(host)->make(call, size);
  return answer<1>(call, values, std::move(result));
}

constexpr HostFunc kCalls[] = {
    {.name = "add",
     .signature = "func(a: u32, b: u32) -> u32",
     .thunk = call_add,
     .suspends = false},
    {.name = "sum",
     .signature = "func(bytes: list<u8>) -> u32",
     .thunk = call_sum,
     .suspends = false},
    {.name = "text", .signature = "func(text: string)", .thunk = call_text, .suspends = false},
    {.name = "make",
     .signature = "func(size: u32) -> list<u8>",
     .thunk = call_make,
     .suspends = false},
};

template <class T> T must(Result<T> result) {
  if (!result)
    throw std::runtime_error(result.error().message());
  return std::move(*result);
}

/// One guest that calls the host as often as it is told.
class World {
public:
  World() : engine_(must(engine::Engine::create({}))), ticker_(*engine_), runner_(ticker_) {
    linker_.define("bench:host/calls", "0.1.0", kCalls, &host_);
    auto component = must(Component::compile(*engine_, engine::wat(kGuest)));
    linked_ = must(Linked::link(*engine_, std::move(component), linker_));
    store_ = std::make_unique<Store>(*linked_, loop_);
    if (const auto fault = store_->open({}))
      throw std::runtime_error(fault->message);
  }

  void run(std::string_view name, std::uint32_t times) {
    const Plan::ExportFunction* function = find(name);
    bool ok = true;
    auto body = [&] {
      GuestCall call{*store_, *function};
      call.values()[0].i64 = times;
      ok = call.invoke() && call.finish();
    };
    if (!loop_.block_on(runner_.run(*store_, body)).has_value() || !ok)
      throw std::runtime_error("the guest failed");
  }

private:
  const Plan::ExportFunction* find(std::string_view name) const {
    for (const Plan::NamedExport& item : linked_->plan().root_exports) {
      if (item.name == name)
        return std::get_if<Plan::ExportFunction>(&linked_->plan().exports[item.export_index]);
    }
    throw std::runtime_error("no such export");
  }

  std::unique_ptr<engine::Engine> engine_;
  engine::Ticker ticker_;
  Runner runner_;
  Calls host_;
  Linker linker_;
  Loop loop_;
  std::unique_ptr<Linked> linked_;
  std::unique_ptr<Store> store_;
};

void host_call(benchmark::State& state, std::string_view name) {
  static World world;
  constexpr std::uint32_t kBatch = 10'000;
  while (state.KeepRunningBatch(kBatch))
    world.run(name, kBatch);
}

BENCHMARK_CAPTURE(host_call, two_integers, "two-integers")->Name("HostCall/two_integers");
BENCHMARK_CAPTURE(host_call, list_1k, "list-1k")->Name("HostCall/list_1k");
BENCHMARK_CAPTURE(host_call, string_32, "string-32")->Name("HostCall/string_32");
BENCHMARK_CAPTURE(host_call, list_1k_back, "list-1k-back")->Name("HostCall/list_1k_back");

} // namespace
} // namespace nacre::component
