// SPDX-License-Identifier: Apache-2.0
// Engine: the configured core WebAssembly engine of this process: compiles, loads and instantiates
// core modules.
#pragma once

#include "base/result.h"
#include "engine/raw.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace nacre::engine {

/// How memories are reset between guests: by asking the kernel which pages were written
/// (PAGEMAP_SCAN, Linux 6.7), or without it.
enum class PagemapScan : std::uint8_t { where_the_kernel_has_it, always, never };

/// Sizes of the instance pools and of what one guest may have. Everything is reserved address
/// space, not memory in use.
struct Settings {
  std::uint32_t instances = 4000; ///< core instances alive at once
  std::uint32_t memories = 1000;  ///< linear memories alive at once
  std::uint32_t tables = 4000;
  std::uint32_t stacks = 1000; ///< guests that run or are parked at once
  std::size_t max_memory = std::size_t{1}
                           << 30; ///< bytes, of one linear memory, whatever a guest's limit
  std::size_t memory_keep_resident =
      std::size_t{2} << 20; ///< bytes reset by copy instead of given back to the kernel
  std::size_t table_keep_resident = std::size_t{64} << 10;
  /// Bytes of the native stack that a fiber runs on; see call_room.h for how it is shared out.
  std::size_t stack_size = std::size_t{2} << 20;
  PagemapScan pagemap_scan = PagemapScan::where_the_kernel_has_it;
  bool pooling = true;  ///< off: every instance maps its own memory (tools, tests)
  bool epochs = true;   ///< guests can be preempted and stopped
  bool optimize = true; ///< compile for speed rather than compile time
};

class Module;
class Prepared;

/// One per process and configuration; outlives all that was made with it. Thread-safe.
class Engine {
public:
  static Result<std::unique_ptr<Engine>> create(const Settings& settings);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Compiles a core module to bytes that load() and load_file() take. CPU-heavy: see code_cache.h
  /// for the safe way.
  Result<std::vector<std::byte>> compile(std::span<const std::byte> wasm) const;
  /// Compiles and loads in one step. For tests and small helper modules.
  Result<Module> compile_and_load(std::span<const std::byte> wasm) const;
  /// Loads bytes made by compile() of an engine with the same fingerprint(). The bytes must be
  /// trusted: they are code.
  Result<Module> load(std::span<const std::byte> compiled) const;
  /// As load(), but maps the file instead of copying it.
  Result<Module> load_file(const std::string& path) const;

  /// Tells apart compiled code of different engine versions, settings and CPU features.
  std::uint64_t fingerprint() const;
  /// Advances the clock by which running guests are preempted. Async-signal-safe, any thread.
  void tick() const;

  struct Handles;
  const Handles& handles() const { return *handles_; }

private:
  explicit Engine(std::unique_ptr<Handles> handles);
  std::unique_ptr<Handles> handles_;
};

/// Compiled core module, ready to instantiate. Cheap to copy (shared, immutable, thread-safe).
class Module {
public:
  Module() = default;
  explicit Module(std::shared_ptr<void> handle) : handle_(std::move(handle)) {}
  void* handle() const { return handle_.get(); }

private:
  std::shared_ptr<void> handle_;
};

/// A module whose imports are all host functions, resolved and type-checked once: the fast way to a
/// fresh instance.
class Prepared {
public:
  Prepared() = default;
  /// `functions` has one entry per import of `module`, in order. Fails when an import is not a
  /// function, or when two imports share a name (`unsupported`): such a module is instantiated with
  /// explicit imports instead.
  static Result<Prepared> make(const Engine& engine, const Module& module,
                               std::span<const HostFunc> functions);
  explicit operator bool() const { return handle_ != nullptr; }
  void* handle() const { return handle_.get(); }

private:
  std::shared_ptr<void> handle_;
};

} // namespace nacre::engine
