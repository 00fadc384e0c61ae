// SPDX-License-Identifier: Apache-2.0
// What the host hands to guests behind a handle.
#pragma once

#include <string_view>

namespace nacre::component {

/// Names one WIT resource; one static object each, its address is the type's identity.
struct ResourceTag {
  /// "wasi:io/streams/output-stream": package, interface, resource, no version.
  std::string_view name;

  constexpr explicit ResourceTag(std::string_view text) : name(text) {}
  ResourceTag(const ResourceTag&) = delete;
  ResourceTag& operator=(const ResourceTag&) = delete;
};

/// A host object that a guest may hold a handle to; every generated resource class derives from it.
/// Owned by the guest's handle table between calls; destroyed when the guest drops its own handle.
class Resource {
public:
  Resource() = default;
  Resource(const Resource&) = delete;
  Resource& operator=(const Resource&) = delete;
  virtual ~Resource() = default;

  virtual const ResourceTag& tag() const = 0;
};

} // namespace nacre::component
