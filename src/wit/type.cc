// SPDX-License-Identifier: Apache-2.0
#include "wit/type.h"

#include "base/ensure.h"

#include <array>
#include <span>
#include <utility>

namespace nacre::wit {
namespace {

/// A description longer than this helps nobody, and could be exponentially long.
constexpr std::size_t kLongest = 160;

constexpr std::array<std::string_view, kKinds> kNames{
    "bool",   "s8",    "u8",     "s16",    "u16",     "s32",    "u32",
    "s64",    "u64",   "f32",    "f64",    "char",    "string", "list",
    "list",   "map",   "record", "tuple",  "variant", "enum",   "option",
    "result", "flags", "own",    "borrow", "stream",  "future", "error-context",
};

std::vector<Field> names_only(const std::vector<std::string>& names) {
  std::vector<Field> fields;
  for (const std::string& name : names)
    fields.push_back({name, kNoType});
  return fields;
}

} // namespace

std::string_view to_string(Kind kind) {
  return kNames[static_cast<std::size_t>(kind)];
}

TypeIndex TypeTable::add(Type type) {
  for (const Field& field : type.fields)
    ENSURE(field.type == kNoType || field.type < types_.size(), "a type refers to a later one");
  types_.push_back(std::move(type));
  return static_cast<TypeIndex>(types_.size() - 1);
}

TypeIndex TypeTable::list(TypeIndex element) {
  return add({.kind = Kind::list, .fields = {{"", element}}, .resource = {}});
}
TypeIndex TypeTable::fixed_list(TypeIndex element, std::uint32_t length) {
  return add(
      {.kind = Kind::fixed_list, .fields = {{"", element}}, .length = length, .resource = {}});
}
TypeIndex TypeTable::map(TypeIndex key, TypeIndex value) {
  return add({.kind = Kind::map, .fields = {{"", key}, {"", value}}, .resource = {}});
}
TypeIndex TypeTable::tuple(const std::vector<TypeIndex>& elements) {
  Type type{.kind = Kind::tuple, .fields = {}, .resource = {}};
  for (const TypeIndex element : elements)
    type.fields.push_back({"", element});
  return add(std::move(type));
}
TypeIndex TypeTable::option(TypeIndex some) {
  return add({.kind = Kind::option, .fields = {{"none", kNoType}, {"some", some}}, .resource = {}});
}
TypeIndex TypeTable::result(TypeIndex ok, TypeIndex error) {
  return add({.kind = Kind::result, .fields = {{"ok", ok}, {"error", error}}, .resource = {}});
}
TypeIndex TypeTable::record(std::vector<Field> fields) {
  return add({.kind = Kind::record, .fields = std::move(fields), .resource = {}});
}
TypeIndex TypeTable::variant(std::vector<Field> cases) {
  return add({.kind = Kind::variant, .fields = std::move(cases), .resource = {}});
}
TypeIndex TypeTable::enumeration(const std::vector<std::string>& names) {
  return add({.kind = Kind::enumeration, .fields = names_only(names), .resource = {}});
}
TypeIndex TypeTable::flags(const std::vector<std::string>& names) {
  return add({.kind = Kind::flags, .fields = names_only(names), .resource = {}});
}

std::string TypeTable::describe(TypeIndex index) const {
  std::string out;
  describe_into(out, index);
  if (out.size() > kLongest) {
    out.resize(kLongest);
    out += "…";
  }
  return out;
}

void TypeTable::describe_into(std::string& out, TypeIndex index) const {
  // Each level writes at least a character before it goes deeper: depth is bounded too.
  if (out.size() > kLongest)
    return;
  if (index == kNoType) {
    out += "_";
    return;
  }
  const Type& type = types_[index];
  out += to_string(type.kind);
  switch (type.kind) {
  case Kind::record:
  case Kind::variant:
  case Kind::enumeration:
  case Kind::flags:
    return describe_fields(out, type);
  case Kind::own:
  case Kind::borrow:
    out += "<" + type.resource + ">";
    return;
  default:
    return describe_operands(out, type);
  }
}

void TypeTable::describe_fields(std::string& out, const Type& type) const {
  const bool record = type.kind == Kind::record;
  std::string_view separator = "{";
  for (const Field& field : type.fields) {
    out += separator;
    out += field.name;
    separator = ", ";
    if (field.type != kNoType) {
      out += record ? ": " : "(";
      describe_into(out, field.type);
      out += record ? "" : ")";
    }
    if (out.size() > kLongest)
      return;
  }
  out += "}";
}

void TypeTable::describe_operands(std::string& out, const Type& type) const {
  std::span<const Field> operands = type.fields;
  if (type.kind == Kind::option)
    operands = operands.subspan(1);
  if (type.kind == Kind::result) {
    while (!operands.empty() && operands.back().type == kNoType)
      operands = operands.first(operands.size() - 1);
  }
  if (operands.empty())
    return;
  std::string_view separator = "<";
  for (const Field& operand : operands) {
    out += separator;
    separator = ", ";
    describe_into(out, operand.type);
    if (out.size() > kLongest)
      return;
  }
  if (type.kind == Kind::fixed_list)
    out += ", " + std::to_string(type.length);
  out += ">";
}

} // namespace nacre::wit
