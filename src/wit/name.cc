// SPDX-License-Identifier: Apache-2.0
#include "wit/name.h"

#include <fmt/format.h>

#include <algorithm>

namespace nacre::wit {
namespace {

Error bad_name(std::string_view kind, std::string_view text, std::string_view why) {
  return Error{Code::invalid, fmt::format("'{}' is not {}: {}", text, kind, why)};
}

} // namespace

bool is_label(std::string_view text) {
  enum class Case { none, digits, lower, upper };
  Case word = Case::none;
  bool first_word = true;
  for (const char c : text) {
    if (c == '-') {
      if (word == Case::none)
        return false;
      word = Case::none;
      first_word = false;
    } else if (c >= '0' && c <= '9') {
      if (word == Case::none) {
        if (first_word)
          return false;
        word = Case::digits;
      }
    } else {
      const bool lower = c >= 'a' && c <= 'z';
      if (!lower && !(c >= 'A' && c <= 'Z'))
        return false;
      const Case now = lower ? Case::lower : Case::upper;
      if (word == Case::none || word == Case::digits)
        word = now;
      else if (word != now)
        return false;
    }
  }
  return word != Case::none;
}

Result<PackageName> PackageName::parse(std::string_view text) {
  constexpr std::string_view kKind = "a package name (namespace:name@version)";
  PackageName package;
  std::string_view rest = text;
  if (const std::size_t at = rest.find('@'); at != std::string_view::npos) {
    TRY(package.version, Version::parse(rest.substr(at + 1)).context(text));
    rest = rest.substr(0, at);
  }
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos)
    return bad_name(kKind, text, "there is no ':'");
  package.ns = rest.substr(0, colon);
  package.name = rest.substr(colon + 1);
  for (const std::string& part : {package.ns, package.name}) {
    if (!is_label(part))
      return bad_name(kKind, text, fmt::format("'{}' is not a label", part));
  }
  return package;
}

std::string PackageName::to_string() const {
  std::string text = fmt::format("{}:{}", ns, name);
  if (version)
    text += "@" + version->to_string();
  return text;
}

Result<InterfaceName> InterfaceName::parse(std::string_view text) {
  constexpr std::string_view kKind = "an interface name (namespace:package/interface@version)";
  const std::size_t at = std::min(text.find('@'), text.size());
  const std::size_t slash = text.substr(0, at).find('/');
  if (slash == std::string_view::npos)
    return bad_name(kKind, text, "there is no '/'");
  InterfaceName name;
  name.interface = text.substr(slash + 1, at - slash - 1);
  if (!is_label(name.interface))
    return bad_name(kKind, text, fmt::format("'{}' is not a label", name.interface));
  const std::string package = fmt::format("{}{}", text.substr(0, slash), text.substr(at));
  TRY(name.package, PackageName::parse(package).context(text));
  return name;
}

std::string InterfaceName::unversioned() const {
  return fmt::format("{}:{}/{}", package.ns, package.name, interface);
}

std::string InterfaceName::to_string() const {
  std::string text = unversioned();
  if (package.version)
    text += "@" + package.version->to_string();
  return text;
}

bool serves(const InterfaceName& offered, const InterfaceName& wanted) {
  if (offered.interface != wanted.interface || offered.package.ns != wanted.package.ns ||
      offered.package.name != wanted.package.name ||
      offered.package.version.has_value() != wanted.package.version.has_value())
    return false;
  return !wanted.package.version || compatible(*offered.package.version, *wanted.package.version);
}

} // namespace nacre::wit
