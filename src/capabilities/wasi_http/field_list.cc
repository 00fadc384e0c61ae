// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_http/field_list.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace nacre::wasi_http {
namespace {

using namespace std::string_view_literals;

// The connection's own fields (RFC 9110 7.6.1 and those that clients of old made up), what
// addresses a proxy, and Host: the list that guests know from other hosts.
constexpr std::array kForbidden{
    "connection"sv,
    "host"sv,
    "http2-settings"sv,
    "keep-alive"sv,
    "proxy-authenticate"sv,
    "proxy-authorization"sv,
    "proxy-connection"sv,
    "transfer-encoding"sv,
    "upgrade"sv,
};

constexpr std::string_view kContentLength = "content-length";

bool is_space(char c) {
  return c == ' ' || c == '\t';
}

} // namespace

bool is_forbidden(std::string_view name) {
  return std::ranges::any_of(kForbidden,
                             [&](std::string_view one) { return http::same_text(one, name); });
}

std::optional<std::string_view> clean_value(std::string_view value) {
  while (!value.empty() && is_space(value.front()))
    value.remove_prefix(1);
  while (!value.empty() && is_space(value.back()))
    value.remove_suffix(1);
  if (!http::valid_value(value))
    return std::nullopt;
  return value;
}

std::optional<std::uint64_t> parse_content_length(std::string_view value) {
  std::uint64_t length = 0;
  const char* const end = value.data() + value.size();
  // from_chars takes digits only: no sign, no space.
  const auto [stop, problem] = std::from_chars(value.data(), end, length);
  if (value.empty() || problem != std::errc{} || stop != end)
    return std::nullopt;
  return length;
}

FieldList::FieldList() : memory_(buffer_, kInline), lines_(&memory_) {}

FieldProblem FieldList::check_name(std::string_view name) {
  if (!http::valid_name(name))
    return FieldProblem::syntax;
  return is_forbidden(name) ? FieldProblem::forbidden : FieldProblem::none;
}

FieldProblem FieldList::check_value(std::string_view name, std::string_view value) {
  const auto clean = clean_value(value);
  if (!clean)
    return FieldProblem::syntax;
  if (http::same_text(name, kContentLength) && !parse_content_length(*clean))
    return FieldProblem::syntax;
  return FieldProblem::none;
}

FieldProblem FieldList::append(std::string_view name, std::string_view value) {
  if (const auto problem = check_name(name); problem != FieldProblem::none)
    return problem;
  const auto clean = clean_value(value);
  if (!clean)
    return FieldProblem::syntax;
  if (http::same_text(name, kContentLength)) {
    const auto same = [](const http::Field& line) {
      return http::same_text(line.name, kContentLength);
    };
    // Two lengths make the end of a message a matter of opinion.
    if (!parse_content_length(*clean) || std::ranges::any_of(lines_, same))
      return FieldProblem::syntax;
  }
  return store(name, *clean);
}

FieldProblem FieldList::copy(const http::Field& line) {
  return store(line.name, line.value);
}

FieldProblem FieldList::store(std::string_view name, std::string_view value) {
  const std::size_t cost = name.size() + value.size() + kLineCost;
  if (cost > kMostBytes - bytes_ || lines_.size() == kMostLines)
    return FieldProblem::too_large;
  if (lines_.capacity() == 0)
    lines_.reserve(6);
  auto* const text = static_cast<char*>(memory_.allocate(name.size() + value.size() + 1, 1));
  std::ranges::copy(name, text);
  std::ranges::copy(value, text + name.size());
  lines_.push_back({{text, name.size()}, {text + name.size(), value.size()}});
  bytes_ += cost;
  return FieldProblem::none;
}

void FieldList::remove(std::string_view name) {
  const std::size_t before = bytes_;
  std::erase_if(lines_, [&](const http::Field& line) {
    if (!http::same_text(line.name, name))
      return false;
    bytes_ -= line.name.size() + line.value.size() + kLineCost;
    return true;
  });
  wasted_ += before - bytes_;
  // Set and delete in turns must not grow the memory.
  if (wasted_ > kMostBytes)
    compact();
}

void FieldList::compact() {
  std::vector<std::pair<std::string, std::string>> kept;
  kept.reserve(lines_.size());
  for (const http::Field& line : lines_)
    kept.emplace_back(line.name, line.value);
  std::pmr::vector<http::Field>{&memory_}.swap(lines_);
  memory_.release();
  bytes_ = wasted_ = 0;
  for (const auto& [name, value] : kept)
    store(name, value);
}

} // namespace nacre::wasi_http
