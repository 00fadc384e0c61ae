// SPDX-License-Identifier: Apache-2.0
#include "engine/fiber.h"

#include "base/ensure.h"
#include "engine/handles.h"

#include <cstring>
#include <utility>

namespace nacre::engine {

/// What the two helper functions do; a struct, so that Fiber can name it a friend.
struct FiberEntry {
  /// "enter"(fiber): runs the fiber's body, on the fiber.
  static wasm_trap_t* enter(void* /*env*/, wasmtime_caller_t* /*caller*/,
                            wasmtime_val_raw_t* values, std::size_t) {
    auto* fiber = reinterpret_cast<Fiber*>(
        values[0].i64); // NOLINT(performance-no-int-to-ptr): our own pointer back
    try {
      fiber->body_(fiber->env_);
    } catch (...) {
      // The engine's frames below must not see it; resume() throws it again above them.
      fiber->thrown_ = std::current_exception();
    }
    return nullptr;
  }

  /// "park"(flag): suspends once. The first poll says "not yet", the one of the next resume() "go
  /// on".
  static void park(void* /*env*/, wasmtime_caller_t* /*caller*/, const wasmtime_val_t* args,
                   std::size_t, wasmtime_val_t* /*results*/, std::size_t, wasm_trap_t** /*trap*/,
                   wasmtime_async_continuation_t* continuation) {
    continuation->callback = [](void* flag) {
      return std::exchange(*static_cast<bool*>(flag), true);
    };
    continuation->env = reinterpret_cast<void*>(
        args[0].of.i64); // NOLINT(performance-no-int-to-ptr): our own pointer
    continuation->finalizer = nullptr;
  }
};

namespace {

Func helper(Store& store, std::string_view name) {
  wasmtime_extern_t item;
  const bool found = wasmtime_linker_get(store.engine().handles().helpers, context_of(store),
                                         "nacre", 5, name.data(), name.size(), &item);
  ENSURE(found && item.kind == WASMTIME_EXTERN_FUNC, "the helper functions of fibers are defined");
  Func out;
  std::memcpy(&out, &item.of.func, sizeof out);
  return out;
}

} // namespace

wasmtime_linker_t* make_fiber_helpers(wasm_engine_t* engine) {
  wasmtime_linker_t* linker = wasmtime_linker_new(engine);
  wasm_functype_t* type = make_functype("I:");
  auto* enter = wasmtime_linker_define_func_unchecked(linker, "nacre", 5, "enter", 5, type,
                                                      FiberEntry::enter, nullptr, nullptr);
  auto* park = wasmtime_linker_define_async_func(linker, "nacre", 5, "park", 4, type,
                                                 FiberEntry::park, nullptr, nullptr);
  wasm_functype_delete(type);
  ENSURE(enter == nullptr && park == nullptr, "the helper functions of fibers can be defined");
  return linker;
}

Fiber::Fiber(Store& store, Body body, void* env)
    : store_(store), enter_(helper(store, "enter")), body_(body), env_(env) {
  static_assert(sizeof(wasmtime_val_t) <= sizeof argument_);
  wasmtime_val_t argument;
  argument.kind = WASMTIME_I64;
  argument.of.i64 = reinterpret_cast<std::int64_t>(this);
  std::memcpy(argument_.data(), &argument, sizeof argument);
  future_ = wasmtime_func_call_async(context_of(store), vendor(enter_),
                                     reinterpret_cast<wasmtime_val_t*>(argument_.data()), 1,
                                     nullptr, 0, reinterpret_cast<wasm_trap_t**>(&trap_),
                                     reinterpret_cast<wasmtime_error_t**>(&error_));
}

Fiber::~Fiber() {
  if (future_ != nullptr) {
    const std::uintptr_t outside = store_.room().exchange_top(top_);
    wasmtime_call_future_delete(static_cast<wasmtime_call_future_t*>(future_));
    store_.room().exchange_top(outside);
  }
  if (trap_ != nullptr)
    wasm_trap_delete(static_cast<wasm_trap_t*>(trap_));
  if (error_ != nullptr)
    wasmtime_error_delete(static_cast<wasmtime_error_t*>(error_));
}

bool Fiber::resume() {
  ENSURE(future_ != nullptr, "a fiber that has ended is not resumed");
  const std::uintptr_t outside = store_.room().exchange_top(top_);
  const bool ended = wasmtime_call_future_poll(static_cast<wasmtime_call_future_t*>(future_));
  top_ = store_.room().exchange_top(outside);
  if (!ended)
    return false;
  wasmtime_call_future_delete(
      static_cast<wasmtime_call_future_t*>(std::exchange(future_, nullptr)));
  if (thrown_)
    std::rethrow_exception(std::exchange(thrown_, nullptr));
  return true;
}

std::optional<Fault> Fiber::failure() {
  if (error_ != nullptr)
    return fault_of(static_cast<wasmtime_error_t*>(std::exchange(error_, nullptr)));
  if (trap_ != nullptr)
    return fault_of(static_cast<wasm_trap_t*>(std::exchange(trap_, nullptr)));
  return std::nullopt;
}

bool Fiber::park(Store& store) {
  bool resumed = false;
  Raw argument;
  argument.i64 = reinterpret_cast<std::int64_t>(&resumed);
  const Func park = helper(store, "park");
  wasm_trap_t* trap = nullptr;
  auto* error =
      wasmtime_func_call_unchecked(context_of(store), vendor(park), vendor(&argument), 1, &trap);
  if (error == nullptr && trap == nullptr)
    return true;
  if (error != nullptr)
    wasmtime_error_delete(error);
  if (trap != nullptr)
    wasm_trap_delete(trap);
  return false;
}

Trap* Fiber::cancelled_trap() {
  return make_trap("the call was cancelled");
}

} // namespace nacre::engine
