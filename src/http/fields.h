// SPDX-License-Identifier: Apache-2.0
// Fields: the header or trailer lines of a message, in order; names from the wire are in lower
// case.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace nacre::http {

struct Field {
  std::string_view name;
  std::string_view value;
};

/// An ordered list of lines. add() copies its text into the object; add_view() borrows text that
/// must live as long as the object. A head that the server or client hands out borrows from the
/// connection's buffer and is valid as long as the exchange.
class Fields {
public:
  Fields() = default;
  Fields(Fields&&) noexcept = default;
  Fields& operator=(Fields&&) noexcept = default;
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;
  /// A copy that owns all its text.
  Fields clone() const;

  void add(std::string_view name, std::string_view value);
  void add_view(std::string_view name, std::string_view value) { lines_.push_back({name, value}); }
  /// Removes all lines of that name; returns how many there were.
  std::size_t remove(std::string_view name);
  /// Forgets the lines and keeps the capacity.
  void clear();
  void reserve(std::size_t count) { lines_.reserve(count); }

  std::span<const Field> lines() const { return lines_; }
  std::size_t size() const { return lines_.size(); }
  bool empty() const { return lines_.empty(); }
  /// The first value of that name (any case).
  std::optional<std::string_view> find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name).has_value(); }
  std::size_t count(std::string_view name) const;
  /// Whether a comma-separated list in any line of that name holds `token` (any case).
  bool has_token(std::string_view name, std::string_view token) const;

private:
  std::vector<Field> lines_;
  std::vector<std::unique_ptr<char[]>> text_;
};

/// Compares ASCII text without regard to case.
bool same_text(std::string_view a, std::string_view b);
/// A token of RFC 9110 5.6.2: what a field name and a method may be.
bool valid_name(std::string_view name);
/// What a field value may hold: no control characters but tab, no space at either end.
bool valid_value(std::string_view value);

} // namespace nacre::http
