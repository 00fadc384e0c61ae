// SPDX-License-Identifier: Apache-2.0
// The parser of WAVE: recursive descent along the type, one token of lookahead.
#include "wit/utf8.h"
#include "wit/wave.h"
#include "wit/wave_lexer.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <optional>

namespace nacre::wit {
namespace {

constexpr int kMaxDepth = 100;

/// Options and results may be written as their bare payload, unless that is one of the two itself.
bool may_be_bare(Kind payload) {
  return payload != Kind::option && payload != Kind::result;
}

struct Range {
  std::int64_t low;
  std::uint64_t high;
};
Range range_of(Kind kind) {
  switch (kind) {
  case Kind::s8:
    return {INT8_MIN, INT8_MAX};
  case Kind::s16:
    return {INT16_MIN, INT16_MAX};
  case Kind::s32:
    return {INT32_MIN, INT32_MAX};
  case Kind::s64:
    return {INT64_MIN, INT64_MAX};
  case Kind::u8:
    return {0, UINT8_MAX};
  case Kind::u16:
    return {0, UINT16_MAX};
  case Kind::u32:
    return {0, UINT32_MAX};
  default:
    return {0, UINT64_MAX};
  }
}

/// Too large and too small numbers become infinity and zero, as the nearest value they have.
template <class Float> Float parse_float(std::string_view text) {
  Float value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc::result_out_of_range)
    return value;
  const bool negative = text.starts_with('-');
  // The decimal position of the first digit that is not zero decides, as no number without
  // exponent is long enough to be out of range by its digits alone and still near one.
  const std::size_t mark = text.find_first_of("eE");
  long exponent = 0;
  bool huge_exponent = false;
  if (mark != std::string_view::npos) {
    std::string_view digits = text.substr(mark + 1);
    if (digits.starts_with('+'))
      digits.remove_prefix(1);
    huge_exponent =
        std::from_chars(digits.data(), digits.data() + digits.size(), exponent).ec != std::errc{};
    if (huge_exponent)
      exponent = digits.starts_with('-') ? -1 : 1;
  }
  const std::string_view mantissa = text.substr(0, mark);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t first = mantissa.find_first_of("123456789");
  const long place = static_cast<long>(point) - static_cast<long>(first);
  const bool large = huge_exponent ? exponent > 0 : place + exponent > 0;
  const Float magnitude = large ? std::numeric_limits<Float>::infinity() : Float{0};
  return negative ? -magnitude : magnitude;
}

class Parser {
public:
  Parser(const TypeTable& types, std::string_view text, std::size_t offset = 0)
      : types_(types), lexer_(text, offset), now_(lexer_.next()) {}

  Result<Value> whole(TypeIndex type);
  Result<std::vector<Value>> arguments(std::span<const Field> params);

private:
  Result<Value> value(TypeIndex index);
  Result<Value> value_of(TypeIndex index, const Type& type);
  Result<Value> boolean(TypeIndex index);
  Result<Value> integer(TypeIndex index, Kind kind);
  Result<Value> real(TypeIndex index, Kind kind);
  Result<Value> character(TypeIndex index);
  Result<Value> string(TypeIndex index);
  Result<std::vector<Value>> list(TypeIndex index, const Type& type);
  Result<Value> pair(const Type& type);
  Result<Value> tuple(TypeIndex index, const Type& type);
  Result<Value> record(TypeIndex index, const Type& type);
  Result<Value> flags(TypeIndex index, const Type& type);
  Result<Value> variant(TypeIndex index, const Type& type);
  Result<Value> option(TypeIndex index, const Type& type);
  Result<Value> result(TypeIndex index, const Type& type);
  Result<std::vector<Value>> payload(const Field& wanted);
  Result<std::uint32_t> member(const Type& type, std::string_view what);

  Lexeme take() {
    const Lexeme taken = now_;
    now_ = lexer_.next();
    return taken;
  }
  bool at_symbol(char symbol) const {
    return now_.token == Token::symbol && lexer_.slice(now_)[0] == symbol;
  }
  /// An unmarked keyword.
  bool at_word(std::string_view word) const {
    return now_.token == Token::label && lexer_.slice(now_) == word;
  }
  bool accept(char symbol) {
    if (!at_symbol(symbol))
      return false;
    take();
    return true;
  }
  Result<> expect(char symbol) {
    if (accept(symbol))
      return {};
    return unexpected(fmt::format("'{}'", symbol));
  }
  /// After an element: true if another may follow, false if `close` was taken.
  Result<bool> more(char close) {
    if (accept(','))
      return !accept(close);
    if (accept(close))
      return false;
    return unexpected(fmt::format("',' or '{}'", close));
  }
  Error unexpected(std::string_view wanted) const {
    if (now_.token == Token::bad)
      return lexer_.error();
    return lexer_.fail(now_.start,
                       fmt::format("expected {}, found {}", wanted, lexer_.describe(now_)));
  }
  Error mismatch(TypeIndex index) const { return unexpected(types_.describe(index)); }

  const TypeTable& types_;
  Lexer lexer_;
  Lexeme now_;
  int depth_ = 0;
};

Result<Value> Parser::whole(TypeIndex type) {
  TRY(Value parsed, value(type));
  if (now_.token != Token::end)
    return unexpected("end of text");
  return parsed;
}

Result<std::vector<Value>> Parser::arguments(std::span<const Field> params) {
  std::vector<Value> values;
  std::size_t end = now_.start;
  if (now_.token != Token::end) {
    TRY_OK(expect('('));
    end = now_.start;
    bool open = !accept(')');
    while (open) {
      if (values.size() == params.size())
        return lexer_.fail(
            now_.start,
            fmt::format("there are more arguments than the {} of the function", params.size()));
      TRY(Value parsed, value(params[values.size()].type));
      values.push_back(std::move(parsed));
      end = now_.start;
      TRY(open, more(')'));
    }
    if (now_.token != Token::end)
      return unexpected("end of text");
  }
  while (values.size() < params.size()) {
    const Field& missing = params[values.size()];
    if (types_[missing.type].kind != Kind::option)
      return lexer_.fail(end, fmt::format("argument '{}' is missing, which is {}", missing.name,
                                          types_.describe(missing.type)));
    values.push_back(Value::none());
  }
  return values;
}

Result<Value> Parser::value(TypeIndex index) {
  if (depth_ == kMaxDepth)
    return lexer_.fail(now_.start, fmt::format("values nest at most {} deep", kMaxDepth));
  ++depth_;
  auto parsed = value_of(index, types_[index]);
  --depth_;
  return parsed;
}

Result<Value> Parser::value_of(TypeIndex index, const Type& type) {
  switch (type.kind) {
  case Kind::boolean:
    return boolean(index);
  case Kind::s8:
  case Kind::u8:
  case Kind::s16:
  case Kind::u16:
  case Kind::s32:
  case Kind::u32:
  case Kind::s64:
  case Kind::u64:
    return integer(index, type.kind);
  case Kind::f32:
  case Kind::f64:
    return real(index, type.kind);
  case Kind::character:
    return character(index);
  case Kind::string:
    return string(index);
  case Kind::list:
  case Kind::fixed_list:
  case Kind::map: {
    TRY(std::vector<Value> items, list(index, type));
    return Value::choice(type.kind, 0, std::move(items));
  }
  case Kind::tuple:
    return tuple(index, type);
  case Kind::record:
    return record(index, type);
  case Kind::variant:
  case Kind::enumeration:
    return variant(index, type);
  case Kind::option:
    return option(index, type);
  case Kind::result:
    return result(index, type);
  case Kind::flags:
    return flags(index, type);
  case Kind::own:
  case Kind::borrow:
  case Kind::stream:
  case Kind::future:
  case Kind::error_context:
    break;
  }
  return lexer_.fail(now_.start,
                     fmt::format("{} cannot be written as text", types_.describe(index)));
}

Result<Value> Parser::boolean(TypeIndex index) {
  const bool truth = at_word("true");
  if (!truth && !at_word("false"))
    return mismatch(index);
  take();
  return Value::boolean(truth);
}

Result<Value> Parser::integer(TypeIndex index, Kind kind) {
  const std::string_view text = lexer_.slice(now_);
  if (now_.token != Token::number || text.find_first_of(".eEi") != std::string_view::npos)
    return mismatch(index);
  const Range range = range_of(kind);
  std::uint64_t bits = 0;
  bool fits = false;
  if (range.low < 0) {
    std::int64_t number = 0;
    fits = std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc{} &&
           number >= range.low && number <= static_cast<std::int64_t>(range.high);
    bits = static_cast<std::uint64_t>(number);
  } else {
    fits = std::from_chars(text.data(), text.data() + text.size(), bits).ec == std::errc{} &&
           bits <= range.high;
  }
  if (!fits)
    return lexer_.fail(now_.start, fmt::format("{} is out of range for {}: {} to {}", text,
                                               to_string(kind), range.low, range.high));
  take();
  return Value::scalar(kind, bits);
}

Result<Value> Parser::real(TypeIndex index, Kind kind) {
  std::string_view text = lexer_.slice(now_);
  if (now_.token != Token::number && !at_word("inf") && !at_word("nan"))
    return mismatch(index);
  take();
  if (text == "nan")
    return kind == Kind::f32 ? Value::f32(std::numeric_limits<float>::quiet_NaN())
                             : Value::f64(std::numeric_limits<double>::quiet_NaN());
  return kind == Kind::f32 ? Value::f32(parse_float<float>(text))
                           : Value::f64(parse_float<double>(text));
}

Result<Value> Parser::character(TypeIndex index) {
  if (now_.token != Token::character)
    return mismatch(index);
  TRY(const char32_t decoded, lexer_.decode_character(now_));
  take();
  return Value::character(decoded);
}

Result<Value> Parser::string(TypeIndex index) {
  if (now_.token != Token::string && now_.token != Token::multiline)
    return mismatch(index);
  TRY(std::string decoded, lexer_.decode_string(now_));
  take();
  return Value::string(std::move(decoded));
}

Result<std::vector<Value>> Parser::list(TypeIndex index, const Type& type) {
  const std::size_t start = now_.start;
  if (!accept('['))
    return mismatch(index);
  std::vector<Value> items;
  bool open = !accept(']');
  while (open) {
    if (type.kind == Kind::map) {
      TRY(Value entry, pair(type));
      items.push_back(std::move(entry));
    } else {
      TRY(Value item, value(type.fields[0].type));
      items.push_back(std::move(item));
    }
    TRY(open, more(']'));
  }
  if (type.kind == Kind::fixed_list && items.size() != type.length)
    return lexer_.fail(start,
                       fmt::format("expected {} elements, found {}", type.length, items.size()));
  return items;
}

/// A map's entry: "(key, value)".
Result<Value> Parser::pair(const Type& type) {
  TRY_OK(expect('('));
  TRY(Value key, value(type.fields[0].type));
  TRY_OK(expect(','));
  TRY(Value mapped, value(type.fields[1].type));
  accept(',');
  TRY_OK(expect(')'));
  std::vector<Value> items;
  items.push_back(std::move(key));
  items.push_back(std::move(mapped));
  return Value::tuple(std::move(items));
}

Result<Value> Parser::tuple(TypeIndex index, const Type& type) {
  const std::size_t start = now_.start;
  if (!accept('('))
    return mismatch(index);
  std::vector<Value> items;
  bool open = !accept(')');
  while (open && items.size() < type.fields.size()) {
    TRY(Value item, value(type.fields[items.size()].type));
    items.push_back(std::move(item));
    TRY(open, more(')'));
  }
  if (open || items.size() < type.fields.size())
    return lexer_.fail(start, fmt::format("expected {} elements, found {}", type.fields.size(),
                                          open ? "more" : std::to_string(items.size())));
  return Value::tuple(std::move(items));
}

/// A label that names one of the type's fields.
Result<std::uint32_t> Parser::member(const Type& type, std::string_view what) {
  if (now_.token != Token::label)
    return unexpected(fmt::format("a {}", what));
  std::string_view label = lexer_.slice(now_);
  if (label.starts_with('%'))
    label.remove_prefix(1);
  for (std::uint32_t i = 0; i < type.fields.size(); ++i) {
    if (type.fields[i].name == label) {
      take();
      return i;
    }
  }
  return lexer_.fail(now_.start, fmt::format("there is no {} '{}'", what, label));
}

Result<Value> Parser::record(TypeIndex index, const Type& type) {
  if (!accept('{'))
    return mismatch(index);
  std::vector<std::optional<Value>> given(type.fields.size());
  std::size_t end = now_.start;
  bool open = true;
  if (accept(':')) {
    end = now_.start;
    TRY_OK(expect('}'));
    open = false;
  } else if (at_symbol('}')) {
    return lexer_.fail(now_.start, "a record without fields is written {:}");
  }
  while (open) {
    const std::size_t label = now_.start;
    TRY(const std::uint32_t field, member(type, "field"));
    if (given[field])
      return lexer_.fail(label, fmt::format("field '{}' is given twice", type.fields[field].name));
    TRY_OK(expect(':'));
    TRY(given[field], value(type.fields[field].type));
    end = now_.start;
    TRY(open, more('}'));
  }
  std::vector<Value> fields;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const Field& field = type.fields[i];
    std::optional<Value>& found = given[i];
    if (found) {
      fields.push_back(std::move(*found));
      continue;
    }
    if (types_[field.type].kind != Kind::option)
      return lexer_.fail(end, fmt::format("field '{}' is missing, which is {}", field.name,
                                          types_.describe(field.type)));
    fields.push_back(Value::none());
  }
  return Value::record(std::move(fields));
}

Result<Value> Parser::flags(TypeIndex index, const Type& type) {
  if (!accept('{'))
    return mismatch(index);
  std::uint64_t bits = 0;
  bool open = !accept('}');
  while (open) {
    const std::size_t label = now_.start;
    TRY(const std::uint32_t flag, member(type, "flag"));
    const std::uint64_t bit = flag < 64 ? std::uint64_t{1} << flag : 0;
    if ((bits & bit) != 0)
      return lexer_.fail(label, fmt::format("flag '{}' is given twice", type.fields[flag].name));
    bits |= bit;
    TRY(open, more('}'));
  }
  return Value::flags(bits);
}

Result<Value> Parser::variant(TypeIndex index, const Type& type) {
  if (now_.token != Token::label)
    return mismatch(index);
  if (const std::string_view word = lexer_.slice(now_); is_keyword(word)) {
    for (const Field& field : type.fields) {
      if (field.name == word)
        return lexer_.fail(now_.start,
                           fmt::format("'{}' is a word of the language: write %{}", word, word));
    }
    return mismatch(index);
  }
  TRY(const std::uint32_t found, member(type, "case"));
  if (type.kind == Kind::enumeration)
    return Value::enumeration(found);
  TRY(std::vector<Value> items, payload(type.fields[found]));
  return Value::choice(Kind::variant, found, std::move(items));
}

Result<std::vector<Value>> Parser::payload(const Field& wanted) {
  std::vector<Value> items;
  if (wanted.type == kNoType) {
    if (at_symbol('('))
      return lexer_.fail(now_.start, fmt::format("'{}' has no payload", wanted.name));
    return items;
  }
  if (!accept('('))
    return unexpected(fmt::format("'(' and {}", types_.describe(wanted.type)));
  TRY(Value inner, value(wanted.type));
  TRY_OK(expect(')'));
  items.push_back(std::move(inner));
  return items;
}

Result<Value> Parser::option(TypeIndex index, const Type& type) {
  for (const std::uint32_t which : {0u, 1u}) {
    if (at_word(type.fields[which].name)) {
      take();
      TRY(std::vector<Value> items, payload(type.fields[which]));
      return Value::choice(Kind::option, which, std::move(items));
    }
  }
  const TypeIndex some = type.fields[1].type;
  if (!may_be_bare(types_[some].kind))
    return mismatch(index);
  TRY(Value inner, value(some));
  return Value::some(std::move(inner));
}

Result<Value> Parser::result(TypeIndex index, const Type& type) {
  for (const std::uint32_t which : {0u, 1u}) {
    if (at_word(which == 0 ? "ok" : "err")) {
      take();
      TRY(std::vector<Value> items, payload(type.fields[which]));
      return Value::choice(Kind::result, which, std::move(items));
    }
  }
  const TypeIndex ok = type.fields[0].type;
  if (ok == kNoType || !may_be_bare(types_[ok].kind))
    return mismatch(index);
  TRY(Value inner, value(ok));
  return Value::ok(std::move(inner));
}

Result<> check_text(std::string_view text) {
  const std::size_t bad = find_invalid(text);
  if (bad != std::string_view::npos)
    return Lexer{text}.fail(bad, "this is not UTF-8");
  return {};
}

} // namespace

Result<Value> parse_wave(const TypeTable& types, TypeIndex type, std::string_view text) {
  TRY_OK(check_text(text));
  return Parser{types, text}.whole(type);
}

Result<CallText> split_call(std::string_view text) {
  TRY_OK(check_text(text));
  const std::size_t start = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  const std::size_t end = std::min(text.find_first_of("( \t\r\n", start), text.size());
  if (start == end)
    return Lexer{text}.fail(start, "expected a function and its arguments, as in f(1, \"x\")");
  return CallText{text.substr(start, end - start), end};
}

Result<std::vector<Value>> parse_arguments(const TypeTable& types, std::span<const Field> params,
                                           std::string_view text, std::size_t offset) {
  TRY_OK(check_text(text));
  return Parser{types, text, offset}.arguments(params);
}

} // namespace nacre::wit
