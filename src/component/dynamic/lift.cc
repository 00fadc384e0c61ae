// SPDX-License-Identifier: Apache-2.0
#include "component/dynamic/lift.h"

#include "component/typed/scalar.h"
#include "component/typed/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace nacre::component {
namespace {

using Kind = Plan::TypeKind;
using wit::Value;

wit::Kind kind_of(const Plan::Type& type) {
  return static_cast<wit::Kind>(type.kind);
}

/// Types with a case for each field.
bool is_choice(Kind kind) {
  return kind == Kind::variant || kind == Kind::enum_ || kind == Kind::option ||
         kind == Kind::result;
}

/// Flat or in memory, a scalar's bits: narrower integers wrap, as the canonical ABI says.
std::uint64_t narrow(Kind kind, std::uint64_t bits) {
  const auto extend = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
  switch (kind) {
  case Kind::s8:
    return extend(static_cast<std::int8_t>(bits));
  case Kind::u8:
    return static_cast<std::uint8_t>(bits);
  case Kind::s16:
    return extend(static_cast<std::int16_t>(bits));
  case Kind::u16:
    return static_cast<std::uint16_t>(bits);
  case Kind::s32:
    return extend(static_cast<std::int32_t>(bits));
  case Kind::u32:
  case Kind::f32:
  case Kind::char_:
    return static_cast<std::uint32_t>(bits);
  default:
    return bits;
  }
}

std::uint64_t read_unsigned(const Memory& memory, std::uint32_t addr, std::uint32_t size) {
  switch (size) {
  case 1:
    return memory.read<std::uint8_t>(addr);
  case 2:
    return memory.read<std::uint16_t>(addr);
  case 4:
    return memory.read<std::uint32_t>(addr);
  default:
    return memory.read<std::uint64_t>(addr);
  }
}

bool fail_tag(CallContext& call, Kind kind, std::uint32_t tag) {
  if (kind == Kind::option)
    return fail_option_tag(call, tag);
  return kind == Kind::result ? fail_result_tag(call, tag) : fail_variant_tag(call, tag);
}

} // namespace

bool ValueLift::enter() {
  if (depth_ == kMaxTypeDepth)
    return call_.fail(fmt::format("values nest deeper than {}", kMaxTypeDepth));
  ++depth_;
  return true;
}

bool ValueLift::reserve(Values& values, std::uint64_t count) {
  if (!call_.charge(count * sizeof(Value)))
    return false;
  values.reserve(count);
  return true;
}

bool ValueLift::lift(std::uint32_t index, FlatReader& in, Value& out) {
  if (!enter())
    return false;
  const bool lifted = lift_kind(plan_.types[index], in, out);
  --depth_;
  return lifted;
}

bool ValueLift::load(std::uint32_t index, std::uint32_t addr, Value& out) {
  if (!enter())
    return false;
  const bool loaded = load_kind(plan_.types[index], addr, out);
  --depth_;
  return loaded;
}

bool ValueLift::lift_kind(const Plan::Type& type, FlatReader& in, Value& out) {
  if (is_choice(type.kind))
    return lift_choice(type, in, out);
  switch (type.kind) {
  case Kind::string: {
    const std::uint32_t addr = in.i32();
    return text(addr, in.i32(), out);
  }
  case Kind::list:
  case Kind::map: {
    const std::uint32_t addr = in.i32();
    return list(type, addr, in.i32(), out);
  }
  case Kind::fixed_list:
  case Kind::record:
  case Kind::tuple: {
    Values values;
    if (!lift_fields(type, in, values))
      return false;
    out = Value::choice(kind_of(type), 0, std::move(values));
    return true;
  }
  default:
    return scalar(type, in.i64(), out);
  }
}

bool ValueLift::load_kind(const Plan::Type& type, std::uint32_t addr, Value& out) {
  if (is_choice(type.kind))
    return load_choice(type, addr, out);
  const Memory& memory = call_.memory();
  switch (type.kind) {
  case Kind::string:
    return text(memory.read<std::uint32_t>(addr), memory.read<std::uint32_t>(addr + 4), out);
  case Kind::list:
  case Kind::map:
    return list(type, memory.read<std::uint32_t>(addr), memory.read<std::uint32_t>(addr + 4), out);
  case Kind::fixed_list:
  case Kind::record:
  case Kind::tuple: {
    Values values;
    const bool loaded = type.kind == Kind::fixed_list
                            ? load_elements(type, addr, type.length, values)
                            : load_fields(type, addr, values);
    if (!loaded)
      return false;
    out = Value::choice(kind_of(type), 0, std::move(values));
    return true;
  }
  default:
    return scalar(type, read_unsigned(memory, addr, type.size), out);
  }
}

bool ValueLift::scalar(const Plan::Type& type, std::uint64_t bits, Value& out) {
  switch (type.kind) {
  case Kind::bool_:
    // Flat booleans are i32: what stands above belongs to nobody.
    out = Value::boolean(static_cast<std::uint32_t>(bits) != 0);
    return true;
  case Kind::char_: {
    char32_t value = 0;
    if (!Abi<char32_t>::check(call_, static_cast<std::uint32_t>(bits), value))
      return false;
    out = Value::character(value);
    return true;
  }
  case Kind::flags: {
    if (type.fields.size() > 32)
      return call_.fail("flags have more than 32 names");
    const std::uint64_t named = (std::uint64_t{1} << type.fields.size()) - 1;
    out = Value::flags(bits & named); // bits without a name are ignored
    return true;
  }
  case Kind::own:
  case Kind::borrow:
    return handle(type, static_cast<std::uint32_t>(bits), out);
  case Kind::stream:
  case Kind::future:
  case Kind::error_context:
    return call_.fail(fmt::format("a {} cannot be passed here", to_string(kind_of(type))));
  default:
    out = Value::scalar(kind_of(type), narrow(type.kind, bits));
    return true;
  }
}

bool ValueLift::handle(const Plan::Type& type, std::uint32_t index, Value& out) {
  std::shared_ptr<wit::Opaque> resource;
  if (!handles_.lift(call_, type, index, resource))
    return false;
  out = Value::handle(kind_of(type), std::move(resource));
  return true;
}

bool ValueLift::text(std::uint32_t addr, std::uint32_t units, Value& out) {
  std::string_view view;
  if (!lift_text(call_, addr, units, view) || !call_.charge(view.size()))
    return false;
  out = Value::string(std::string{view});
  return true;
}

bool ValueLift::list(const Plan::Type& type, std::uint32_t addr, std::uint32_t count, Value& out) {
  const std::string_view what = type.kind == Kind::map ? "map" : "list";
  const std::uint64_t bytes = std::uint64_t{count} * type.stride;
  if (bytes > kMaxBytes || !call_.memory().contains(addr, bytes))
    return call_.fail(fmt::format("{} pointer/length out of bounds of memory", what));
  const Plan::Type& first = plan_.types[type.fields[0].type];
  const std::uint32_t align = type.kind == Kind::map
                                  ? std::max(first.align, plan_.types[type.fields[1].type].align)
                                  : first.align;
  if ((addr & (align - 1)) != 0)
    return call_.fail(fmt::format("{} pointer is not aligned", what));
  Values values;
  if (!load_elements(type, addr, count, values))
    return false;
  out = Value::choice(kind_of(type), 0, std::move(values));
  return true;
}

bool ValueLift::load_elements(const Plan::Type& type, std::uint32_t addr, std::uint32_t count,
                              Values& out) {
  if (!reserve(out, count))
    return false;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t at = addr + i * type.stride;
    if (type.kind == Kind::map) {
      Values entry;
      if (!load_fields(type, at, entry))
        return false;
      out.push_back(Value::tuple(std::move(entry)));
    } else if (!load(type.fields[0].type, at, out.emplace_back())) {
      return false;
    }
  }
  return true;
}

bool ValueLift::load_fields(const Plan::Type& type, std::uint32_t addr, Values& out) {
  if (!reserve(out, type.fields.size()))
    return false;
  for (const Plan::Field& field : type.fields) {
    if (!load(field.type, addr + field.offset, out.emplace_back()))
      return false;
  }
  return true;
}

bool ValueLift::lift_fields(const Plan::Type& type, FlatReader& in, Values& out) {
  const bool fixed = type.kind == Kind::fixed_list;
  const std::uint64_t count = fixed ? type.length : type.fields.size();
  if (!reserve(out, count))
    return false;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!lift(type.fields[fixed ? 0 : i].type, in, out.emplace_back()))
      return false;
  }
  return true;
}

bool ValueLift::lift_choice(const Plan::Type& type, FlatReader& in, Value& out) {
  const Raw* const start = in.position();
  const std::uint32_t tag = in.i32();
  if (tag >= type.fields.size())
    return fail_tag(call_, type.kind, tag);
  Values payload;
  if (const std::uint32_t inner = type.fields[tag].type; inner != kNone) {
    if (!reserve(payload, 1) || !lift(inner, in, payload.emplace_back()))
      return false;
  }
  out = Value::choice(kind_of(type), tag, std::move(payload));
  // Other cases may have more flat values than this one.
  in = FlatReader{start + type.flat.size()};
  return true;
}

bool ValueLift::load_choice(const Plan::Type& type, std::uint32_t addr, Value& out) {
  const auto tag =
      static_cast<std::uint32_t>(read_unsigned(call_.memory(), addr, type.discriminant_size));
  if (tag >= type.fields.size())
    return fail_tag(call_, type.kind, tag);
  Values payload;
  if (const std::uint32_t inner = type.fields[tag].type; inner != kNone) {
    if (!reserve(payload, 1) || !load(inner, addr + type.payload_offset, payload.emplace_back()))
      return false;
  }
  out = Value::choice(kind_of(type), tag, std::move(payload));
  return true;
}

bool ValueLift::lift_result(const Plan::Function& function, const Raw* values,
                            std::optional<Value>& out) {
  const Plan::Type& results = plan_.types[function.results];
  out.reset();
  if (results.fields.empty())
    return true;
  const std::uint32_t index = results.fields[0].type;
  FlatReader in{values};
  if (results.flattens && results.flat.size() <= kMaxFlatResults)
    return lift(index, in, out.emplace());
  const std::uint32_t addr = in.i32();
  if ((addr & (results.align - 1)) != 0)
    return call_.fail("return pointer not aligned");
  if (!call_.memory().contains(addr, results.size))
    return call_.fail("pointer out of bounds of memory");
  return load(index, addr, out.emplace());
}

} // namespace nacre::component
