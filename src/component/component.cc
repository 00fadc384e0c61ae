// SPDX-License-Identifier: Apache-2.0
#include "component/component.h"

#include "component/linker.h"
#include "component/plan_reader.h"
#include "component/planner.h"

namespace nacre::component {

Result<std::shared_ptr<const Component>> Component::compile(const engine::Engine& engine,
                                                            std::span<const std::byte> bytes) {
  TRY(const auto plan_bytes, make_plan(bytes));
  TRY(auto plan, read_plan(plan_bytes));
  std::vector<engine::Module> modules;
  for (const Plan::Module& module : plan.modules) {
    TRY(auto compiled, engine.compile_and_load(module.bytes).context("compiling a core module"));
    modules.push_back(std::move(compiled));
  }
  return std::make_shared<const Component>(std::move(plan), std::move(modules));
}

const Plan::ExportFunction* Component::find_function(std::string_view interface,
                                                     std::string_view function) const {
  const auto at = interface.find('@');
  const auto name = interface.substr(0, at);
  const auto wanted = at == std::string_view::npos ? std::string_view{} : interface.substr(at + 1);
  for (const Plan::NamedExport& root : plan_.root_exports) {
    const std::string_view have = root.name;
    const auto have_at = have.find('@');
    if (have.substr(0, have_at) != name)
      continue;
    const auto version =
        have_at == std::string_view::npos ? std::string_view{} : have.substr(have_at + 1);
    if (!wanted.empty() && compatibility_of(version) != compatibility_of(wanted))
      continue;
    const auto* instance = std::get_if<Plan::ExportInstance>(&plan_.exports[root.export_index]);
    if (instance == nullptr)
      continue;
    for (const Plan::NamedExport& item : instance->items) {
      if (item.name == function)
        return std::get_if<Plan::ExportFunction>(&plan_.exports[item.export_index]);
    }
  }
  return nullptr;
}

} // namespace nacre::component
