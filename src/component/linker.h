// SPDX-License-Identifier: Apache-2.0
// Linker: everything the host offers to components, by interface and version; finds what serves an
// import.
#pragma once

#include "component/host_call.h"
#include "component/resource.h"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nacre::component {

/// Filled once by generated `link_…` functions, then only read. What it points to (host objects,
/// static tables) outlives every guest that was linked with it. Belongs to one loop when its host
/// objects do.
class Linker {
public:
  /// Offers functions of `interface` ("wasi:io/streams") in `version` ("0.2.12"); `self` is handed
  /// to their thunks. May be called several times for one interface.
  void define(std::string_view interface, std::string_view version,
              std::span<const HostFunc> functions, void* self);
  /// Offers a resource type of the interface.
  void define_resource(std::string_view interface, std::string_view version, std::string_view name,
                       const ResourceTag& tag);

  struct Function {
    const HostFunc* func = nullptr;
    void* self = nullptr;
  };
  struct Interface {
    std::string version;
    std::map<std::string, Function, std::less<>> functions;
    std::map<std::string, const ResourceTag*, std::less<>> resources;
  };

  /// What serves an import written as "wasi:io/streams@0.2.6" (or without version): the offer of
  /// that name with a semver-compatible version (component model: same major; for 0.x the same
  /// minor; for 0.0.x and pre-releases equal). Null: nobody.
  const Interface* find(std::string_view import) const;
  /// Versions on offer of that interface whatever the import's version, for messages.
  std::vector<std::string> versions_of(std::string_view import) const;
  /// Every interface on offer with its versions, sorted.
  std::vector<std::string> offered() const;

private:
  Interface& at(std::string_view interface, std::string_view version);

  std::map<std::string, std::vector<Interface>, std::less<>> interfaces_;
};

/// The part of a version that compatible versions share: "0.2" of "0.2.6", "1" of "1.4.0", all of
/// "0.0.3" and of "0.2.0-rc.1".
std::string compatibility_of(std::string_view version);

} // namespace nacre::component
