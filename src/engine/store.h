// SPDX-License-Identifier: Apache-2.0
// Store: the world of one guest: its instances, memories and functions, and the rules under which
// it runs.
#pragma once

#include "base/result.h"
#include "engine/call_room.h"
#include "engine/engine.h"
#include "engine/fault.h"
#include "engine/raw.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace nacre::engine {

/// What one store may have; the engine refuses growth beyond it (memory.grow returns -1).
struct StoreLimits {
  std::int64_t memory = -1;         ///< bytes of each linear memory; -1: the engine's maximum
  std::int64_t table_elements = -1; ///< of each table
  std::int64_t instances = -1;
  std::int64_t tables = -1;
  std::int64_t memories = -1;
};

/// What to do with a guest whose time slice is over.
enum class Verdict : std::uint8_t {
  go_on, ///< another slice at once
  yield, ///< let the loop run first; only on a fiber
  stop,  ///< trap the guest
};

/// Asked at the end of each slice, on the guest's thread. `data` is the store's data.
using SliceFn = Verdict (*)(void* data);

/// One function type of a core module: letters i I f F v r for i32 i64 f32 f64 v128 funcref, as
/// "ii:i".
using FuncTypeText = std::string_view;

/// Not thread-safe; belongs to one loop. Destroying it frees every instance in it: their pool slots
/// are reset. No fiber of it may be alive then.
class Store {
public:
  /// `data` (not owned) is what data_of() returns in host functions.
  Store(const Engine& engine, void* data);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  void set_limits(const StoreLimits& limits);
  /// Preempts the guest every `ticks` of the engine's clock and asks `on_slice` then.
  void set_slices(std::uint64_t ticks, SliceFn on_slice);
  /// The current slice ends `ticks` from now.
  void restart_slice(std::uint64_t ticks);

  /// Instantiates without running anything on a fiber: for modules without a start function, or
  /// short ones.
  std::optional<Fault> instantiate(const Prepared& prepared, Instance& out);
  std::optional<Fault> instantiate(const Module& module, std::span<const Extern> imports,
                                   Instance& out);

  bool find_export(Instance instance, std::string_view name, Extern& out);
  /// A host function of this store only; prefer Prepared where the function does not depend on the
  /// store.
  Func new_host_func(FuncTypeText type, HostFunc function);
  /// A mutable i32 global of the host, for modules that import one.
  Extern new_i32_global(std::int32_t value);
  std::int32_t read_i32_global(const Extern& global);
  void write_i32_global(const Extern& global, std::int32_t value);
  /// The function behind a non-null `funcref` value of this store.
  Func func_from_ref(void* ref);

  /// Calls a function; `values` holds parameters, then results, and has room for both. Null:
  /// success. A returned trap is the caller's: return it from a host function, or end it with
  /// describe(). A call that nests too deeply traps ("call stack exhausted"). Guests that may be
  /// preempted or park must be called from a Fiber's body or from a host function below one.
  Trap* call(const Func& func, Raw* values, std::size_t count);
  /// Frees the trap and says what it was.
  static Fault describe(Trap* trap);

  static MemoryRef memory_of(const Extern& item);
  std::byte* memory_data(const MemoryRef& memory);
  std::size_t memory_size(const MemoryRef& memory);
  /// Pages; the old size, or nothing when the limit says no.
  std::optional<std::uint64_t> memory_grow(const MemoryRef& memory, std::uint64_t pages);

  /// The `data` of the store a host function was called from.
  static void* data_of(Caller* caller);
  void* context() const { return context_; }
  CallRoom& room() { return room_; }
  const Engine& engine() const { return engine_; }

private:
  const Engine& engine_;
  void* store_;
  void* context_;
  CallRoom room_;
};

} // namespace nacre::engine
