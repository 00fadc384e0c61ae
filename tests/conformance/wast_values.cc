// SPDX-License-Identifier: Apache-2.0
#include "conformance/wast_values.h"

#include "wit/utf8.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <utility>

namespace nacre::conformance {
namespace {

namespace json = boost::json;
using wit::Kind;
using wit::Value;

/// Numbers travel as text, floats as the number that their bits make.
Result<std::uint64_t> number(const json::value& value) {
  const std::string_view text = value.as_string();
  const char* const end = text.data() + text.size();
  std::uint64_t bits = 0;
  std::from_chars_result parsed{};
  if (text.starts_with('-')) {
    std::int64_t negative = 0;
    parsed = std::from_chars(text.data(), end, negative);
    bits = static_cast<std::uint64_t>(negative);
  } else {
    parsed = std::from_chars(text.data(), end, bits);
  }
  if (parsed.ec != std::errc{} || parsed.ptr != end)
    return Error{Code::invalid, fmt::format("'{}' is not a number", text)};
  return bits;
}

/// The name that scripts give to a kind; fixed lists and maps are lists to them.
std::string_view script_name(Kind kind) {
  return kind == Kind::map ? "list" : to_string(kind);
}

class Converter {
public:
  explicit Converter(const wit::TypeTable& types) : types_(types) {}
  Result<Value> convert(wit::TypeIndex index, const json::value& constant) const;

private:
  Result<Value> payload_of(const wit::Type& type, std::uint32_t which,
                           const json::value& payload) const;
  Result<std::uint32_t> named(const wit::Type& type, std::string_view name) const;
  Result<Value> list(const wit::Type& type, const json::array& items) const;
  Result<Value> record(const wit::Type& type, const json::array& fields) const;
  Result<Value> tuple(const wit::Type& type, const json::array& items) const;
  Result<Value> entry(const wit::Type& map, const json::value& pair) const;
  Result<Value> variant(const wit::Type& type, const json::object& value) const;
  Result<Value> flags(const wit::Type& type, const json::array& names) const;

  const wit::TypeTable& types_;
};

Result<Value> Converter::convert(wit::TypeIndex index, const json::value& constant) const {
  const wit::Type& type = types_[index];
  const json::object& object = constant.as_object();
  const std::string_view kind = object.at("type").as_string();
  if (kind != script_name(type.kind))
    return Error{Code::invalid, fmt::format("the script has a {} where the function has {}", kind,
                                            types_.describe(index))};
  const json::value& value = object.at("value");
  switch (type.kind) {
  case Kind::boolean:
    return Value::boolean(value.as_bool());
  case Kind::character: {
    std::size_t at = 0;
    return Value::character(wit::take_scalar(value.as_string(), at));
  }
  case Kind::string:
    return Value::string(std::string{value.as_string()});
  case Kind::list:
  case Kind::fixed_list:
  case Kind::map:
    return list(type, value.as_array());
  case Kind::record:
    return record(type, value.as_array());
  case Kind::tuple:
    return tuple(type, value.as_array());
  case Kind::variant:
    return variant(type, value.as_object());
  case Kind::enumeration: {
    TRY(const std::uint32_t which, named(type, value.as_string()));
    return Value::enumeration(which);
  }
  case Kind::option:
    return payload_of(type, value.is_null() ? 0 : 1, value);
  case Kind::result: {
    const json::object& either = value.as_object();
    const bool ok = either.contains("Ok");
    return payload_of(type, ok ? 0 : 1, either.at(ok ? "Ok" : "Err"));
  }
  case Kind::flags:
    return flags(type, value.as_array());
  default: {
    TRY(const std::uint64_t bits, number(value));
    return Value::scalar(type.kind, bits);
  }
  }
}

Result<std::uint32_t> Converter::named(const wit::Type& type, std::string_view name) const {
  for (std::uint32_t i = 0; i < type.fields.size(); ++i) {
    if (type.fields[i].name == name)
      return i;
  }
  return Error{Code::invalid, fmt::format("there is no '{}' in the function's type", name)};
}

/// A case with its payload, where JSON's null is none.
Result<Value> Converter::payload_of(const wit::Type& type, std::uint32_t which,
                                    const json::value& payload) const {
  std::vector<Value> items;
  const wit::TypeIndex inner = type.fields[which].type;
  if ((inner == wit::kNoType) != payload.is_null())
    return Error{Code::invalid, "the script and the function differ in a payload"};
  if (inner != wit::kNoType) {
    TRY(Value value, convert(inner, payload));
    items.push_back(std::move(value));
  }
  return Value::choice(type.kind, which, std::move(items));
}

Result<Value> Converter::list(const wit::Type& type, const json::array& items) const {
  std::vector<Value> values;
  for (const json::value& item : items) {
    TRY(Value value,
        type.kind == Kind::map ? entry(type, item) : convert(type.fields[0].type, item));
    values.push_back(std::move(value));
  }
  return Value::choice(type.kind, 0, std::move(values));
}

Result<Value> Converter::entry(const wit::Type& map, const json::value& pair) const {
  const json::object& object = pair.as_object();
  if (object.at("type").as_string() != "tuple" || object.at("value").as_array().size() != 2)
    return Error{Code::invalid, "the script has no pair where the function has a map's entry"};
  return tuple(map, object.at("value").as_array());
}

Result<Value> Converter::tuple(const wit::Type& type, const json::array& items) const {
  if (items.size() != type.fields.size())
    return Error{Code::invalid, "the script and the function differ in the size of a tuple"};
  std::vector<Value> values;
  for (std::size_t i = 0; i < items.size(); ++i) {
    TRY(Value value, convert(type.fields[i].type, items[i]));
    values.push_back(std::move(value));
  }
  return Value::tuple(std::move(values));
}

Result<Value> Converter::record(const wit::Type& type, const json::array& fields) const {
  std::vector<Value> values(type.fields.size());
  if (fields.size() != values.size())
    return Error{Code::invalid, "the script and the function differ in the size of a record"};
  for (const json::value& field : fields) {
    const json::array& pair = field.as_array();
    TRY(const std::uint32_t which, named(type, pair.at(0).as_string()));
    TRY(values[which], convert(type.fields[which].type, pair.at(1)));
  }
  return Value::record(std::move(values));
}

Result<Value> Converter::variant(const wit::Type& type, const json::object& value) const {
  TRY(const std::uint32_t which, named(type, value.at("case").as_string()));
  const json::value* payload = value.if_contains("payload");
  return payload_of(type, which, payload != nullptr ? *payload : json::value{});
}

Result<Value> Converter::flags(const wit::Type& type, const json::array& names) const {
  std::uint64_t bits = 0;
  for (const json::value& name : names) {
    TRY(const std::uint32_t which, named(type, name.as_string()));
    bits |= std::uint64_t{1} << which;
  }
  return Value::flags(bits);
}

} // namespace

Result<Value> to_value(const wit::TypeTable& types, wit::TypeIndex type,
                       const json::value& constant) {
  return Converter{types}.convert(type, constant);
}

} // namespace nacre::conformance
