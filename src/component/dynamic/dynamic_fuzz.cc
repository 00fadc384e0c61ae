// SPDX-License-Identifier: Apache-2.0
// Whatever a guest leaves in its memory and in its results, lifting answers with a value or a trap;
// and a lifted value, lowered again, is the same value. The first byte picks the type.
#include "base/ensure.h"
#include "component/dynamic/lift.h"
#include "component/dynamic/lower.h"
#include "component/testing/bump_peer.h"
#include "component/testing/numbered_handles.h"
#include "component/testing/plan_types.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace nacre::component {
namespace {

struct World {
  Plan plan;
  std::array<std::uint32_t, 8> tops{};

  World() {
    PlanTypes types{plan};
    const auto text = types.string();
    const auto letter = types.character();
    const auto u8 = types.u8();
    const auto f32 = types.f32();
    const auto u64 = types.u64();
    const auto pair = types.tuple({u8, u64});
    const auto shape = types.variant({{"a", text}, {"b", f32}, {"c", kNone}, {"d", pair}});
    const auto row =
        types.record({{"x", types.option(letter)}, {"y", shape}, {"z", types.flags(9)}});
    tops = {types.list(row),
            types.map(text, shape),
            types.result(shape, letter),
            row,
            types.list(types.list(text)),
            types.fixed_list(pair, 9),
            types.list(types.enumeration(300)),
            shape};
  }
};

/// The value after a way into another guest and back.
wit::Value again(const World& world, std::uint32_t type, const wit::Value& value) {
  BumpPeer guest{1 << 20};
  NumberedHandles handles;
  CallContext call{guest, StringEncoding::utf16};
  const Plan::Type& info = world.plan.types[type];
  std::uint32_t addr = 0;
  wit::Value back;
  ENSURE(call.realloc(0, 0, info.align, info.size, addr), "the guest is large enough");
  ENSURE(ValueLower(world.plan, call, handles).store(type, addr, value), call.error());
  ENSURE(ValueLift(world.plan, call, handles).load(type, addr, back), call.error());
  return back;
}

} // namespace
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World kWorld;
  constexpr std::size_t kFlat = 16 * sizeof(std::uint32_t);
  if (size < 2 + kFlat)
    return 0;
  const std::uint32_t type = kWorld.tops[data[0] % kWorld.tops.size()];
  BumpPeer guest{size - 2 - kFlat};
  std::ranges::copy(std::as_bytes(std::span(data, size)).subspan(2 + kFlat), guest.bytes().begin());
  NumberedHandles handles;
  CallContext call{guest, static_cast<StringEncoding>(data[1] % 3)};
  // Lists of lists may repeat the same memory: what is lifted must fit the second guest.
  call.set_budget(64 << 10);
  std::array<Raw, 16> raw{};
  for (std::size_t i = 0; i < raw.size(); ++i) {
    std::uint32_t word = 0;
    std::memcpy(&word, data + 2 + i * sizeof(word), sizeof(word));
    raw[i].i64 = word;
  }
  FlatReader in{raw.data()};
  wit::Value value;
  ValueLift lift{kWorld.plan, call, handles};
  const Plan::Type& info = kWorld.plan.types[type];
  const bool lifted = info.flattens
                          ? lift.lift(type, in, value)
                          : guest.bytes().size() >= info.size && lift.load(type, 0, value);
  ENSURE(lifted || call.failed() || !info.flattens, "a failure has no message");
  if (lifted)
    ENSURE(again(kWorld, type, value) == value, "the value changed on its way");
  return 0;
}

} // namespace nacre::component
