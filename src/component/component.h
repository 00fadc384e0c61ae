// SPDX-License-Identifier: Apache-2.0
// Component: a component ready to be linked: its plan and its compiled core modules.
#pragma once

#include "base/result.h"
#include "component/plan.h"
#include "engine/engine.h"

#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace nacre::component {

/// Immutable and shared by all loops. The engine outlives it.
class Component {
public:
  /// `modules` has the compiled form of each module of the plan, in order.
  Component(Plan plan, std::vector<engine::Module> modules)
      : plan_(std::move(plan)), modules_(std::move(modules)) {}

  /// Plans and compiles in this process: for trusted input and tests. Serving goes through
  /// code_cache.h.
  static Result<std::shared_ptr<const Component>> compile(const engine::Engine& engine,
                                                          std::span<const std::byte> bytes);

  /// The exported function of an interface; "wasi:http/incoming-handler@0.2.0" finds any compatible
  /// version of it. Null: no such export.
  const Plan::ExportFunction* find_function(std::string_view interface,
                                            std::string_view function) const;

  const Plan& plan() const { return plan_; }
  const engine::Module& module(std::uint32_t index) const { return modules_[index]; }

private:
  Plan plan_;
  std::vector<engine::Module> modules_;
};

} // namespace nacre::component
