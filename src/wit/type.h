// SPDX-License-Identifier: Apache-2.0
// Type: what a component's functions take and return, as a table of plain data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nacre::wit {

/// Every kind of value type. The order is that of the instance plan.
enum class Kind : std::uint8_t {
  boolean,
  s8,
  u8,
  s16,
  u16,
  s32,
  u32,
  s64,
  u64,
  f32,
  f64,
  character,
  string,
  list,
  fixed_list,
  map,
  record,
  tuple,
  variant,
  enumeration,
  option,
  result,
  flags,
  own,
  borrow,
  stream,
  future,
  error_context,
};
inline constexpr std::size_t kKinds = 28;

/// As WIT spells it: "bool", "u8", "list", "enum".
std::string_view to_string(Kind kind);

/// Position in a TypeTable.
using TypeIndex = std::uint32_t;
inline constexpr TypeIndex kNoType = 0xffffffff;

/// A field, element, case or payload; what it means depends on the type's kind.
struct Field {
  std::string name;         ///< Empty for elements.
  TypeIndex type = kNoType; ///< kNoType: a case without payload, a name of an enum or of flags.
};

/// One type. Fields by kind: record, variant, enumeration, flags: theirs, in order; list and
/// fixed_list: the element; map: key and value; tuple: its elements; option: "none", "some";
/// result: "ok", "error".
struct Type {
  Kind kind = Kind::boolean;
  std::vector<Field> fields;
  std::uint32_t length = 0; ///< Elements of a fixed_list.
  std::string resource;     ///< What own and borrow are handles of, for messages.
};

/// Types that refer to each other by index. A type refers to earlier ones only, so no type contains
/// itself; but the same one may be used often, so that a small table can spell an enormous type.
class TypeTable {
public:
  TypeIndex add(Type type);

  const Type& operator[](TypeIndex index) const { return types_[index]; }
  std::size_t size() const { return types_.size(); }

  // Shorthands for types without names of their own.
  TypeIndex scalar(Kind kind) { return add({.kind = kind, .fields = {}, .resource = {}}); }
  TypeIndex list(TypeIndex element);
  TypeIndex fixed_list(TypeIndex element, std::uint32_t length);
  TypeIndex map(TypeIndex key, TypeIndex value);
  TypeIndex tuple(const std::vector<TypeIndex>& elements);
  TypeIndex option(TypeIndex some);
  TypeIndex result(TypeIndex ok, TypeIndex error);
  TypeIndex record(std::vector<Field> fields);
  TypeIndex variant(std::vector<Field> cases);
  TypeIndex enumeration(const std::vector<std::string>& names);
  TypeIndex flags(const std::vector<std::string>& names);

  /// WIT text for messages: "list<u8>", "record{a: u32}". Cut with "…" where it gets long.
  std::string describe(TypeIndex index) const;

private:
  void describe_into(std::string& out, TypeIndex index) const;
  void describe_fields(std::string& out, const Type& type) const;
  void describe_operands(std::string& out, const Type& type) const;

  std::vector<Type> types_;
};

} // namespace nacre::wit
