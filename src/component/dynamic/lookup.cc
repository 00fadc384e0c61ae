// SPDX-License-Identifier: Apache-2.0
#include "component/dynamic/lookup.h"

#include "wit/name.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

namespace nacre::component {
namespace {

struct Candidate {
  std::string_view interface; ///< Empty for functions of the world.
  std::string_view function;
  const Plan::ExportFunction* exported;

  std::string name() const {
    return interface.empty() ? std::string{function} : fmt::format("{}#{}", interface, function);
  }
};

std::vector<Candidate> functions_of(const Plan& plan) {
  std::vector<Candidate> found;
  for (const Plan::NamedExport& root : plan.root_exports) {
    const Plan::Export& item = plan.exports[root.export_index];
    if (const auto* function = std::get_if<Plan::ExportFunction>(&item))
      found.push_back({"", root.name, function});
    const auto* instance = std::get_if<Plan::ExportInstance>(&item);
    if (instance == nullptr)
      continue;
    for (const Plan::NamedExport& inner : instance->items) {
      if (const auto* function =
              std::get_if<Plan::ExportFunction>(&plan.exports[inner.export_index]))
        found.push_back({root.name, inner.name, function});
    }
  }
  return found;
}

/// Whether what was typed names the interface: literally, without its version, or in a version that
/// stands in for it.
bool names_interface(std::string_view typed, std::string_view interface) {
  if (typed == interface || typed == interface.substr(0, interface.find('@')))
    return true;
  const auto wanted = wit::InterfaceName::parse(typed);
  const auto offered = wit::InterfaceName::parse(interface);
  return wanted.has_value() && offered.has_value() && serves(*offered, *wanted);
}

} // namespace

Result<const Plan::ExportFunction*> find_export(const Component& component, std::string_view name) {
  const std::vector<Candidate> all = functions_of(component.plan());
  const std::size_t hash = name.find('#');
  const bool bare = hash == std::string_view::npos;
  std::vector<Candidate> fitting;
  for (const Candidate& candidate : all) {
    if (bare ? candidate.function == name
             : candidate.function == name.substr(hash + 1) &&
                   names_interface(name.substr(0, hash), candidate.interface))
      fitting.push_back(candidate);
  }
  // A function of the world hides those of interfaces.
  if (bare && std::ranges::any_of(fitting, [](const Candidate& c) { return c.interface.empty(); }))
    std::erase_if(fitting, [](const Candidate& c) { return !c.interface.empty(); });
  if (fitting.size() == 1)
    return fitting[0].exported;
  std::vector<std::string> names;
  for (const Candidate& candidate : fitting.empty() ? all : fitting)
    names.push_back(candidate.name());
  std::ranges::sort(names);
  if (!fitting.empty())
    return Error{Code::invalid, fmt::format("'{}' may be any of {}", name, fmt::join(names, ", "))};
  if (names.empty())
    return Error{Code::not_found, "the component exports no functions"};
  return Error{Code::not_found, fmt::format("the component exports no function '{}', but {}", name,
                                            fmt::join(names, ", "))};
}

} // namespace nacre::component
