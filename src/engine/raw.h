// SPDX-License-Identifier: Apache-2.0
// The plain shapes that cross the engine's border: raw wasm values, handles into a store, host
// function pointers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace nacre::engine {

/// One wasm value without its type, as compiled code passes it: parameters and results share one
/// array.
union Raw {
  std::int32_t i32;
  std::int64_t i64;
  float f32;
  double f64;
  void* ref;
  alignas(8) std::array<std::byte, 16> bytes;
};

/// A function of one store; empty when `store` is 0.
struct Func {
  std::uint64_t store = 0;
  void* ref = nullptr;
  explicit operator bool() const { return store != 0; }
};

/// A core instance of one store.
struct Instance {
  std::uint64_t store = 0;
  std::size_t index = 0;
};

enum class ExternKind : std::uint8_t { func, global, table, memory, shared_memory, tag };

/// Any item that a core instance exports or imports. Only meaningful with the store it came from.
struct Extern {
  ExternKind kind = ExternKind::func;
  alignas(8) std::array<std::byte, 24> of{};

  Func func() const;
  static Extern of_func(Func func);
};

/// A linear memory of one store.
struct MemoryRef {
  /// Whether it stands for a memory: the first word is its store, never 0.
  explicit operator bool() const;
  alignas(8) std::array<std::byte, 24> of{};
};

/// The guest side of a host call in progress, and a trap on its way into the engine: both are the
/// engine's own.
struct Caller;
struct Trap;

/// A host function: reads its parameters from `values` and writes its results there; null means
/// success. Ownership of a returned trap goes to the engine. No exception may leave it.
using HostFn = Trap* (*)(void* env, Caller* caller, Raw* values, std::size_t count);

/// A host function with the static data it gets as `env` (not owned).
struct HostFunc {
  HostFn function = nullptr;
  void* env = nullptr;
};

} // namespace nacre::engine
