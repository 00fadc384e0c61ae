// SPDX-License-Identifier: Apache-2.0
// handles: what the engine's .cc files share: the vendor's types, and casts between them and ours.
#pragma once

#include "engine/engine.h"
#include "engine/store.h"

#include <wasm.h>
#include <wasmtime.h>

namespace nacre::engine {

struct Engine::Handles {
  wasm_engine_t* engine = nullptr;
  /// Two functions that every store can have: "enter" runs a fiber's body, "park" suspends it.
  wasmtime_linker_t* helpers = nullptr;
  std::uint64_t fingerprint = 0;
  std::size_t stack_size = 0;
};

static_assert(sizeof(Raw) == sizeof(wasmtime_val_raw_t));
static_assert(sizeof(Func) == sizeof(wasmtime_func_t));
static_assert(sizeof(Instance) == sizeof(wasmtime_instance_t));
static_assert(sizeof(Extern) == sizeof(wasmtime_extern_t));
static_assert(sizeof(MemoryRef) == sizeof(wasmtime_memory_t));
static_assert(offsetof(Extern, of) == offsetof(wasmtime_extern_t, of));

inline wasmtime_context_t* context_of(const Store& store) {
  return static_cast<wasmtime_context_t*>(store.context());
}
inline const wasmtime_func_t* vendor(const Func& func) {
  return reinterpret_cast<const wasmtime_func_t*>(&func);
}
inline const wasmtime_memory_t* vendor(const MemoryRef& memory) {
  return reinterpret_cast<const wasmtime_memory_t*>(&memory);
}
inline const wasmtime_extern_t* vendor(const Extern& item) {
  return reinterpret_cast<const wasmtime_extern_t*>(&item);
}
inline wasmtime_extern_t* vendor(Extern& item) {
  return reinterpret_cast<wasmtime_extern_t*>(&item);
}
inline wasmtime_val_raw_t* vendor(Raw* values) {
  return reinterpret_cast<wasmtime_val_raw_t*>(values);
}
inline wasmtime_func_unchecked_callback_t vendor(HostFn function) {
  return reinterpret_cast<wasmtime_func_unchecked_callback_t>(function);
}
inline wasmtime_module_t* vendor(const Module& module) {
  return static_cast<wasmtime_module_t*>(module.handle());
}

/// Engine::Handles::helpers; the caller owns it. Defined in fiber.cc.
wasmtime_linker_t* make_fiber_helpers(wasm_engine_t* engine);
/// A function type from "ii:i"; the caller owns it.
wasm_functype_t* make_functype(FuncTypeText text);
/// The error's text and frames; frees it.
Fault fault_of(wasmtime_error_t* error);
Fault fault_of(wasm_trap_t* trap);
/// The error's text as an Error of `code`; frees it.
Error to_error(Code code, wasmtime_error_t* error);

} // namespace nacre::engine
