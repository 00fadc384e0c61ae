// SPDX-License-Identifier: Apache-2.0
#include "http/fields.h"

#include "http/chars.h"

#include <algorithm>
#include <cstring>

namespace nacre::http {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

} // namespace

bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

bool valid_name(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return of_byte(kTokenLower, c) != 0; });
}

bool valid_value(std::string_view value) {
  return trimmed(value).size() == value.size() &&
         std::ranges::all_of(value, [](char c) { return of_byte(kValueByte, c); });
}

Fields Fields::clone() const {
  Fields out;
  out.lines_.reserve(lines_.size());
  for (const Field& line : lines_)
    out.add(line.name, line.value);
  return out;
}

void Fields::add(std::string_view name, std::string_view value) {
  auto text = std::make_unique_for_overwrite<char[]>(name.size() + value.size() + 1);
  std::ranges::copy(name, text.get());
  std::ranges::copy(value, text.get() + name.size());
  lines_.push_back({{text.get(), name.size()}, {text.get() + name.size(), value.size()}});
  text_.push_back(std::move(text));
}

std::size_t Fields::remove(std::string_view name) {
  return std::erase_if(lines_, [&](const Field& line) { return same_text(line.name, name); });
}

void Fields::clear() {
  lines_.clear();
  text_.clear();
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
  for (const Field& line : lines_) {
    if (same_text(line.name, name))
      return line.value;
  }
  return std::nullopt;
}

std::size_t Fields::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(lines_, [&](const Field& line) { return same_text(line.name, name); }));
}

bool Fields::has_token(std::string_view name, std::string_view token) const {
  for (const Field& line : lines_) {
    if (!same_text(line.name, name))
      continue;
    auto rest = line.value;
    for (;;) {
      const auto comma = rest.find(',');
      if (same_text(trimmed(rest.substr(0, comma)), token))
        return true;
      if (comma == std::string_view::npos)
        break;
      rest.remove_prefix(comma + 1);
    }
  }
  return false;
}

} // namespace nacre::http
