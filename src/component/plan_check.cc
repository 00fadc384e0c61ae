// SPDX-License-Identifier: Apache-2.0
#include "component/plan_check.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace nacre::component {
namespace {

using Kind = Plan::TypeKind;

constexpr std::uint32_t kMaxTypeSize = 1u << 28;
constexpr std::size_t kMaxFlat = 16;
constexpr std::uint32_t kMaxComponentInstances = 1u << 16;

bool has_only(std::string_view text, std::string_view letters) {
  return text.find_first_not_of(letters) == std::string_view::npos;
}

// What a kind of type must look like.
enum class Parts : std::uint8_t { none, one, at_most_one, two, sequence, cases, names };
enum class Table : std::uint8_t { none, resource, stream, future, error_context };
struct Shape {
  Parts parts = Parts::none;
  Table table = Table::none;
  bool payloads = false; // parts may be without a type
};

Shape shape_of(Kind kind) {
  switch (kind) {
  case Kind::list:
  case Kind::fixed_list:
    return {.parts = Parts::one};
  case Kind::map:
    return {.parts = Parts::two};
  case Kind::record:
  case Kind::tuple:
    return {.parts = Parts::sequence};
  case Kind::variant:
    return {.parts = Parts::cases, .payloads = true};
  case Kind::option:
  case Kind::result:
    return {.parts = Parts::two, .payloads = true};
  case Kind::enum_:
  case Kind::flags:
    return {.parts = Parts::names, .payloads = true};
  case Kind::own:
  case Kind::borrow:
    return {.table = Table::resource};
  case Kind::stream:
    return {.parts = Parts::at_most_one, .table = Table::stream};
  case Kind::future:
    return {.parts = Parts::at_most_one, .table = Table::future};
  case Kind::error_context:
    return {.table = Table::error_context};
  default:
    return {};
  }
}

bool fits(Parts parts, std::size_t count) {
  switch (parts) {
  case Parts::none:
    return count == 0;
  case Parts::one:
    return count == 1;
  case Parts::at_most_one:
    return count <= 1;
  case Parts::two:
    return count == 2;
  case Parts::cases:
    return count >= 1;
  case Parts::sequence:
  case Parts::names:
    return true;
  }
  return false;
}

bool has_discriminant(Kind kind) {
  return kind == Kind::variant || kind == Kind::option || kind == Kind::result ||
         kind == Kind::enum_;
}

// Each member checks one table; those before it have been checked.
class TableCheck {
public:
  explicit TableCheck(const Plan& plan) : plan_(plan) {}

  Result<> all() {
    if (plan_.counts.component_instances > kMaxComponentInstances)
      return invalid_plan("too many component instances");
    TRY_OK(tables().context("tables"));
    TRY_OK(types().context("types"));
    TRY_OK(functions().context("functions"));
    TRY_OK(imports().context("imports"));
    TRY_OK(resources().context("resources"));
    return options().context("options");
  }

private:
  Result<> instance(std::uint32_t index) const {
    return check_index(index, plan_.counts.component_instances, "component instance");
  }

  std::size_t table_size(Table table) const {
    switch (table) {
    case Table::resource:
      return plan_.resource_tables.size();
    case Table::stream:
      return plan_.stream_tables.size();
    case Table::future:
      return plan_.future_tables.size();
    case Table::error_context:
      return plan_.error_context_tables.size();
    case Table::none:
      return 0;
    }
    return 0;
  }

  Result<> tables() const {
    for (const auto& table : plan_.resource_tables) {
      TRY_OK(check_index_or_none(table.resource, plan_.resources.size(), "resource"));
      TRY_OK(table.resource == kNone ? check_absent(table.instance, "component instance")
                                     : instance(table.instance));
    }
    for (const auto* list : {&plan_.stream_tables, &plan_.future_tables})
      for (const auto& table : *list) {
        TRY_OK(check_index_or_none(table.payload, plan_.types.size(), "type"));
        TRY_OK(instance(table.instance));
      }
    for (auto owner : plan_.error_context_tables)
      TRY_OK(instance(owner));
    return {};
  }

  Result<> types() const {
    for (std::uint32_t i = 0; i < plan_.types.size(); i++)
      TRY_OK(type(i).context(fmt::format("type {}", i)));
    return {};
  }

  Result<> type(std::uint32_t index) const {
    const Plan::Type& type = plan_.types[index];
    Shape shape = shape_of(type.kind);
    if (!fits(shape.parts, type.fields.size()))
      return invalid_plan(fmt::format("{} parts are too few or too many", type.fields.size()));
    for (const auto& field : type.fields)
      if (field.type != kNone || !shape.payloads)
        TRY_OK(check_index(field.type, index, "earlier type"));
    TRY_OK(shape.table == Table::none ? check_absent(type.table, "table")
                                      : check_index(type.table, table_size(shape.table), "table"));
    if (type.align == 0 || type.align > 8 || (type.align & (type.align - 1)) != 0)
      return invalid_plan(fmt::format("an alignment of {}", type.align));
    if (type.size >= kMaxTypeSize || type.size % type.align != 0)
      return invalid_plan(fmt::format("a size of {}", type.size));
    if (type.flat.size() > kMaxFlat || !has_only(type.flat, "iIfF") ||
        (!type.flattens && !type.flat.empty()))
      return invalid_plan(fmt::format("\"{}\" as flat form", type.flat));
    return layout(type);
  }

  // Everything lies inside its type.
  Result<> layout(const Plan::Type& type) const {
    bool ok = true;
    std::uint64_t end = type.size;
    if (type.kind == Kind::map)
      end = type.stride;
    if (shape_of(type.kind).parts == Parts::sequence || type.kind == Kind::map) {
      for (const auto& field : type.fields)
        ok = ok && std::uint64_t{field.offset} + plan_.types[field.type].size <= end &&
             field.offset % plan_.types[field.type].align == 0;
    } else if (has_discriminant(type.kind)) {
      auto discriminant = std::uint64_t{type.discriminant_size};
      ok = (discriminant == 1 || discriminant == 2 || discriminant == 4) && discriminant <= end &&
           type.fields.size() <= std::uint64_t{1} << (8 * discriminant);
      for (const auto& field : type.fields)
        if (field.type != kNone)
          ok = ok && type.payload_offset >= discriminant &&
               std::uint64_t{type.payload_offset} + plan_.types[field.type].size <= end;
    } else if (type.kind == Kind::flags) {
      ok = type.fields.size() <= 32 && type.fields.size() <= end * 8 && end <= 4;
    }
    if (type.kind == Kind::list || type.kind == Kind::fixed_list)
      ok = ok && type.stride == plan_.types[type.fields[0].type].size;
    if (type.kind == Kind::fixed_list)
      ok = ok && std::uint64_t{type.stride} * type.length == end;
    if (type.kind == Kind::map)
      ok = ok && type.stride < kMaxTypeSize;
    return ok ? Result<>{} : invalid_plan("its layout does not add up");
  }

  Result<> functions() const {
    for (const auto& function : plan_.functions) {
      for (auto tuple : {function.params, function.results}) {
        TRY_OK(check_index(tuple, plan_.types.size(), "type"));
        if (plan_.types[tuple].kind != Kind::tuple)
          return invalid_plan("parameters or results that are no tuple");
      }
      if (plan_.types[function.params].fields.size() != function.param_names.size())
        return invalid_plan("more or fewer parameters than names");
      if (plan_.types[function.results].fields.size() > 1)
        return invalid_plan("more than one result");
    }
    return {};
  }

  Result<> imports() const {
    for (const auto& import : plan_.imports)
      TRY_OK(check_index_or_none(import.function, plan_.functions.size(), "function"));
    return {};
  }

  Result<> resources() const {
    for (const auto& resource : plan_.resources) {
      if (resource.import == kNone) {
        TRY_OK(instance(resource.instance));
        continue;
      }
      TRY_OK(check_absent(resource.instance, "component instance"));
      TRY_OK(check_index(resource.import, plan_.imports.size(), "import"));
      TRY_OK(check_absent(plan_.imports[resource.import].function, "function"));
    }
    return {};
  }

  Result<> options() const {
    const auto& counts = plan_.counts;
    for (const auto& options : plan_.options) {
      TRY_OK(instance(options.instance));
      TRY_OK(check_index_or_none(options.memory, counts.memories, "memory"));
      TRY_OK(check_index_or_none(options.realloc, counts.reallocs, "realloc"));
      TRY_OK(check_index_or_none(options.callback, counts.callbacks, "callback"));
      TRY_OK(check_index_or_none(options.post_return, counts.post_returns, "post-return"));
      TRY_OK(check_core_type(options.core_type));
    }
    return {};
  }

  const Plan& plan_;
};

} // namespace

Error invalid_plan(std::string message) {
  return Error{Code::invalid, std::move(message)};
}

// An index into a table of `size` entries.
Result<> check_index(std::uint32_t index, std::size_t size, std::string_view what) {
  if (index < size)
    return {};
  return invalid_plan(fmt::format("{} {} does not exist; there are {}", what, index, size));
}

// The same for one that may be absent.
Result<> check_index_or_none(std::uint32_t index, std::size_t size, std::string_view what) {
  if (index == kNone)
    return {};
  return check_index(index, size, what);
}

Result<> check_absent(std::uint32_t index, std::string_view what) {
  if (index == kNone)
    return {};
  return invalid_plan(fmt::format("a {} where none belongs", what));
}

Result<> check_core_type(std::string_view text) {
  auto colon = text.find(':');
  constexpr std::string_view kLetters = "iIfFvr";
  if (colon == std::string_view::npos || !has_only(text.substr(0, colon), kLetters) ||
      !has_only(text.substr(colon + 1), kLetters))
    return invalid_plan(fmt::format("\"{}\" is not a core function type", text));
  return {};
}

Result<> check_plan_tables(const Plan& plan) {
  return TableCheck(plan).all();
}

Result<> check_plan(const Plan& plan) {
  TRY_OK(check_plan_tables(plan));
  return check_plan_steps(plan);
}

} // namespace nacre::component
