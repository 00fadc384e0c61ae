// SPDX-License-Identifier: Apache-2.0
#include "component/dynamic/lift.h"
#include "component/dynamic/lower.h"
#include "component/dynamic/types.h"
#include "component/testing/bump_peer.h"
#include "component/testing/numbered_handles.h"
#include "component/testing/plan_types.h"

#include <gtest/gtest.h>

#include <array>
#include <gmock/gmock.h>
#include <limits>

namespace nacre::component {
namespace {

using wit::Value;

/// A plan of hand-made types and a guest to call.
struct Border {
  Plan plan;
  PlanTypes types{plan};
  BumpPeer guest{4096, /*moving=*/true};
  NumberedHandles handles;

  /// The value after a way into the guest and back: as parameter and as result of a function.
  Value through_params(std::uint32_t type, const Value& value) {
    CallContext call{guest, StringEncoding::utf8};
    const Plan::Function function = types.function({type}, {});
    std::array<Raw, 17> raw{};
    EXPECT_TRUE(
        ValueLower(plan, call, handles).lower_params(function, std::array{value}, raw.data()))
        << call.error();
    Value back;
    ValueLift lift{plan, call, handles};
    const Plan::Type& tuple = plan.types[function.params];
    FlatReader in{raw.data()};
    EXPECT_TRUE(tuple.flattens ? lift.lift(type, in, back) : lift.load(type, in.i32(), back))
        << call.error();
    return back;
  }
  Value through_memory(std::uint32_t type, const Value& value) {
    CallContext call{guest, StringEncoding::utf8};
    std::uint32_t addr = 0;
    const Plan::Type& info = plan.types[type];
    EXPECT_TRUE(call.realloc(0, 0, info.align, info.size, addr));
    EXPECT_TRUE(ValueLower(plan, call, handles).store(type, addr, value)) << call.error();
    Value back;
    EXPECT_TRUE(ValueLift(plan, call, handles).load(type, addr, back)) << call.error();
    return back;
  }
  void round_trip(std::uint32_t type, const Value& value) {
    EXPECT_EQ(through_params(type, value), value);
    EXPECT_EQ(through_memory(type, value), value);
  }

  /// The trap of lifting flat values.
  std::string lift_error(std::uint32_t type, std::vector<std::uint64_t> flat) {
    CallContext call{guest, StringEncoding::utf8};
    flat.resize(17);
    std::array<Raw, 17> raw{};
    for (std::size_t i = 0; i < raw.size(); ++i)
      raw[i].i64 = static_cast<std::int64_t>(flat[i]);
    FlatReader in{raw.data()};
    Value out;
    EXPECT_FALSE(ValueLift(plan, call, handles).lift(type, in, out));
    return call.error();
  }
  std::string lower_error(std::uint32_t type, const Value& value) {
    CallContext call{guest, StringEncoding::utf8};
    std::array<Raw, 17> raw{};
    FlatWriter out{raw.data()};
    EXPECT_FALSE(ValueLower(plan, call, handles).lower(type, out, value));
    return call.error();
  }
};

TEST(Dynamic, ScalarsCrossUnchanged) {
  Border b;
  b.round_trip(b.types.boolean(), Value::boolean(true));
  b.round_trip(b.types.u8(), Value::u8(255));
  b.round_trip(b.types.s8(), Value::s8(-128));
  b.round_trip(b.types.u16(), Value::u16(65535));
  b.round_trip(b.types.s16(), Value::s16(-2));
  b.round_trip(b.types.u32(), Value::u32(0xffffffff));
  b.round_trip(b.types.s32(), Value::s32(std::numeric_limits<std::int32_t>::min()));
  b.round_trip(b.types.u64(), Value::u64(UINT64_MAX));
  b.round_trip(b.types.s64(), Value::s64(INT64_MIN));
  b.round_trip(b.types.f32(), Value::f32(-0.0f));
  b.round_trip(b.types.f64(), Value::f64(1e300));
  b.round_trip(b.types.character(), Value::character(U'🌊'));
  b.round_trip(b.types.string(), Value::string("häll🌊"));
  b.round_trip(b.types.string(), Value::string(""));
}

TEST(Dynamic, AggregatesCrossUnchanged) {
  Border b;
  const auto u8 = b.types.u8();
  const auto u64 = b.types.u64();
  const auto text = b.types.string();
  b.round_trip(b.types.list(text), Value::list({Value::string("a"), Value::string("bc")}));
  b.round_trip(b.types.list(u8), Value::list({}));
  b.round_trip(b.types.fixed_list(u8, 3),
               Value::fixed_list({Value::u8(1), Value::u8(2), Value::u8(3)}));
  b.round_trip(b.types.fixed_list(u64, 20),
               Value::fixed_list(std::vector<Value>(20, Value::u64(7))));
  b.round_trip(b.types.map(u8, u64), Value::map({Value::tuple({Value::u8(1), Value::u64(2)}),
                                                 Value::tuple({Value::u8(3), Value::u64(4)})}));
  b.round_trip(b.types.record({{"a", u8}, {"b", u64}, {"c", text}}),
               Value::record({Value::u8(1), Value::u64(2), Value::string("x")}));
  b.round_trip(b.types.tuple({u64, u8}), Value::tuple({Value::u64(1), Value::u8(2)}));
  b.round_trip(b.types.enumeration(300), Value::enumeration(299));
  b.round_trip(b.types.flags(3), Value::flags(5));
  b.round_trip(b.types.flags(32), Value::flags(0x8000'0001));
}

TEST(Dynamic, ChoicesCrossWithJoinedPayloads) {
  Border b;
  const auto u8 = b.types.u8();
  const auto f32 = b.types.f32();
  const auto f64 = b.types.f64();
  const auto pair = b.types.tuple({f32, b.types.u64()});
  const auto shape = b.types.variant(
      {{"none", kNone}, {"a", u8}, {"b", f32}, {"c", f64}, {"d", pair}, {"e", b.types.string()}});
  b.round_trip(shape, Value::variant(0));
  b.round_trip(shape, Value::variant(1, Value::u8(200)));
  b.round_trip(shape, Value::variant(2, Value::f32(1.5f)));
  b.round_trip(shape, Value::variant(3, Value::f64(-1.5)));
  b.round_trip(shape, Value::variant(4, Value::tuple({Value::f32(2.5f), Value::u64(1)})));
  b.round_trip(shape, Value::variant(5, Value::string("x")));
  const auto maybe = b.types.option(b.types.option(f32));
  b.round_trip(maybe, Value::none());
  b.round_trip(maybe, Value::some(Value::none()));
  b.round_trip(maybe, Value::some(Value::some(Value::f32(1))));
  b.round_trip(b.types.result(kNone, u8), Value::ok());
  b.round_trip(b.types.result(kNone, u8), Value::error(Value::u8(3)));
  // What follows a choice is found whichever case it has.
  b.round_trip(b.types.tuple({shape, u8}), Value::tuple({Value::variant(0), Value::u8(9)}));
}

TEST(Dynamic, MoreThanSixteenFlatParametersGoThroughMemory) {
  Border b;
  const auto u8 = b.types.u8();
  const auto wide = b.types.tuple(std::vector<std::uint32_t>(17, u8));
  const auto value = Value::tuple(std::vector<Value>(17, Value::u8(4)));
  EXPECT_EQ(b.through_params(wide, value), value);
}

TEST(Dynamic, HandlesGoThroughTheBridge) {
  Border b;
  b.plan.resource_tables.push_back({});
  const auto own = b.types.own();
  b.plan.types[own].table = 0;
  const auto resource = std::make_shared<wit::Opaque>();
  EXPECT_EQ(b.through_memory(own, Value::handle(wit::Kind::own, resource)).resource(), resource);
  EXPECT_EQ(b.lift_error(own, {7}), "unknown handle index 7");
}

TEST(Dynamic, NarrowIntegersWrapOnLift) {
  Border b;
  CallContext call{b.guest, StringEncoding::utf8};
  std::array<Raw, 3> raw{};
  for (Raw& value : raw)
    value.i64 = static_cast<std::int64_t>(0xffff'ffff'0000'0180);
  FlatReader in{raw.data()};
  ValueLift lift{b.plan, call, b.handles};
  Value value;
  ASSERT_TRUE(lift.lift(b.types.u8(), in, value));
  EXPECT_EQ(value, Value::u8(0x80));
  ASSERT_TRUE(lift.lift(b.types.s8(), in, value));
  EXPECT_EQ(value, Value::s8(-128));
  ASSERT_TRUE(lift.lift(b.types.boolean(), in, value));
  EXPECT_EQ(value, Value::boolean(true));
}

TEST(Dynamic, FlagsWithoutNamesAreIgnored) {
  Border b;
  CallContext call{b.guest, StringEncoding::utf8};
  Raw raw{};
  raw.i64 = 0xff;
  FlatReader in{&raw};
  Value value;
  ASSERT_TRUE(ValueLift(b.plan, call, b.handles).lift(b.types.flags(3), in, value));
  EXPECT_EQ(value, Value::flags(7));
}

TEST(Dynamic, LiftTrapsInTheEnginesWords) {
  Border b;
  const auto u32s = b.types.list(b.types.u32());
  const auto text = b.types.string();
  EXPECT_EQ(b.lift_error(text, {4090, 7}), "string pointer/length out of bounds of memory");
  EXPECT_EQ(b.lift_error(u32s, {4092, 2}), "list pointer/length out of bounds of memory");
  EXPECT_EQ(b.lift_error(u32s, {16, 0xffffffff}), "list pointer/length out of bounds of memory");
  EXPECT_EQ(b.lift_error(u32s, {17, 1}), "list pointer is not aligned");
  EXPECT_EQ(b.lift_error(b.types.map(b.types.u8(), b.types.u64()), {4, 1}),
            "map pointer is not aligned");
  EXPECT_EQ(b.lift_error(b.types.option(text), {2}), "invalid option discriminant: 2");
  EXPECT_EQ(b.lift_error(b.types.result(text, text), {9}), "invalid expected discriminant: 9");
  EXPECT_EQ(b.lift_error(b.types.enumeration(3), {3}),
            "invalid variant discriminant: unexpected discriminant: 3");
  EXPECT_THAT(b.lift_error(b.types.character(), {0xd800}),
              testing::StartsWith("invalid `char` bit pattern"));
  b.guest.bytes()[16] = std::byte{0xff};
  EXPECT_THAT(b.lift_error(text, {16, 1}), testing::StartsWith("invalid utf-8 sequence"));
}

TEST(Dynamic, ResultPointersAreChecked) {
  Border b;
  const Plan::Function function =
      b.types.function({}, {b.types.tuple({b.types.u32(), b.types.u8()})});
  const auto error = [&](std::int32_t pointer) {
    CallContext call{b.guest, StringEncoding::utf8};
    Raw raw{};
    raw.i32 = pointer;
    std::optional<Value> out;
    EXPECT_FALSE(ValueLift(b.plan, call, b.handles).lift_result(function, &raw, out));
    return call.error();
  };
  EXPECT_EQ(error(2), "return pointer not aligned");
  EXPECT_EQ(error(4092), "pointer out of bounds of memory");
  EXPECT_EQ(error(-4), "pointer out of bounds of memory");
}

TEST(Dynamic, OneFlatResultComesAsItIsAndNoneAsNothing) {
  Border b;
  CallContext call{b.guest, StringEncoding::utf8};
  ValueLift lift{b.plan, call, b.handles};
  Raw raw{};
  raw.i64 = 5;
  std::optional<Value> out;
  ASSERT_TRUE(lift.lift_result(b.types.function({}, {b.types.u8()}), &raw, out));
  EXPECT_EQ(out, Value::u8(5));
  ASSERT_TRUE(lift.lift_result(b.types.function({}, {}), &raw, out));
  EXPECT_FALSE(out.has_value());
}

TEST(Dynamic, AGuestCannotMakeTheHostAllocateWithoutEnd) {
  Border b;
  CallContext call{b.guest, StringEncoding::utf8};
  call.set_budget(1000 * sizeof(Value));
  std::array<Raw, 2> raw{};
  raw[1].i64 = 1001;
  FlatReader in{raw.data()};
  Value out;
  EXPECT_FALSE(ValueLift(b.plan, call, b.handles).lift(b.types.list(b.types.u8()), in, out));
  EXPECT_THAT(call.error(), testing::HasSubstr("too much data"));
}

TEST(Dynamic, DeepTypesAreRefusedNotFollowed) {
  Border b;
  auto type = b.types.u8();
  for (int i = 0; i < 100'000; ++i)
    type = b.types.tuple({type});
  EXPECT_EQ(b.lift_error(type, {1}), "values nest deeper than 128");
}

TEST(Dynamic, ValuesThatDoNotFitAreRefused) {
  Border b;
  const auto u8 = b.types.u8();
  EXPECT_EQ(b.lower_error(u8, Value::string("x")), "type mismatch: expected u8, found string");
  EXPECT_EQ(b.lower_error(b.types.tuple({u8, u8}), Value::tuple({Value::u8(1)})),
            "type mismatch: expected tuple with 2 parts, found 1");
  EXPECT_EQ(b.lower_error(b.types.fixed_list(u8, 2), Value::fixed_list({})),
            "type mismatch: expected list with 2 parts, found 0");
  EXPECT_EQ(b.lower_error(b.types.enumeration(2), Value::enumeration(2)),
            "there is no case 2 in enum");
  EXPECT_EQ(b.lower_error(b.types.option(u8), Value::choice(wit::Kind::option, 1, {})),
            "type mismatch: expected option with 1 parts, found 0");
  EXPECT_EQ(b.lower_error(b.types.map(u8, u8), Value::map({Value::u8(1)})),
            "type mismatch: an entry of a map is not a pair");
  EXPECT_EQ(b.lower_error(b.types.flags(2), Value::flags(4)), "a flag is set that has no name");
}

TEST(Dynamic, PlanTypesAreDescribedUnderTheirIndices) {
  Border b;
  const auto u8 = b.types.u8();
  const auto point = b.types.record({{"x", u8}, {"y", b.types.option(u8)}});
  const Plan::Function function = b.types.function({point}, {u8});
  const wit::TypeTable table = describe_types(b.plan);
  EXPECT_EQ(table.describe(point), "record{x: u8, y: option<u8>}");
  EXPECT_EQ(describe_params(b.plan, function).at(0).type, point);
  EXPECT_EQ(describe_params(b.plan, function).at(0).name, "p0");
  EXPECT_EQ(describe_result(b.plan, function), u8);
}

} // namespace
} // namespace nacre::component
