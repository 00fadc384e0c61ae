// SPDX-License-Identifier: Apache-2.0
// Version: a semantic version, and which versions of an interface stand in for each other.
#pragma once

#include "base/result.h"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace nacre::wit {

/// Semantic versioning 2.0.0: "1.2.3-rc.1+build".
struct Version {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::uint64_t patch = 0;
  std::string prerelease; ///< "rc.1"; empty for a release.
  std::string build;      ///< Metadata: printed, never compared.

  /// Code::invalid with a sentence that quotes `text`.
  static Result<Version> parse(std::string_view text);
  std::string to_string() const;

  /// What compatible versions share: "0.2" of 0.2.6, "1" of 1.4.0, and all but the build of 0.0.x
  /// and of prereleases, which only equal themselves.
  std::string track() const;

  /// Equality and order as semver has them: the build does not count.
  friend bool operator==(const Version& a, const Version& b) { return (a <=> b) == 0; }
  friend std::strong_ordering operator<=>(const Version& a, const Version& b);
};

/// True if an import of one may be served by the other, whichever is newer (component model,
/// "canonical interface name").
bool compatible(const Version& a, const Version& b);

} // namespace nacre::wit
