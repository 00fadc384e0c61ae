// SPDX-License-Identifier: Apache-2.0
// Linked: a component whose imports are all bound to host functions: from here a fresh guest is one
// call away.
#pragma once

#include "base/result.h"
#include "component/component.h"
#include "component/handles.h"
#include "component/linker.h"
#include "engine/engine.h"

#include <memory>
#include <vector>

namespace nacre::component {

class Linked;

/// One trampoline of the plan with all that its host function needs to know; the `env` of that
/// function.
struct BoundTrampoline {
  const Linked* linked = nullptr;
  const Plan::Trampoline* plan = nullptr;
  const Plan::Options* options = nullptr; ///< null when the kind has none
  Linker::Function target;                ///< of a LowerImport
  std::string name; ///< for messages: "wasi:io/streams@0.2.6 [method]output-stream.write"
  ResourceType resource = nullptr; ///< of resource kinds
  engine::HostFunc host;
};

/// One step of instantiation that makes a core instance. `prepared` is empty when the module
/// imports more than host functions.
struct CoreInstance {
  const Plan::Instantiate* plan = nullptr;
  engine::Prepared prepared;
};

/// Immutable; belongs to one loop when the linker's host objects do. Guests made from it must end
/// before it does.
class Linked {
public:
  /// Fails with one message that names every import that nobody serves and why (Code::unsupported).
  static Result<std::unique_ptr<Linked>> link(const engine::Engine& engine,
                                              std::shared_ptr<const Component> component,
                                              const Linker& linker);

  const Component& component() const { return *component_; }
  const Plan& plan() const { return component_->plan(); }
  const engine::Engine& engine() const { return engine_; }
  const BoundTrampoline& trampoline(std::uint32_t index) const { return trampolines_[index]; }
  const CoreInstance& core_instance(std::uint32_t index) const { return core_instances_[index]; }
  /// Identity of the resource type behind a table of the plan.
  ResourceType resource_type(std::uint32_t table) const;
  /// Whether the type behind a table is a host's.
  bool is_host_resource(std::uint32_t table) const;
  /// The same of a type's identity.
  bool is_host_type(ResourceType type) const;
  /// Whether adapters of this component keep an instance's flags in a global.
  bool has_flags(std::uint32_t component_instance) const { return flags_[component_instance]; }
  /// Where a realloc function comes from.
  const Plan::CoreDef& realloc(std::uint32_t index) const { return *reallocs_[index]; }
  /// Whether instantiation runs code of the guest (start functions).
  bool starts() const { return starts_; }

private:
  Linked(const engine::Engine& engine, std::shared_ptr<const Component> component)
      : engine_(engine), component_(std::move(component)) {}
  Result<> bind_imports(const Linker& linker);
  Result<> bind_trampolines();
  Result<> prepare_modules();

  const engine::Engine& engine_;
  std::shared_ptr<const Component> component_;
  std::vector<Linker::Function> functions_;       ///< by import
  std::vector<const ResourceTag*> resource_tags_; ///< by import; null for functions
  std::vector<std::uint32_t> import_of_lowering_;
  std::vector<BoundTrampoline> trampolines_;
  std::vector<CoreInstance> core_instances_;
  std::vector<bool> flags_;
  std::vector<const Plan::CoreDef*> reallocs_;
  bool starts_ = false;
};

} // namespace nacre::component
