// SPDX-License-Identifier: Apache-2.0
// PlanTypes: value types of a plan with their layout worked out, for tests that have no component
// to take them from.
#pragma once

#include "component/plan.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nacre::component {

/// Adds types to a plan; the layout follows the canonical ABI ("Alignment", "Element size",
/// "Flattening").
class PlanTypes {
public:
  using Kind = Plan::TypeKind;
  using Parts = std::vector<Plan::Field>;

  explicit PlanTypes(Plan& plan) : plan_(plan) {}

  std::uint32_t scalar(Kind kind, std::uint32_t size, std::string flat) {
    return add(kind, size, size, std::move(flat), {});
  }
  std::uint32_t boolean() { return scalar(Kind::bool_, 1, "i"); }
  std::uint32_t u8() { return scalar(Kind::u8, 1, "i"); }
  std::uint32_t s8() { return scalar(Kind::s8, 1, "i"); }
  std::uint32_t u16() { return scalar(Kind::u16, 2, "i"); }
  std::uint32_t s16() { return scalar(Kind::s16, 2, "i"); }
  std::uint32_t u32() { return scalar(Kind::u32, 4, "i"); }
  std::uint32_t s32() { return scalar(Kind::s32, 4, "i"); }
  std::uint32_t u64() { return scalar(Kind::u64, 8, "I"); }
  std::uint32_t s64() { return scalar(Kind::s64, 8, "I"); }
  std::uint32_t f32() { return scalar(Kind::f32, 4, "f"); }
  std::uint32_t f64() { return scalar(Kind::f64, 8, "F"); }
  std::uint32_t character() { return scalar(Kind::char_, 4, "i"); }
  std::uint32_t string() { return add(Kind::string, 8, 4, "ii", {}); }
  std::uint32_t own() { return scalar(Kind::own, 4, "i"); }

  std::uint32_t list(std::uint32_t element) {
    const std::uint32_t index = add(Kind::list, 8, 4, "ii", {{"", element}});
    plan_.types[index].stride = plan_.types[element].size;
    return index;
  }
  std::uint32_t fixed_list(std::uint32_t element, std::uint32_t length) {
    const Plan::Type& inner = plan_.types[element];
    const std::uint32_t stride = inner.size;
    std::string flat;
    for (std::uint32_t i = 0; i < length && flat.size() <= kMaxFlat; ++i)
      flat += inner.flattens ? inner.flat : kTooMany;
    const std::uint32_t index =
        add(Kind::fixed_list, stride * length, inner.align, flat, {{"", element}});
    plan_.types[index].stride = stride;
    plan_.types[index].length = length;
    return index;
  }
  std::uint32_t map(std::uint32_t key, std::uint32_t value) {
    Parts parts{{"", key}, {"", value}};
    const auto [size, align] = lay_out(parts);
    const std::uint32_t index = add(Kind::map, 8, 4, "ii", std::move(parts));
    plan_.types[index].stride = round_up(size, align);
    return index;
  }
  std::uint32_t record(Parts parts, Kind kind = Kind::record) {
    const auto [size, align] = lay_out(parts);
    std::string flat;
    for (const Plan::Field& part : parts)
      flat += flat_of(part.type);
    return add(kind, round_up(size, align), align, std::move(flat), std::move(parts));
  }
  std::uint32_t tuple(const std::vector<std::uint32_t>& elements) {
    Parts parts;
    for (const std::uint32_t element : elements)
      parts.push_back({"", element});
    return record(std::move(parts), Kind::tuple);
  }
  std::uint32_t variant(Parts cases, Kind kind = Kind::variant) {
    const std::uint32_t tag = cases.size() <= 0x100 ? 1 : cases.size() <= 0x10000 ? 2 : 4;
    std::uint32_t size = 0;
    std::uint32_t align = 1;
    std::string flat;
    for (const Plan::Field& part : cases) {
      if (part.type == kNone)
        continue;
      size = std::max(size, plan_.types[part.type].size);
      align = std::max(align, plan_.types[part.type].align);
      join(flat, flat_of(part.type));
    }
    const std::uint32_t payload = round_up(tag, align);
    align = std::max(align, tag);
    const std::uint32_t index =
        add(kind, round_up(payload + size, align), align, "i" + flat, std::move(cases));
    plan_.types[index].discriminant_size = tag;
    plan_.types[index].payload_offset = payload;
    return index;
  }
  std::uint32_t option(std::uint32_t some) {
    return variant({{"none", kNone}, {"some", some}}, Kind::option);
  }
  std::uint32_t result(std::uint32_t ok, std::uint32_t error) {
    return variant({{"ok", ok}, {"error", error}}, Kind::result);
  }
  std::uint32_t enumeration(std::size_t cases) { return variant(names(cases), Kind::enum_); }
  std::uint32_t flags(std::size_t count) {
    const std::uint32_t size = count <= 8 ? 1 : count <= 16 ? 2 : 4;
    return add(Kind::flags, size, size, "i", names(count));
  }

  Plan::Function function(const std::vector<std::uint32_t>& params,
                          const std::vector<std::uint32_t>& results) {
    Plan::Function function;
    for (std::size_t i = 0; i < params.size(); ++i)
      function.param_names.push_back("p" + std::to_string(i));
    function.params = tuple(params);
    function.results = tuple(results);
    return function;
  }

private:
  static constexpr std::size_t kMaxFlat = 16;
  static constexpr std::string_view kTooMany = "iiiiiiiiiiiiiiiii";

  static std::uint32_t round_up(std::uint32_t value, std::uint32_t align) {
    return (value + align - 1) / align * align;
  }
  static Parts names(std::size_t count) {
    Parts parts;
    for (std::size_t i = 0; i < count; ++i)
      parts.push_back({"n" + std::to_string(i), kNone});
    return parts;
  }
  std::string_view flat_of(std::uint32_t index) const {
    const Plan::Type& type = plan_.types[index];
    return type.flattens ? std::string_view{type.flat} : kTooMany;
  }
  static void join(std::string& slots, std::string_view flat) {
    for (std::size_t i = 0; i < flat.size(); ++i) {
      if (i == slots.size())
        slots += flat[i];
      else if (slots[i] != flat[i])
        slots[i] =
            (slots[i] == 'i' && flat[i] == 'f') || (slots[i] == 'f' && flat[i] == 'i') ? 'i' : 'I';
    }
  }
  std::pair<std::uint32_t, std::uint32_t> lay_out(Parts& parts) const {
    std::uint32_t size = 0;
    std::uint32_t align = 1;
    for (Plan::Field& part : parts) {
      const Plan::Type& type = plan_.types[part.type];
      part.offset = round_up(size, type.align);
      size = part.offset + type.size;
      align = std::max(align, type.align);
    }
    return {size, align};
  }
  std::uint32_t add(Kind kind, std::uint32_t size, std::uint32_t align, std::string flat,
                    Parts parts) {
    Plan::Type type;
    type.kind = kind;
    type.size = size;
    type.align = align;
    type.flattens = flat.size() <= kMaxFlat;
    type.flat = type.flattens ? std::move(flat) : std::string{};
    type.fields = std::move(parts);
    plan_.types.push_back(std::move(type));
    return static_cast<std::uint32_t>(plan_.types.size() - 1);
  }

  Plan& plan_;
};

} // namespace nacre::component
