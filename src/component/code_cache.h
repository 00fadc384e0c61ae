// SPDX-License-Identifier: Apache-2.0
// CodeCache: compiled components on disk, so that each is compiled once for ever: keyed by content,
// engine and CPU.
#pragma once

#include "base/result.h"
#include "component/component.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace nacre::component {

/// What the process that compiles may use. A component that needs more is refused, and costs
/// nothing else.
struct CompileLimits {
  std::uint64_t memory = std::uint64_t{6} << 30; ///< bytes of private memory (not under sanitizers)
  std::uint32_t cpu_seconds = 900;               ///< of all its threads together
  std::uint32_t wall_seconds = 600;
};

struct CacheSettings {
  /// Empty: $XDG_CACHE_HOME/nacre or ~/.cache/nacre.
  std::string directory;
  /// The program that compiles: run as `program compile-worker OUTPUT_DIRECTORY` with the component
  /// on standard input. Empty: compile in this process (tests, tools that trust their input).
  std::string program;
  CompileLimits limits;
};

/// Hex digest of a component's bytes (SHA-256): its name everywhere.
std::string digest_of(std::span<const std::byte> bytes);

/// An entry is a directory: plan, one file per compiled module, and a list of their checksums,
/// written aside and renamed into place. The cache directory must belong to the user and be
/// writable by nobody else, since what lies in it is run as code; every file is checked against its
/// checksum before it is mapped, and a damaged entry is made anew. All functions block on files and
/// processes: call them from an offload thread or before serving.
class CodeCache {
public:
  static Result<std::unique_ptr<CodeCache>> open(const engine::Engine& engine,
                                                 CacheSettings settings);

  struct Loaded {
    std::shared_ptr<const Component> component;
    bool compiled = false; ///< false: it was in the cache
  };
  /// From the cache, or compiled and put there. Errors of the component itself have Code::invalid
  /// or Code::exhausted.
  Result<Loaded> load(std::span<const std::byte> bytes) const;

  const std::string& directory() const { return settings_.directory; }

private:
  CodeCache(const engine::Engine& engine, CacheSettings settings)
      : engine_(engine), settings_(std::move(settings)) {}
  std::string entry_name(std::span<const std::byte> bytes) const;
  Result<std::shared_ptr<const Component>> read_entry(const std::string& path) const;
  Result<> write_entry(std::span<const std::byte> bytes, const std::string& path) const;

  const engine::Engine& engine_;
  CacheSettings settings_;
};

/// The work of the compiling process: plans and compiles `bytes` and writes an entry's files into
/// `directory`.
Result<> compile_entry(const engine::Engine& engine, std::span<const std::byte> bytes,
                       const std::string& directory);

} // namespace nacre::component
