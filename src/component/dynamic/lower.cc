// SPDX-License-Identifier: Apache-2.0
#include "component/dynamic/lower.h"

#include "component/dynamic/lift.h"
#include "component/typed/abi.h"
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

bool is_choice(Kind kind) {
  return kind == Kind::variant || kind == Kind::enum_ || kind == Kind::option ||
         kind == Kind::result;
}

void write_unsigned(Memory& memory, std::uint32_t addr, std::uint32_t size, std::uint64_t bits) {
  switch (size) {
  case 1:
    return memory.write(addr, static_cast<std::uint8_t>(bits));
  case 2:
    return memory.write(addr, static_cast<std::uint16_t>(bits));
  case 4:
    return memory.write(addr, static_cast<std::uint32_t>(bits));
  default:
    return memory.write(addr, bits);
  }
}

} // namespace

bool ValueLower::enter() {
  if (depth_ == kMaxTypeDepth)
    return call_.fail(fmt::format("values nest deeper than {}", kMaxTypeDepth));
  ++depth_;
  return true;
}

/// The value's kind, and its number of parts where the type fixes it.
bool ValueLower::check(const Plan::Type& type, const Value& value) {
  if (value.kind() != kind_of(type))
    return call_.fail(fmt::format("type mismatch: expected {}, found {}", to_string(kind_of(type)),
                                  to_string(value.kind())));
  std::size_t want = 0;
  switch (type.kind) {
  case Kind::record:
  case Kind::tuple:
    want = type.fields.size();
    break;
  case Kind::fixed_list:
    want = type.length;
    break;
  case Kind::variant:
  case Kind::enum_:
  case Kind::option:
  case Kind::result:
    if (value.index() >= type.fields.size())
      return call_.fail(
          fmt::format("there is no case {} in {}", value.index(), to_string(kind_of(type))));
    want = type.fields[value.index()].type == kNone ? 0 : 1;
    break;
  default:
    return true;
  }
  if (value.items().size() != want)
    return call_.fail(fmt::format("type mismatch: expected {} with {} parts, found {}",
                                  to_string(kind_of(type)), want, value.items().size()));
  return true;
}

bool ValueLower::lower(std::uint32_t index, FlatWriter& out, const Value& value) {
  const Plan::Type& type = plan_.types[index];
  if (!enter() || !check(type, value))
    return false;
  const bool lowered = lower_kind(type, out, value);
  --depth_;
  return lowered;
}

bool ValueLower::store(std::uint32_t index, std::uint32_t addr, const Value& value) {
  const Plan::Type& type = plan_.types[index];
  if (!enter() || !check(type, value))
    return false;
  const bool stored = store_kind(type, addr, value);
  --depth_;
  return stored;
}

bool ValueLower::lower_kind(const Plan::Type& type, FlatWriter& out, const Value& value) {
  if (is_choice(type.kind))
    return lower_choice(type, out, value);
  switch (type.kind) {
  case Kind::string:
    return Abi<std::string>::lower(call_, out, value.text());
  case Kind::list:
  case Kind::map: {
    std::uint32_t addr = 0;
    std::uint32_t count = 0;
    if (!list(type, value, addr, count))
      return false;
    out.i32(addr);
    out.i32(count);
    return true;
  }
  case Kind::fixed_list:
  case Kind::record:
  case Kind::tuple: {
    const auto items = value.items();
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!lower(type.fields[type.kind == Kind::fixed_list ? 0 : i].type, out, items[i]))
        return false;
    }
    return true;
  }
  default: {
    std::uint64_t bits = 0;
    if (!scalar(type, value, bits))
      return false;
    if (type.size == 8)
      out.i64(bits);
    else
      out.i32(static_cast<std::uint32_t>(bits));
    return true;
  }
  }
}

bool ValueLower::store_kind(const Plan::Type& type, std::uint32_t addr, const Value& value) {
  if (is_choice(type.kind))
    return store_choice(type, addr, value);
  switch (type.kind) {
  case Kind::string:
    return Abi<std::string>::store(call_, addr, value.text());
  case Kind::list:
  case Kind::map: {
    std::uint32_t to = 0;
    std::uint32_t count = 0;
    if (!list(type, value, to, count))
      return false;
    call_.memory().write(addr, to);
    call_.memory().write(addr + 4, count);
    return true;
  }
  case Kind::fixed_list:
    return store_elements(type, addr, value.items());
  case Kind::record:
  case Kind::tuple:
    return store_fields(type, addr, value.items());
  default: {
    std::uint64_t bits = 0;
    if (!scalar(type, value, bits))
      return false;
    write_unsigned(call_.memory(), addr, type.size, bits);
    return true;
  }
  }
}

bool ValueLower::scalar(const Plan::Type& type, const Value& value, std::uint64_t& bits) {
  switch (type.kind) {
  case Kind::own:
  case Kind::borrow: {
    std::uint32_t handle = 0;
    if (!handles_.lower(call_, type, value.resource(), handle))
      return false;
    bits = handle;
    return true;
  }
  case Kind::stream:
  case Kind::future:
  case Kind::error_context:
    return call_.fail(fmt::format("a {} cannot be passed here", to_string(kind_of(type))));
  case Kind::flags:
    if (type.fields.size() > 32)
      return call_.fail("flags have more than 32 names");
    if (value.bits() >> type.fields.size() != 0)
      return call_.fail("a flag is set that has no name");
    bits = value.bits();
    return true;
  default:
    bits = value.bits();
    return true;
  }
}

/// Elements that are lowered may run the guest's realloc, so memory is asked for anew each time.
bool ValueLower::list(const Plan::Type& type, const Value& value, std::uint32_t& addr,
                      std::uint32_t& count) {
  const auto items = value.items();
  const std::uint64_t bytes = std::uint64_t{items.size()} * type.stride;
  if (bytes > kMaxBytes)
    return fail_list_length(call_, items.size());
  std::uint32_t align = 1;
  for (const Plan::Field& field : type.fields)
    align = std::max(align, plan_.types[field.type].align);
  if (!call_.realloc(0, 0, align, static_cast<std::uint32_t>(bytes), addr))
    return false;
  count = static_cast<std::uint32_t>(items.size());
  return store_elements(type, addr, items);
}

bool ValueLower::store_elements(const Plan::Type& type, std::uint32_t addr,
                                std::span<const Value> items) {
  for (const Value& item : items) {
    if (type.kind != Kind::map) {
      if (!store(type.fields[0].type, addr, item))
        return false;
    } else if (item.kind() != wit::Kind::tuple || item.items().size() != 2) {
      return call_.fail("type mismatch: an entry of a map is not a pair");
    } else if (!store_fields(type, addr, item.items())) {
      return false;
    }
    addr += type.stride;
  }
  return true;
}

bool ValueLower::store_fields(const Plan::Type& type, std::uint32_t addr,
                              std::span<const Value> fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!store(type.fields[i].type, addr + type.fields[i].offset, fields[i]))
      return false;
  }
  return true;
}

bool ValueLower::lower_choice(const Plan::Type& type, FlatWriter& out, const Value& value) {
  Raw* const end = out.position() + type.flat.size();
  out.i32(value.index());
  if (!value.items().empty() && !lower(type.fields[value.index()].type, out, value.items()[0]))
    return false;
  out.zeros(static_cast<std::uint32_t>(end - out.position()));
  return true;
}

bool ValueLower::store_choice(const Plan::Type& type, std::uint32_t addr, const Value& value) {
  write_unsigned(call_.memory(), addr, type.discriminant_size, value.index());
  return value.items().empty() ||
         store(type.fields[value.index()].type, addr + type.payload_offset, value.items()[0]);
}

bool ValueLower::lower_params(const Plan::Function& function, std::span<const Value> params,
                              Raw* values) {
  const Plan::Type& tuple = plan_.types[function.params];
  if (params.size() != tuple.fields.size())
    return call_.fail(
        fmt::format("expected {} argument(s), got {}", tuple.fields.size(), params.size()));
  FlatWriter out{values};
  if (tuple.flattens) {
    for (std::size_t i = 0; i < params.size(); ++i) {
      if (!lower(tuple.fields[i].type, out, params[i]))
        return false;
    }
    return true;
  }
  std::uint32_t addr = 0;
  if (!call_.realloc(0, 0, tuple.align, tuple.size, addr) || !store_fields(tuple, addr, params))
    return false;
  out.i32(addr);
  return true;
}

} // namespace nacre::component
