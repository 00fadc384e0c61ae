// SPDX-License-Identifier: Apache-2.0
// FieldList: the lines that a guest put together for a message, and the rules that each must keep.
#pragma once

#include "http/fields.h"

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace nacre::wasi_http {

/// Why a line was not taken. The first three are the cases of WIT's header-error.
enum class FieldProblem : std::uint8_t { none, syntax, forbidden, immutable, too_large };

/// What guests may neither set nor see: the fields of the connection itself, and Host, which is the
/// authority of a request. Any case.
bool is_forbidden(std::string_view name);

/// The value without white space around it (it belongs to the line, RFC 9110 5.5), or nothing if it
/// holds control characters.
std::optional<std::string_view> clean_value(std::string_view value);

/// Digits that fit 64 bits; nothing for anything else.
std::optional<std::uint64_t> parse_content_length(std::string_view value);

/// Lines of a head or of trailers, wherever they live.
class FieldSource {
public:
  FieldSource() = default;
  FieldSource(const FieldSource&) = delete;
  FieldSource& operator=(const FieldSource&) = delete;
  virtual ~FieldSource() = default;

  virtual std::span<const http::Field> lines() const = 0;
};

/// Owns its text. Names keep the case they came in. Small lists need no allocation beyond the
/// object.
class FieldList final : public FieldSource {
public:
  /// What all lines may come to; each counts kLineCost on top of its text.
  static constexpr std::size_t kMostBytes = std::size_t{128} * 1024;
  static constexpr std::size_t kMostLines = 1024;
  static constexpr std::size_t kLineCost = 32;

  FieldList();

  std::span<const http::Field> lines() const override { return lines_; }

  /// Adds a line: syntax, forbidden or too_large. A second Content-Length is a syntax error.
  FieldProblem append(std::string_view name, std::string_view value);
  /// Adds a line that came over the wire; the only thing looked at is the size.
  FieldProblem copy(const http::Field& line);
  /// Checks a name that is about to be set or deleted.
  static FieldProblem check_name(std::string_view name);
  /// Checks a value of `name`.
  static FieldProblem check_value(std::string_view name, std::string_view value);
  /// Removes all lines of that name.
  void remove(std::string_view name);

  std::size_t bytes() const { return bytes_; }

private:
  FieldProblem store(std::string_view name, std::string_view value);
  void compact();

  static constexpr std::size_t kInline = 640;
  alignas(http::Field) std::byte buffer_[kInline]; // uninitialised on purpose
  std::pmr::monotonic_buffer_resource memory_;
  std::pmr::vector<http::Field> lines_;
  std::size_t bytes_ = 0;  // of the lines, as limited
  std::size_t wasted_ = 0; // text of removed lines that is still held
};

} // namespace nacre::wasi_http
