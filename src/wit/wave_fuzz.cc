// SPDX-License-Identifier: Apache-2.0
// Whatever text comes, the WAVE parser answers with a value or a sentence; and what it accepts, it
// prints as text that means the same value. The first byte picks the type.
#include "base/ensure.h"
#include "wit/wave.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace {

using namespace nacre::wit;

struct World {
  TypeTable types;
  std::array<TypeIndex, 8> tops{};

  World() {
    const TypeIndex s64 = types.scalar(Kind::s64);
    const TypeIndex f32 = types.scalar(Kind::f32);
    const TypeIndex f64 = types.scalar(Kind::f64);
    const TypeIndex text = types.scalar(Kind::string);
    const TypeIndex letter = types.scalar(Kind::character);
    const TypeIndex maybe = types.option(types.option(text));
    const TypeIndex hand = types.enumeration({"left", "none", "HTTP2"});
    const TypeIndex access = types.flags({"a", "b", "some"});
    const TypeIndex shape =
        types.variant({{"ok", f32}, {"none", kNoType}, {"pair", types.tuple({s64, f64})}});
    const TypeIndex row = types.record({{"x", types.option(hand)},
                                        {"access", types.option(access)},
                                        {"letter", types.option(letter)}});
    tops = {types.list(f64),
            types.map(text, shape),
            types.result(shape, maybe),
            row,
            types.list(types.list(row)),
            types.fixed_list(types.scalar(Kind::u8), 2),
            maybe,
            types.tuple({text, letter, types.scalar(Kind::boolean)})};
  }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World kWorld;
  if (size == 0)
    return 0;
  const TypeIndex type = kWorld.tops[data[0] % kWorld.tops.size()];
  const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  if (const auto value = parse_wave(kWorld.types, type, text); value.has_value()) {
    const auto again = parse_wave(kWorld.types, type, to_wave(kWorld.types, type, *value));
    ENSURE(again.has_value(), "the printer wrote what the parser refuses");
    ENSURE(*again == *value, "the text means another value");
  }
  if (const auto call = split_call(text); call.has_value()) {
    const std::array<Field, 2> params{Field{"a", type}, Field{"b", kWorld.tops[6]}};
    (void)parse_arguments(kWorld.types, params, text, call->arguments).has_value();
  }
  return 0;
}
