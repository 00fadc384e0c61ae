// SPDX-License-Identifier: Apache-2.0
#include "component/linked.h"

#include "component/builtins.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

namespace nacre::component {
namespace {

/// Collects everything that is missing, so that one message names it all.
class Missing {
public:
  void add(const std::string& interface, std::string what) {
    by_interface_[interface].push_back(std::move(what));
  }
  bool empty() const { return by_interface_.empty(); }

  Error to_error(const Linker& linker) const {
    std::string text = "the component imports what nobody here serves:";
    for (const auto& [interface, items] : by_interface_) {
      text += fmt::format("\n  {}: {}", interface, fmt::join(items, ", "));
      if (const auto versions = linker.versions_of(interface);
          !versions.empty() && linker.find(interface) == nullptr) {
        text += fmt::format("\n    (served in version {}, which is not compatible)",
                            fmt::join(versions, ", "));
      }
    }
    const auto offered = linker.offered();
    text += offered.empty() ? "\nnothing is served here"
                            : fmt::format("\nserved here: {}", fmt::join(offered, ", "));
    return Error{Code::unsupported, std::move(text)};
  }

private:
  std::map<std::string, std::vector<std::string>> by_interface_;
};

std::string display_name(const Plan::Import& import) {
  return import.interface.empty() ? import.name : import.interface + " " + import.name;
}

} // namespace

ResourceType Linked::resource_type(std::uint32_t table) const {
  const Plan::Resource& resource = plan().resources[plan().resource_tables[table].resource];
  if (resource.import != kNone)
    return resource_tags_[resource.import];
  return &resource;
}

bool Linked::is_host_resource(std::uint32_t table) const {
  return plan().resources[plan().resource_tables[table].resource].import != kNone;
}

bool Linked::is_host_type(ResourceType type) const {
  return std::ranges::none_of(plan().resources,
                              [type](const Plan::Resource& guest) { return &guest == type; });
}

Result<std::unique_ptr<Linked>> Linked::link(const engine::Engine& engine,
                                             std::shared_ptr<const Component> component,
                                             const Linker& linker) {
  std::unique_ptr<Linked> linked(new Linked(engine, std::move(component)));
  TRY_OK(linked->bind_imports(linker));
  TRY_OK(linked->bind_trampolines());
  TRY_OK(linked->prepare_modules());
  return linked;
}

Result<> Linked::bind_imports(const Linker& linker) {
  Missing missing;
  functions_.resize(plan().imports.size());
  resource_tags_.resize(plan().imports.size(), nullptr);
  for (std::size_t i = 0; i < plan().imports.size(); ++i) {
    const Plan::Import& import = plan().imports[i];
    const Linker::Interface* interface = linker.find(import.interface);
    if (import.function == kNone) {
      const auto found = interface == nullptr ? decltype(interface->resources.end()){}
                                              : interface->resources.find(import.name);
      if (interface == nullptr || found == interface->resources.end()) {
        missing.add(import.interface, "resource " + import.name);
        continue;
      }
      resource_tags_[i] = found->second;
      continue;
    }
    if (interface == nullptr ||
        interface->functions.find(import.name) == interface->functions.end()) {
      missing.add(import.interface.empty() ? "(world)" : import.interface, import.name);
      continue;
    }
    functions_[i] = interface->functions.find(import.name)->second;
    const std::string& wanted = plan().functions[import.function].signature;
    if (wanted != functions_[i].func->signature) {
      missing.add(import.interface,
                  fmt::format("{} (its type differs: the component wants {}, served is {})",
                              import.name, wanted, functions_[i].func->signature));
    }
  }
  if (!missing.empty())
    return missing.to_error(linker);
  return {};
}

Result<> Linked::bind_trampolines() {
  trampolines_.resize(plan().trampolines.size());
  for (std::size_t i = 0; i < trampolines_.size(); ++i) {
    const Plan::Trampoline& from = plan().trampolines[i];
    BoundTrampoline& to = trampolines_[i];
    to.linked = this;
    to.plan = &from;
    if (from.options != kNone)
      to.options = &plan().options[from.options];
    if (from.kind == Plan::TrampolineKind::lower_import) {
      to.target = functions_[from.import];
      to.name = display_name(plan().imports[from.import]);
    }
    if (is_resource_builtin(from.kind))
      to.resource = resource_type(from.type);
    to.host = {builtin_function(from.kind), &to};
    if (to.host.function == nullptr) {
      return Error{Code::unsupported, "the component uses asynchronous functions of WASI 0.3 "
                                      "(component model async), which nacre does not run yet"};
    }
  }
  return {};
}

Result<> Linked::prepare_modules() {
  flags_.resize(plan().counts.component_instances, false);
  reallocs_.resize(plan().counts.reallocs, nullptr);
  for (const Plan::Initializer& initializer : plan().initializers) {
    if (const auto* realloc = std::get_if<Plan::ExtractRealloc>(&initializer))
      reallocs_[realloc->index] = &realloc->def;
    const auto* step = std::get_if<Plan::Instantiate>(&initializer);
    if (step == nullptr)
      continue;
    CoreInstance& core = core_instances_.emplace_back();
    core.plan = step;
    starts_ = starts_ || plan().modules[step->module].has_start;
    std::vector<engine::HostFunc> functions;
    for (const Plan::CoreDef& arg : step->args) {
      if (arg.kind == Plan::CoreDef::Kind::instance_flags)
        flags_[arg.index] = true;
      if (arg.kind == Plan::CoreDef::Kind::trampoline)
        functions.push_back(trampolines_[arg.index].host);
    }
    if (functions.size() != step->args.size())
      continue;
    auto prepared = engine::Prepared::make(engine_, component_->module(step->module), functions);
    if (prepared.has_value()) {
      core.prepared = std::move(*prepared);
    } else if (prepared.error().code() != Code::unsupported) {
      return std::move(prepared.error()).context("preparing a core module");
    }
  }
  return {};
}

} // namespace nacre::component
