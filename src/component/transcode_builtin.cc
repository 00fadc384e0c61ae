// SPDX-License-Identifier: Apache-2.0
#include "component/builtins.h"
#include "component/store.h"
#include "component/transcode.h"
#include "engine/fault.h"

namespace nacre::component {
namespace {

using engine::Raw;
using engine::Trap;

/// Both memories of a copy, as the adapter's operands see them. The adapter has checked the ranges;
/// we check again, because only this line stands between a wrong adapter and the host's memory.
class Copy {
public:
  Copy(Store& store, const Plan::Trampoline& plan)
      : from_(memory(store, plan.from)), to_(memory(store, plan.to)) {}

  bool source(const Raw& address, const Raw& units, std::uint32_t unit, Bytes8& out) const {
    return range(from_, address, units, unit,
                 [&](std::byte* at, std::size_t size) { out = {at, size}; });
  }
  bool destination(const Raw& address, const Raw& units, std::uint32_t unit, Out8& out) const {
    return range(to_, address, units, unit,
                 [&](std::byte* at, std::size_t size) { out = {at, size}; });
  }

private:
  static Memory memory(Store& store, std::uint32_t index) {
    const engine::MemoryRef& ref = store.memory(index);
    return {store.engine().memory_data(ref), store.engine().memory_size(ref)};
  }
  template <class Put>
  static bool range(Memory memory, const Raw& address, const Raw& units, std::uint32_t unit,
                    Put put) {
    const auto start = static_cast<std::uint32_t>(address.i32);
    const std::uint64_t size = std::uint64_t{static_cast<std::uint32_t>(units.i32)} * unit;
    if (!memory.contains(start, size))
      return false;
    put(memory.at(start), static_cast<std::size_t>(size));
    return true;
  }

  Memory from_;
  Memory to_;
};

Trap* bad_text(const char* encoding) {
  return engine::make_trap(std::string("invalid ") + encoding + " encoding");
}
Trap* out_of_bounds() {
  return engine::make_trap("string pointer/length out of bounds of memory");
}

void give(Raw& value, std::uint32_t result) {
  value.i32 = static_cast<std::int32_t>(result);
}

/// Copies that keep the number of units, or write at most as many: (address, units, address) ->
/// [units].
Trap* plain(Plan::Transcode op, const Copy& copy, Raw* v) {
  using Transcode = Plan::Transcode;
  const bool from16 =
      op == Transcode::copy_utf16 || op == Transcode::utf16_to_compact_probably_utf16;
  const bool to16 = from16 || op == Transcode::latin1_to_utf16 || op == Transcode::utf8_to_utf16;
  Bytes8 from;
  Out8 to;
  if (!copy.source(v[0], v[1], from16 ? 2 : 1, from) ||
      !copy.destination(v[2], v[1], to16 ? 2 : 1, to)) {
    return out_of_bounds();
  }
  switch (op) {
  case Transcode::copy_utf8:
    return copy_utf8(from, to) ? nullptr : bad_text("utf8");
  case Transcode::copy_utf16:
    return copy_utf16(from, to) ? nullptr : bad_text("utf16");
  case Transcode::copy_latin1:
    copy_latin1(from, to);
    return nullptr;
  case Transcode::latin1_to_utf16:
    latin1_to_utf16(from, to);
    return nullptr;
  case Transcode::utf8_to_utf16: {
    const auto units = utf8_to_utf16(from, to);
    if (!units)
      return bad_text("utf8");
    give(v[0], *units);
    return nullptr;
  }
  default: {
    const auto units = utf16_to_compact_probably_utf16(from, to);
    if (!units)
      return bad_text("utf16");
    give(v[0], *units);
    return nullptr;
  }
  }
}

/// To Latin-1, as far as it goes: (address, units, address) -> [read, written].
Trap* to_latin1(bool from16, const Copy& copy, Raw* v) {
  Bytes8 from;
  Out8 to;
  if (!copy.source(v[0], v[1], from16 ? 2 : 1, from) || !copy.destination(v[2], v[1], 1, to))
    return out_of_bounds();
  const Copied done = from16 ? utf16_to_latin1(from, to) : utf8_to_latin1(from, to);
  give(v[0], done.read);
  give(v[1], done.written);
  return nullptr;
}

/// To UTF-8, as far as it fits: (address, units, address, bytes, first pass) -> [read, written].
Trap* to_utf8(bool from16, const Copy& copy, Raw* v) {
  Bytes8 from;
  Out8 to;
  if (!copy.source(v[0], v[1], from16 ? 2 : 1, from) || !copy.destination(v[2], v[3], 1, to))
    return out_of_bounds();
  const bool first = v[4].i32 != 0;
  std::optional<Copied> done =
      from16 ? utf16_to_utf8(from, to, first) : latin1_to_utf8(from, to, first);
  if (!done)
    return bad_text("utf16");
  give(v[0], done->read);
  give(v[1], done->written);
  return nullptr;
}

/// The rest of a string that began as Latin-1: (address, units, address, units, latin1 so far) ->
/// [units].
Trap* to_compact(bool from16, const Copy& copy, Raw* v) {
  Bytes8 from;
  Out8 to;
  if (!copy.source(v[0], v[1], from16 ? 2 : 1, from) || !copy.destination(v[2], v[3], 2, to))
    return out_of_bounds();
  const auto so_far = static_cast<std::uint32_t>(v[4].i32);
  if (to.size() / 2 < so_far || (from16 && to.size() - std::size_t{2} * so_far < from.size()))
    return out_of_bounds();
  const auto units =
      from16 ? utf16_to_compact_utf16(from, to, so_far) : utf8_to_compact_utf16(from, to, so_far);
  if (!units)
    return bad_text(from16 ? "utf16" : "utf8");
  give(v[0], *units);
  return nullptr;
}

} // namespace

Trap* transcode(void* env, engine::Caller* caller, Raw* values, std::size_t /*count*/) {
  using Transcode = Plan::Transcode;
  const Plan::Trampoline& plan = *static_cast<const BoundTrampoline*>(env)->plan;
  const Copy copy{*static_cast<Store*>(engine::Store::data_of(caller)), plan};
  const Transcode op = plan.transcode;
  switch (op) {
  case Transcode::utf8_to_latin1:
    return to_latin1(false, copy, values);
  case Transcode::utf16_to_latin1:
    return to_latin1(true, copy, values);
  case Transcode::latin1_to_utf8:
    return to_utf8(false, copy, values);
  case Transcode::utf16_to_utf8:
    return to_utf8(true, copy, values);
  case Transcode::utf8_to_compact_utf16:
    return to_compact(false, copy, values);
  case Transcode::utf16_to_compact_utf16:
    return to_compact(true, copy, values);
  default:
    return plain(op, copy, values);
  }
}

} // namespace nacre::component
