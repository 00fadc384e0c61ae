// SPDX-License-Identifier: Apache-2.0
#include "component/linker.h"

namespace nacre::component {
namespace {

struct Named {
  std::string_view name;
  std::string_view version;
};

Named split(std::string_view import) {
  const auto at = import.find('@');
  if (at == std::string_view::npos)
    return {import, {}};
  return {import.substr(0, at), import.substr(at + 1)};
}

} // namespace

std::string compatibility_of(std::string_view version) {
  if (version.find('-') != std::string_view::npos)
    return std::string(version);
  const auto first = version.find('.');
  const auto second = first == std::string_view::npos ? first : version.find('.', first + 1);
  if (second == std::string_view::npos)
    return std::string(version);
  const auto major = version.substr(0, first);
  const auto minor = version.substr(first + 1, second - first - 1);
  if (major != "0")
    return std::string(major);
  if (minor != "0")
    return std::string(version.substr(0, second));
  return std::string(version.substr(0, version.find('+')));
}

Linker::Interface& Linker::at(std::string_view interface, std::string_view version) {
  auto& versions = interfaces_[std::string(interface)];
  for (Interface& have : versions) {
    if (have.version == version)
      return have;
  }
  versions.emplace_back().version = version;
  return versions.back();
}

void Linker::define(std::string_view interface, std::string_view version,
                    std::span<const HostFunc> functions, void* self) {
  Interface& into = at(interface, version);
  for (const HostFunc& function : functions) {
    into.functions.insert_or_assign(std::string(function.name), Function{&function, self});
  }
}

void Linker::define_resource(std::string_view interface, std::string_view version,
                             std::string_view name, const ResourceTag& tag) {
  at(interface, version).resources.insert_or_assign(std::string(name), &tag);
}

const Linker::Interface* Linker::find(std::string_view import) const {
  const Named wanted = split(import);
  const auto found = interfaces_.find(wanted.name);
  if (found == interfaces_.end())
    return nullptr;
  for (const Interface& have : found->second) {
    if (wanted.version.empty() ||
        compatibility_of(have.version) == compatibility_of(wanted.version))
      return &have;
  }
  return nullptr;
}

std::vector<std::string> Linker::versions_of(std::string_view import) const {
  std::vector<std::string> out;
  const auto found = interfaces_.find(split(import).name);
  if (found == interfaces_.end())
    return out;
  for (const Interface& have : found->second)
    out.push_back(have.version);
  return out;
}

std::vector<std::string> Linker::offered() const {
  std::vector<std::string> out;
  for (const auto& [name, versions] : interfaces_) {
    for (const Interface& have : versions)
      out.push_back(name + "@" + have.version);
  }
  return out;
}

} // namespace nacre::component
