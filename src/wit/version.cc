// SPDX-License-Identifier: Apache-2.0
#include "wit/version.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace nacre::wit {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, is_digit);
}

/// Cuts the text up to `separator` off the front; all of it if there is none.
std::string_view cut(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view front = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return front;
}

/// A number without leading zeros.
std::optional<std::uint64_t> parse_number(std::string_view text) {
  if (text.empty() || !all_digits(text) || (text.size() > 1 && text[0] == '0'))
    return std::nullopt;
  std::uint64_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{})
    return std::nullopt;
  return value;
}

/// Dot-separated identifiers of letters, digits and hyphens; numeric ones of a prerelease have no
/// leading zeros.
bool valid_identifiers(std::string_view text, bool numbers) {
  if (text.empty() || text.back() == '.')
    return false;
  while (!text.empty()) {
    const std::string_view part = cut(text, '.');
    const auto allowed = [](char c) {
      return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    };
    if (part.empty() || !std::ranges::all_of(part, allowed))
      return false;
    if (numbers && all_digits(part) && part.size() > 1 && part[0] == '0')
      return false;
  }
  return true;
}

/// Numbers by value (any length) and below words; words by ASCII.
std::strong_ordering compare_identifier(std::string_view a, std::string_view b) {
  const bool number_a = all_digits(a);
  const bool number_b = all_digits(b);
  if (number_a != number_b)
    return number_a ? std::strong_ordering::less : std::strong_ordering::greater;
  if (number_a && a.size() != b.size())
    return a.size() <=> b.size();
  return a.compare(b) <=> 0;
}

std::strong_ordering compare_prerelease(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty())
    return b.size() <=> a.size() == 0 ? std::strong_ordering::equal
           : a.empty()                ? std::strong_ordering::greater
                                      : std::strong_ordering::less;
  while (!a.empty() && !b.empty()) {
    const auto order = compare_identifier(cut(a, '.'), cut(b, '.'));
    if (order != 0)
      return order;
  }
  return !a.empty() <=> !b.empty();
}

} // namespace

Result<Version> Version::parse(std::string_view text) {
  const auto bad = [text](std::string_view why) {
    return Error{Code::invalid, fmt::format("'{}' is not a version: {}", text, why)};
  };
  std::string_view rest = text;
  Version version;
  if (const std::size_t plus = rest.find('+'); plus != std::string_view::npos) {
    version.build = rest.substr(plus + 1);
    rest = rest.substr(0, plus);
    if (!valid_identifiers(version.build, false))
      return bad("its build is not made of letters, digits and hyphens");
  }
  if (const std::size_t dash = rest.find('-'); dash != std::string_view::npos) {
    version.prerelease = rest.substr(dash + 1);
    rest = rest.substr(0, dash);
    if (!valid_identifiers(version.prerelease, true))
      return bad("its prerelease is not made of letters, digits and hyphens");
  }
  const auto dots = std::ranges::count(rest, '.');
  const auto major = parse_number(cut(rest, '.'));
  const auto minor = parse_number(cut(rest, '.'));
  const auto patch = parse_number(rest);
  if (dots != 2 || !major || !minor || !patch)
    return bad("want three numbers, as in 0.2.12");
  version.major = *major;
  version.minor = *minor;
  version.patch = *patch;
  return version;
}

std::string Version::to_string() const {
  std::string text = fmt::format("{}.{}.{}", major, minor, patch);
  if (!prerelease.empty())
    text += "-" + prerelease;
  if (!build.empty())
    text += "+" + build;
  return text;
}

std::string Version::track() const {
  if (!prerelease.empty())
    return fmt::format("{}.{}.{}-{}", major, minor, patch, prerelease);
  if (major > 0)
    return std::to_string(major);
  return minor > 0 ? fmt::format("0.{}", minor) : fmt::format("0.0.{}", patch);
}

std::strong_ordering operator<=>(const Version& a, const Version& b) {
  if (const auto order = a.major <=> b.major; order != 0)
    return order;
  if (const auto order = a.minor <=> b.minor; order != 0)
    return order;
  if (const auto order = a.patch <=> b.patch; order != 0)
    return order;
  return compare_prerelease(a.prerelease, b.prerelease);
}

bool compatible(const Version& a, const Version& b) {
  return a.track() == b.track();
}

} // namespace nacre::wit
