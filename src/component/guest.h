// SPDX-License-Identifier: Apache-2.0
// What typed callers of exported functions need: find an export of a component, call it on a guest.
#pragma once

#include "base/result.h"
#include "component/call_context.h"
#include "component/raw.h"
#include "loop/task.h"

#include <cstdint>
#include <string_view>

namespace nacre::component {

class Component;

/// An exported function of one component, checked once; every guest of that component understands
/// it.
class ExportFunc {
public:
  ExportFunc() = default;
  explicit ExportFunc(const void* entry) : entry_(entry) {}
  /// The runtime's own record of the export; lives as long as the component.
  const void* entry() const { return entry_; }

private:
  const void* entry_ = nullptr;
};

/// Finds an exported function by interface ("wasi:cli/run"), any version compatible with `version`,
/// and name. `not_found`: there is none; `invalid`: its type's canonical text is not `signature`.
Result<ExportFunc> find_export(const Component& component, std::string_view interface,
                               std::string_view version, std::string_view func,
                               std::string_view signature);

/// The two ends of one guest call; lives until the call's task has ended.
class ExportCall {
public:
  ExportCall() = default;
  ExportCall(const ExportCall&) = delete;
  ExportCall& operator=(const ExportCall&) = delete;
  virtual ~ExportCall() = default;

  /// How many core values `lower` writes and `lift` reads; the guest gives room for the larger.
  static constexpr std::uint32_t kMaxValues = 16;

  /// Writes the parameters into `values` (room for kMaxValues) and the guest's memory. Called once,
  /// on the guest's fiber, before the core function runs.
  virtual bool lower(CallContext& call, Raw* values) = 0;

  /// Reads the result from `values` and the guest's memory. Called once, after the core function
  /// returned and before post-return.
  virtual bool lift(CallContext& call, const Raw* values) = 0;
};

/// A running instance of a component, as callers of its exports see it.
class Guest {
public:
  virtual ~Guest() = default;

  /// Calls an export from beginning to end: lower, core function, lift, post-return. Ends with an
  /// error if the guest traps or either end fails. `call` must outlive the task.
  virtual Task<> call(ExportFunc func, ExportCall& call) = 0;
};

} // namespace nacre::component
