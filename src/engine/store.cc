// SPDX-License-Identifier: Apache-2.0
#include "engine/store.h"

#include "base/ensure.h"
#include "engine/handles.h"

#include <cstring>

namespace nacre::engine {
namespace {

wasm_valtype_t* valtype_of(char letter) {
  switch (letter) {
  case 'i':
    return wasm_valtype_new(WASM_I32);
  case 'I':
    return wasm_valtype_new(WASM_I64);
  case 'f':
    return wasm_valtype_new(WASM_F32);
  case 'F':
    return wasm_valtype_new(WASM_F64);
  case 'r':
    return wasm_valtype_new(WASM_FUNCREF);
  default:
    ENSURE(false, "a known core type letter");
    return nullptr;
  }
}

wasm_valtype_vec_t valtypes_of(std::string_view letters) {
  wasm_valtype_vec_t types;
  wasm_valtype_vec_new_uninitialized(&types, letters.size());
  for (std::size_t i = 0; i < letters.size(); ++i)
    types.data[i] = valtype_of(letters[i]);
  return types;
}

/// One fault out of the two ways in which the engine reports failure, or none.
std::optional<Fault> take_fault(wasmtime_error_t* error, wasm_trap_t* trap) {
  if (error != nullptr)
    return fault_of(error);
  if (trap != nullptr)
    return fault_of(trap);
  return std::nullopt;
}

} // namespace

wasm_functype_t* make_functype(FuncTypeText text) {
  const auto colon = text.find(':');
  wasm_valtype_vec_t params = valtypes_of(text.substr(0, colon));
  wasm_valtype_vec_t results =
      valtypes_of(colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1));
  return wasm_functype_new(&params, &results);
}

MemoryRef::operator bool() const {
  std::uint64_t store = 0;
  std::memcpy(&store, of.data(), sizeof store);
  return store != 0;
}

Func Extern::func() const {
  Func out;
  std::memcpy(&out, of.data(), sizeof out);
  return out;
}

Extern Extern::of_func(Func func) {
  Extern out;
  std::memcpy(out.of.data(), &func, sizeof func);
  return out;
}

Store::Store(const Engine& engine, void* data)
    : engine_(engine), store_(wasmtime_store_new(engine.handles().engine, data, nullptr)),
      room_(engine.handles().stack_size) {
  context_ = wasmtime_store_context(static_cast<wasmtime_store_t*>(store_));
  // Far enough away never to come, until set_slices says otherwise (the engine's clock ticks once a
  // millisecond).
  wasmtime_context_set_epoch_deadline(context_of(*this), std::uint64_t{1} << 40);
}

Store::~Store() {
  wasmtime_store_delete(static_cast<wasmtime_store_t*>(store_));
}

void Store::set_limits(const StoreLimits& limits) {
  wasmtime_store_limiter(static_cast<wasmtime_store_t*>(store_), limits.memory,
                         limits.table_elements, limits.instances, limits.tables, limits.memories);
}

namespace {

struct Slices {
  std::uint64_t ticks;
  SliceFn on_slice;
};

wasmtime_error_t* slice_over(wasmtime_context_t* context, void* data, std::uint64_t* delta,
                             wasmtime_update_deadline_kind_t* kind) {
  const auto* slices = static_cast<const Slices*>(data);
  *delta = slices->ticks;
  switch (slices->on_slice(wasmtime_context_get_data(context))) {
  case Verdict::go_on:
    *kind = WASMTIME_UPDATE_DEADLINE_CONTINUE;
    return nullptr;
  case Verdict::yield:
    *kind = WASMTIME_UPDATE_DEADLINE_YIELD;
    return nullptr;
  case Verdict::stop:
    break;
  }
  return wasmtime_error_new("guest stopped: it used up its CPU budget");
}

} // namespace

void Store::set_slices(std::uint64_t ticks, SliceFn on_slice) {
  auto* slices = new Slices{ticks, on_slice};
  wasmtime_store_epoch_deadline_callback(static_cast<wasmtime_store_t*>(store_), slice_over, slices,
                                         [](void* p) { delete static_cast<Slices*>(p); });
  wasmtime_context_set_epoch_deadline(context_of(*this), ticks);
}

void Store::restart_slice(std::uint64_t ticks) {
  wasmtime_context_set_epoch_deadline(context_of(*this), ticks);
}

std::optional<Fault> Store::instantiate(const Prepared& prepared, Instance& out) {
  const CallRoom::Entry entry{room_};
  wasm_trap_t* trap = nullptr;
  auto* error = wasmtime_instance_pre_instantiate(
      static_cast<const wasmtime_instance_pre_t*>(prepared.handle()), context_of(*this),
      reinterpret_cast<wasmtime_instance_t*>(&out), &trap);
  return take_fault(error, trap);
}

std::optional<Fault> Store::instantiate(const Module& module, std::span<const Extern> imports,
                                        Instance& out) {
  const CallRoom::Entry entry{room_};
  wasm_trap_t* trap = nullptr;
  auto* error = wasmtime_instance_new(
      context_of(*this), vendor(module), reinterpret_cast<const wasmtime_extern_t*>(imports.data()),
      imports.size(), reinterpret_cast<wasmtime_instance_t*>(&out), &trap);
  return take_fault(error, trap);
}

bool Store::find_export(Instance instance, std::string_view name, Extern& out) {
  return wasmtime_instance_export_get(context_of(*this),
                                      reinterpret_cast<const wasmtime_instance_t*>(&instance),
                                      name.data(), name.size(), vendor(out));
}

Func Store::new_host_func(FuncTypeText type, HostFunc function) {
  wasm_functype_t* functype = make_functype(type);
  Func out;
  wasmtime_func_new_unchecked(context_of(*this), functype, vendor(function.function), function.env,
                              nullptr, reinterpret_cast<wasmtime_func_t*>(&out));
  wasm_functype_delete(functype);
  return out;
}

Extern Store::new_i32_global(std::int32_t value) {
  wasm_globaltype_t* type = wasm_globaltype_new(wasm_valtype_new(WASM_I32), WASM_VAR);
  wasmtime_val_t initial;
  initial.kind = WASMTIME_I32;
  initial.of.i32 = value;
  wasmtime_extern_t item{};
  item.kind = WASMTIME_EXTERN_GLOBAL;
  auto* error = wasmtime_global_new(context_of(*this), type, &initial, &item.of.global);
  wasm_globaltype_delete(type);
  ENSURE(error == nullptr, "a global of the host can be made");
  Extern out;
  std::memcpy(static_cast<void*>(&out), &item, sizeof out);
  return out;
}

std::int32_t Store::read_i32_global(const Extern& global) {
  wasmtime_val_t value;
  wasmtime_global_get(context_of(*this), &vendor(global)->of.global, &value);
  return value.of.i32;
}

void Store::write_i32_global(const Extern& global, std::int32_t value) {
  wasmtime_val_t next;
  next.kind = WASMTIME_I32;
  next.of.i32 = value;
  auto* error = wasmtime_global_set(context_of(*this), &vendor(global)->of.global, &next);
  ENSURE(error == nullptr, "a mutable global of the host can be set");
}

Func Store::func_from_ref(void* ref) {
  Func out;
  wasmtime_func_from_raw(context_of(*this), ref, reinterpret_cast<wasmtime_func_t*>(&out));
  return out;
}

Trap* Store::call(const Func& func, Raw* values, std::size_t count) {
  constexpr std::uint8_t kStackOverflow = 0;
  const CallRoom::Entry entry{room_};
  if (!entry.fits()) [[unlikely]]
    return make_trap_code(kStackOverflow);
  wasm_trap_t* trap = nullptr;
  auto* error =
      wasmtime_func_call_unchecked(context_of(*this), vendor(func), vendor(values), count, &trap);
  if (error != nullptr) [[unlikely]] {
    // The engine's errors are not traps and cannot travel as such: the cause does, the inner frames
    // do not.
    return make_trap(fault_of(error).message);
  }
  return reinterpret_cast<Trap*>(trap);
}

Fault Store::describe(Trap* trap) {
  return fault_of(reinterpret_cast<wasm_trap_t*>(trap));
}

MemoryRef Store::memory_of(const Extern& item) {
  ENSURE(item.kind == ExternKind::memory, "the export is a memory");
  MemoryRef out;
  std::memcpy(static_cast<void*>(&out), item.of.data(), sizeof out);
  return out;
}

std::byte* Store::memory_data(const MemoryRef& memory) {
  return reinterpret_cast<std::byte*>(wasmtime_memory_data(context_of(*this), vendor(memory)));
}

std::size_t Store::memory_size(const MemoryRef& memory) {
  return wasmtime_memory_data_size(context_of(*this), vendor(memory));
}

std::optional<std::uint64_t> Store::memory_grow(const MemoryRef& memory, std::uint64_t pages) {
  std::uint64_t before = 0;
  if (auto* error = wasmtime_memory_grow(context_of(*this), vendor(memory), pages, &before)) {
    wasmtime_error_delete(error);
    return std::nullopt;
  }
  return before;
}

void* Store::data_of(Caller* caller) {
  return wasmtime_context_get_data(
      wasmtime_caller_context(reinterpret_cast<wasmtime_caller_t*>(caller)));
}

} // namespace nacre::engine
