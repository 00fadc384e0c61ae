// SPDX-License-Identifier: Apache-2.0
// Names as WIT writes them: packages, interfaces and labels.
#pragma once

#include "base/result.h"
#include "wit/version.h"

#include <optional>
#include <string>
#include <string_view>

namespace nacre::wit {

/// True for a kebab-case label: words of one case joined by hyphens, the first starting with a
/// letter ("get-URL2").
bool is_label(std::string_view text);

/// "wasi:http@0.2.12", or without version.
struct PackageName {
  std::string ns;
  std::string name;
  std::optional<Version> version;

  static Result<PackageName> parse(std::string_view text);
  std::string to_string() const;
  bool operator==(const PackageName&) const = default;
};

/// "wasi:http/types@0.2.12": what components import and export. The version, if any, is that of the
/// package.
struct InterfaceName {
  PackageName package;
  std::string interface;

  /// Code::invalid with a sentence that quotes `text`.
  static Result<InterfaceName> parse(std::string_view text);
  std::string to_string() const;
  /// Without the version: "wasi:http/types".
  std::string unversioned() const;
  bool operator==(const InterfaceName&) const = default;
};

/// True if `offered` may serve an import of `wanted`: same package and interface, compatible
/// versions (or none on both sides).
bool serves(const InterfaceName& offered, const InterfaceName& wanted);

} // namespace nacre::wit
