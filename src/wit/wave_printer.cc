// SPDX-License-Identifier: Apache-2.0
// The printer of WAVE.
#include "base/ensure.h"
#include "wit/utf8.h"
#include "wit/wave.h"
#include "wit/wave_lexer.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace nacre::wit {
namespace {

class Printer {
public:
  explicit Printer(const TypeTable& types) : types_(types) {}

  void print(TypeIndex index, const Value& value);
  std::string take() { return std::move(out_); }

private:
  void scalar(const Value& value);
  template <class Float> void real(Float value);
  void character(char32_t c, char quote);
  void string(const std::string& text);
  void sequence(const Type& type, const Value& value);
  void record(const Type& type, const Value& value);
  void flags(const Type& type, std::uint64_t bits);
  void variant(const Type& type, const Value& value);
  void separate(bool& first) {
    if (!first)
      out_ += ", ";
    first = false;
  }

  const TypeTable& types_;
  std::string out_;
};

void Printer::print(TypeIndex index, const Value& value) {
  const Type& type = types_[index];
  ENSURE(type.kind == value.kind(), "a value is printed as one of another type");
  switch (type.kind) {
  case Kind::list:
  case Kind::fixed_list:
  case Kind::map:
  case Kind::tuple:
    return sequence(type, value);
  case Kind::record:
    return record(type, value);
  case Kind::variant:
  case Kind::enumeration:
  case Kind::option:
  case Kind::result:
    return variant(type, value);
  case Kind::flags:
    return flags(type, value.bits());
  case Kind::string:
    return string(value.text());
  case Kind::own:
  case Kind::borrow:
  case Kind::stream:
  case Kind::future:
  case Kind::error_context:
    out_ += fmt::format("<{}{}{}>", to_string(type.kind), type.resource.empty() ? "" : " ",
                        type.resource);
    return;
  default:
    return scalar(value);
  }
}

void Printer::scalar(const Value& value) {
  switch (value.kind()) {
  case Kind::boolean:
    out_ += value.bits() != 0 ? "true" : "false";
    return;
  case Kind::f32:
    return real(value.as_f32());
  case Kind::f64:
    return real(value.as_f64());
  case Kind::character:
    out_ += '\'';
    character(static_cast<char32_t>(value.bits()), '\'');
    out_ += '\'';
    return;
  case Kind::s8:
  case Kind::s16:
  case Kind::s32:
  case Kind::s64:
    out_ += std::to_string(value.integer());
    return;
  default:
    out_ += std::to_string(value.bits());
    return;
  }
}

/// The shortest text that reads back as the same number.
template <class Float> void Printer::real(Float value) {
  if (std::isnan(value)) {
    out_ += "nan";
    return;
  }
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out_.append(text.data(), end);
}

void Printer::character(char32_t c, char quote) {
  constexpr std::string_view kEscaped = "\\\t\n\r";
  constexpr std::string_view kLetters = "\\tnr";
  if (c < 0x80 && static_cast<char>(c) == quote) {
    out_ += '\\';
    out_ += quote;
  } else if (const std::size_t i = c < 0x80 ? kEscaped.find(static_cast<char>(c)) : kEscaped.npos;
             i != kEscaped.npos) {
    out_ += '\\';
    out_ += kLetters[i];
  } else if (c < 0x20 || (c >= 0x7F && c < 0xA0)) {
    out_ += fmt::format("\\u{{{:x}}}", std::uint32_t{c});
  } else {
    append_scalar(out_, c);
  }
}

void Printer::string(const std::string& text) {
  out_ += '"';
  for (std::size_t at = 0; at < text.size();)
    character(take_scalar(text, at), '"');
  out_ += '"';
}

void Printer::sequence(const Type& type, const Value& value) {
  const bool tuple = type.kind == Kind::tuple;
  const auto items = value.items();
  ENSURE(!tuple || items.size() == type.fields.size(), "a tuple has elements too few or too many");
  out_ += tuple ? '(' : '[';
  bool first = true;
  for (std::size_t i = 0; i < items.size(); ++i) {
    separate(first);
    if (type.kind == Kind::map) {
      const auto entry = items[i].items();
      ENSURE(entry.size() == 2, "a map's entry is not a pair");
      out_ += '(';
      print(type.fields[0].type, entry[0]);
      out_ += ", ";
      print(type.fields[1].type, entry[1]);
      out_ += ')';
    } else {
      print(type.fields[tuple ? i : 0].type, items[i]);
    }
  }
  out_ += tuple ? ')' : ']';
}

void Printer::record(const Type& type, const Value& value) {
  const auto items = value.items();
  ENSURE(items.size() == type.fields.size(), "a record has fields too few or too many");
  out_ += '{';
  bool first = true;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].kind() == Kind::option && items[i].index() == 0)
      continue;
    separate(first);
    out_ += type.fields[i].name;
    out_ += ": ";
    print(type.fields[i].type, items[i]);
  }
  out_ += first ? ":}" : "}";
}

void Printer::flags(const Type& type, std::uint64_t bits) {
  out_ += '{';
  bool first = true;
  for (std::size_t i = 0; i < type.fields.size() && i < 64; ++i) {
    if (((bits >> i) & 1) == 0)
      continue;
    separate(first);
    out_ += type.fields[i].name;
  }
  out_ += '}';
}

void Printer::variant(const Type& type, const Value& value) {
  ENSURE(value.index() < type.fields.size(), "a variant has no such case");
  const Field& field = type.fields[value.index()];
  const bool named = type.kind == Kind::variant || type.kind == Kind::enumeration;
  if (type.kind == Kind::result)
    out_ += value.index() == 0 ? "ok" : "err";
  else
    out_ += (named && is_keyword(field.name) ? "%" : "") + field.name;
  const auto items = value.items();
  ENSURE(items.size() == (field.type == kNoType ? 0u : 1u), "a case has the wrong payload");
  if (!items.empty()) {
    out_ += '(';
    print(field.type, items[0]);
    out_ += ')';
  }
}

} // namespace

std::string to_wave(const TypeTable& types, TypeIndex type, const Value& value) {
  Printer printer{types};
  printer.print(type, value);
  return printer.take();
}

} // namespace nacre::wit
