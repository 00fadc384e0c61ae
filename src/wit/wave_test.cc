// SPDX-License-Identifier: Apache-2.0
#include "wit/wave.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace nacre::wit {
namespace {

/// A table with the types that the tests speak about.
struct World {
  TypeTable types;
  TypeIndex boolean = types.scalar(Kind::boolean);
  TypeIndex u8 = types.scalar(Kind::u8);
  TypeIndex s8 = types.scalar(Kind::s8);
  TypeIndex u32 = types.scalar(Kind::u32);
  TypeIndex u64 = types.scalar(Kind::u64);
  TypeIndex s64 = types.scalar(Kind::s64);
  TypeIndex f32 = types.scalar(Kind::f32);
  TypeIndex f64 = types.scalar(Kind::f64);
  TypeIndex character = types.scalar(Kind::character);
  TypeIndex string = types.scalar(Kind::string);
  TypeIndex u8s = types.list(u8);
  TypeIndex pair = types.tuple({u8, string});
  TypeIndex three = types.fixed_list(u8, 3);
  TypeIndex ages = types.map(string, u8);
  TypeIndex maybe = types.option(u8);
  TypeIndex maybe_maybe = types.option(maybe);
  TypeIndex empty_result = types.result(kNoType, kNoType);
  TypeIndex u8_or_text = types.result(u8, string);
  TypeIndex maybe_or = types.result(maybe, kNoType);
  TypeIndex point = types.record({{"x", u8}, {"label", types.option(string)}});
  TypeIndex loose = types.record({{"a", maybe}, {"some", maybe}});
  TypeIndex shape =
      types.variant({{"circle", f64}, {"none", kNoType}, {"err", u8}, {"dot", kNoType}});
  TypeIndex hand = types.enumeration({"left", "right", "ok"});
  TypeIndex access = types.flags({"read", "write", "true"});

  Value parse(TypeIndex type, std::string_view text) {
    auto parsed = parse_wave(types, type, text);
    EXPECT_TRUE(parsed.has_value()) << text << ": " << parsed.error().message();
    return parsed.value_or(Value{});
  }
  std::string error(TypeIndex type, std::string_view text) {
    auto parsed = parse_wave(types, type, text);
    EXPECT_FALSE(parsed.has_value()) << text;
    return parsed.has_value() ? "" : parsed.error().message();
  }
  std::string again(TypeIndex type, std::string_view text) {
    return to_wave(types, type, parse(type, text));
  }
};

TEST(Wave, ScalarsParse) {
  World w;
  EXPECT_EQ(w.parse(w.boolean, "true"), Value::boolean(true));
  EXPECT_EQ(w.parse(w.boolean, " false // no"), Value::boolean(false));
  EXPECT_EQ(w.parse(w.u8, "255"), Value::u8(255));
  EXPECT_EQ(w.parse(w.s8, "-128"), Value::s8(-128));
  EXPECT_EQ(w.parse(w.s8, "-0"), Value::s8(0));
  EXPECT_EQ(w.parse(w.u64, "18446744073709551615"), Value::u64(UINT64_MAX));
  EXPECT_EQ(w.parse(w.s64, "-9223372036854775808"), Value::s64(INT64_MIN));
}

TEST(Wave, FloatsParseAndRoundToNearest) {
  World w;
  EXPECT_EQ(w.parse(w.f64, "-3.25e-2"), Value::f64(-0.0325));
  EXPECT_EQ(w.parse(w.f64, "0e0"), Value::f64(0.0));
  EXPECT_EQ(w.parse(w.f64, "-0.0e-0"), Value::f64(-0.0));
  EXPECT_EQ(w.parse(w.f32, "3.4028234664123e38"), Value::f32(3.40282347e38f));
  EXPECT_EQ(w.parse(w.f32, "1.4012984643e-45"),
            Value::f32(std::numeric_limits<float>::denorm_min()));
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(w.parse(w.f32, "3.5e39"), Value::f32(kInfinity));
  EXPECT_EQ(w.parse(w.f32, "-1" + std::string(60, '0')), Value::f32(-kInfinity));
  EXPECT_EQ(w.parse(w.f32, "1e99999999999999999999"), Value::f32(kInfinity));
  EXPECT_EQ(w.parse(w.f32, "1e-99999999999999999999"), Value::f32(0.0f));
  EXPECT_EQ(w.parse(w.f32, "-1e-60"), Value::f32(-0.0f));
  EXPECT_EQ(w.parse(w.f64, "0e99999999999999999999"), Value::f64(0.0));
  EXPECT_EQ(w.parse(w.f64, "-inf"), Value::f64(-std::numeric_limits<double>::infinity()));
  EXPECT_TRUE(std::isnan(w.parse(w.f64, "nan").as_f64()));
  for (const char* text :
       {"-nan", "NaN", "infinity", "Inf", "-INF", "1.", ".5", "01", "1e", "+1", "- 1", "--1"})
    w.error(w.f64, text);
}

TEST(Wave, TextParsesWithEveryEscape) {
  World w;
  EXPECT_EQ(w.parse(w.string, R"("\\\'\"\t\n\r\u{0}\u{1F30a}\u{00007f}é'")"),
            Value::string(std::string{"\\'\"\t\n\r\0🌊\x7fé'", 15}));
  EXPECT_EQ(w.parse(w.character, "'☃'"), Value::character(U'☃'));
  EXPECT_EQ(w.parse(w.character, R"('\'')"), Value::character(U'\''));
  EXPECT_EQ(w.parse(w.character, R"('"')"), Value::character(U'"'));
  EXPECT_EQ(w.parse(w.character, R"('\u{10ffff}')"), Value::character(0x10FFFF));
  for (const char* text : {"''",
                           "'ab'",
                           "'☃☃'",
                           R"('\n\n')",
                           R"('\z')",
                           R"('\x1f')",
                           R"('\u1f')",
                           R"('\u{1f')",
                           R"('\u1f}')",
                           R"('\u{}')",
                           R"('\u{x}')",
                           R"('\u{12345678}')",
                           R"('\u{110000}')",
                           R"('\u{D800}')",
                           R"('\u{dfff}')",
                           "'",
                           "x'",
                           "'x",
                           R"('\')",
                           "'''",
                           "'\n'",
                           "\"x\""})
    w.error(w.character, text);
  for (const char* text :
       {R"("\u{-1}")", R"("\u{0000000}")", "\"\"\"", R"("\")", "\"\n\"", "\"a", "x"})
    w.error(w.string, text);
}

TEST(Wave, MultilineStringsLoseTheirIndent) {
  World w;
  const auto text = [&](const char* wave) { return w.parse(w.string, wave).text(); };
  EXPECT_EQ(text("\"\"\"\n\"\"\""), "");
  EXPECT_EQ(text("\"\"\"\nA single line\n\"\"\""), "A single line");
  EXPECT_EQ(text("\"\"\"\r\n    Deep\r\n  less\r\n  \"\"\""), "  Deep\nless");
  EXPECT_EQ(text("\"\"\"\n\nx\n\n\"\"\""), "\nx\n");
  EXPECT_EQ(text("\"\"\"\n  \"\"\\\"\"\\t'\\r\n  \"\"\""), "\"\"\"\"\t'\r");
  for (const char* bad : {"\"\"\"\"\"\"", "\"\"\" \"\"\"", "\"\"\"extra\n\"\"\"",
                          "\"\"\"\nextra\"\"\"", "\"\"\"\n  a\n b\n  \"\"\"", "\"\"\"\n\\j\n\"\"\"",
                          "\"\"\"\nopen", "\"\"\"\n\\u{d800}\n\"\"\""})
    w.error(w.string, bad);
}

TEST(Wave, AggregatesParse) {
  World w;
  EXPECT_EQ(w.parse(w.u8s, "[]"), Value::list({}));
  EXPECT_EQ(w.parse(w.u8s, "[1, 2 ,\n3,]"),
            Value::list({Value::u8(1), Value::u8(2), Value::u8(3)}));
  EXPECT_EQ(w.parse(w.three, "[1,2,3]"),
            Value::fixed_list({Value::u8(1), Value::u8(2), Value::u8(3)}));
  EXPECT_EQ(w.parse(w.pair, "(1, \"a\",)"), Value::tuple({Value::u8(1), Value::string("a")}));
  EXPECT_EQ(w.parse(w.ages, R"([("ann", 30), ("bob", 40,),])"),
            Value::map({Value::tuple({Value::string("ann"), Value::u8(30)}),
                        Value::tuple({Value::string("bob"), Value::u8(40)})}));
  for (const char* text :
       {"[,]", "[1,,]", "[1 2]", "[1", "(1)", "{1}", "[1)", "[-1]", "[256]", "[1.5]", "[inf]"})
    w.error(w.u8s, text);
  EXPECT_EQ(w.error(w.three, "[1, 2]"), "at 1: expected 3 elements, found 2");
  EXPECT_EQ(w.error(w.pair, "(1)"), "at 1: expected 2 elements, found 1");
  EXPECT_EQ(w.error(w.pair, "(1, \"a\", 3)"), "at 1: expected 2 elements, found more");
  EXPECT_EQ(w.error(w.pair, "()"), "at 1: expected 2 elements, found 0");
}

TEST(Wave, RecordsTakeFieldsInAnyOrderAndMayLeaveOutOptions) {
  World w;
  const Value full = Value::record({Value::u8(1), Value::some(Value::string("a"))});
  EXPECT_EQ(w.parse(w.point, "{x: 1, label: \"a\"}"), full);
  EXPECT_EQ(w.parse(w.point, "{%label: some(\"a\"), %x: 1,}"), full);
  EXPECT_EQ(w.parse(w.point, "{x: 1}"), Value::record({Value::u8(1), Value::none()}));
  EXPECT_EQ(w.parse(w.loose, "{:}"), Value::record({Value::none(), Value::none()}));
  EXPECT_EQ(w.parse(w.loose, "{some: some(1)}"),
            Value::record({Value::none(), Value::some(Value::u8(1))}));
  EXPECT_EQ(w.error(w.point, "{label: none}"), "at 13: field 'x' is missing, which is u8");
  EXPECT_EQ(w.error(w.point, "{x: 1, x: 2}"), "at 8: field 'x' is given twice");
  EXPECT_EQ(w.error(w.point, "{x: 1, y: 2}"), "at 8: there is no field 'y'");
  EXPECT_EQ(w.error(w.point, "{x: \"a\"}"), "at 5: expected u8, found string");
  EXPECT_EQ(w.error(w.loose, "{}"), "at 2: a record without fields is written {:}");
  EXPECT_EQ(w.error(w.point, "{:}"), "at 3: field 'x' is missing, which is u8");
  for (const char* text :
       {"{x: 0,, }", "{, x: 0}", "{x: 0 label: none}", "{x 0}", "{x: 0", "{x}", "(x: 0)"})
    w.error(w.point, text);
}

TEST(Wave, CasesThatAreKeywordsNeedAMark) {
  World w;
  EXPECT_EQ(w.parse(w.shape, "circle(1.5)"), Value::variant(0, Value::f64(1.5)));
  EXPECT_EQ(w.parse(w.shape, "%none"), Value::variant(1));
  EXPECT_EQ(w.parse(w.shape, "%err(3)"), Value::variant(2, Value::u8(3)));
  EXPECT_EQ(w.parse(w.shape, "%dot"), Value::variant(3));
  EXPECT_EQ(w.parse(w.hand, "%ok"), Value::enumeration(2));
  EXPECT_EQ(w.parse(w.hand, "left"), Value::enumeration(0));
  EXPECT_EQ(w.error(w.shape, "none"), "at 1: 'none' is a word of the language: write %none");
  EXPECT_EQ(w.error(w.shape, "square"), "at 1: there is no case 'square'");
  EXPECT_EQ(w.error(w.shape, "dot(1)"), "at 4: 'dot' has no payload");
  EXPECT_EQ(w.error(w.shape, "circle"), "at 7: expected '(' and f64, found end of text");
  EXPECT_EQ(w.error(w.hand, "true"), "at 1: expected enum{left, right, ok}, found 'true'");
  EXPECT_EQ(w.error(w.hand, "left(1)"), "at 5: expected end of text, found '('");
  w.error(w.shape, "circle()");
  w.error(w.shape, "Circle(1)");
}

TEST(Wave, OptionsAndResultsMayBeBare) {
  World w;
  EXPECT_EQ(w.parse(w.maybe, "none"), Value::none());
  EXPECT_EQ(w.parse(w.maybe, "some(1)"), Value::some(Value::u8(1)));
  EXPECT_EQ(w.parse(w.maybe, "1"), Value::some(Value::u8(1)));
  EXPECT_EQ(w.parse(w.maybe_maybe, "some(1)"), Value::some(Value::some(Value::u8(1))));
  EXPECT_EQ(w.parse(w.maybe_maybe, "some(none)"), Value::some(Value::none()));
  EXPECT_EQ(w.parse(w.empty_result, "ok"), Value::ok());
  EXPECT_EQ(w.parse(w.empty_result, "err"), Value::error());
  EXPECT_EQ(w.parse(w.u8_or_text, "ok(1)"), Value::ok(Value::u8(1)));
  EXPECT_EQ(w.parse(w.u8_or_text, "1"), Value::ok(Value::u8(1)));
  EXPECT_EQ(w.parse(w.u8_or_text, "err(\"x\")"), Value::error(Value::string("x")));
  EXPECT_EQ(w.parse(w.maybe_or, "ok(1)"), Value::ok(Value::some(Value::u8(1))));
  w.error(w.maybe_maybe, "1");
  w.error(w.maybe_or, "1");
  for (const char* text :
       {"some", "some()", "some(some)", "some(some(0))", "none()", "none(0)", "some(none)"})
    w.error(w.maybe, text);
  for (const char* text : {"ok()", "ok(0)", "err()", "err(0)", "1", "o"})
    w.error(w.empty_result, text);
  for (const char* text : {"ok", "ok()", "err", "err(1)", "\"x\""})
    w.error(w.u8_or_text, text);
}

TEST(Wave, FlagsParseInAnyOrder) {
  World w;
  EXPECT_EQ(w.parse(w.access, "{}"), Value::flags(0));
  EXPECT_EQ(w.parse(w.access, "{write, %read,}"), Value::flags(3));
  EXPECT_EQ(w.parse(w.access, "{true}"), Value::flags(4));
  EXPECT_EQ(w.error(w.access, "{read, read}"), "at 8: flag 'read' is given twice");
  EXPECT_EQ(w.error(w.access, "{run}"), "at 2: there is no flag 'run'");
  w.error(w.access, "{:}");
  w.error(w.access, "{read: true}");
}

TEST(Wave, PrintsWhatItParses) {
  World w;
  EXPECT_EQ(w.again(w.u8s, "[1,2,]"), "[1, 2]");
  EXPECT_EQ(w.again(w.pair, "(7, \"a\\\"'\\u{0}\\u{9f}\\té\")"), R"((7, "a\"'\u{0}\u{9f}\té"))");
  EXPECT_EQ(w.again(w.character, "'\\''"), "'\\''");
  EXPECT_EQ(w.again(w.character, "'\"'"), "'\"'");
  EXPECT_EQ(w.again(w.point, "{label: none, x: 2}"), "{x: 2}");
  EXPECT_EQ(w.again(w.loose, "{a: none}"), "{:}");
  EXPECT_EQ(w.again(w.maybe_maybe, "some(some(1))"), "some(some(1))");
  EXPECT_EQ(w.again(w.u8_or_text, "1"), "ok(1)");
  EXPECT_EQ(w.again(w.u8_or_text, "err(\"\")"), "err(\"\")");
  EXPECT_EQ(w.again(w.shape, "%err(1)"), "%err(1)");
  EXPECT_EQ(w.again(w.hand, "%left"), "left");
  EXPECT_EQ(w.again(w.access, "{write, read}"), "{read, write}");
  EXPECT_EQ(w.again(w.ages, "[(\"a\", 1)]"), "[(\"a\", 1)]");
  EXPECT_EQ(w.again(w.s8, "-5"), "-5");
  EXPECT_EQ(w.again(w.f32, "0.1"), "0.1");
  EXPECT_EQ(w.again(w.f64, "1e300"), "1e+300");
  EXPECT_EQ(w.again(w.f64, "-inf"), "-inf");
  EXPECT_EQ(w.again(w.f64, "nan"), "nan");
}

TEST(Wave, PositionsCountCharacters) {
  World w;
  EXPECT_EQ(w.error(w.pair, "(1, 'é')"), "at 5: expected string, found char");
  EXPECT_EQ(w.error(w.ages, "[(\"é\", x)]"), "at 8: expected u8, found 'x'");
  EXPECT_EQ(w.error(w.u8s, "[1, §]"), "at 5: '§' starts no value");
  EXPECT_EQ(w.error(w.u8, "300"), "at 1: 300 is out of range for u8: 0 to 255");
  EXPECT_EQ(w.error(w.u8, "1.5"), "at 1: expected u8, found number 1.5");
  EXPECT_EQ(w.error(w.u8, ""), "at 1: expected u8, found end of text");
  EXPECT_EQ(w.error(w.u8, "1 2"), "at 3: expected end of text, found number 2");
  EXPECT_EQ(w.error(w.u8, "\xff"), "at 1: this is not UTF-8");
}

TEST(Wave, NestingIsBounded) {
  World w;
  TypeIndex deep = w.u8;
  for (int i = 0; i < 200; ++i)
    deep = w.types.list(deep);
  EXPECT_EQ(w.error(deep, std::string(200, '[')), "at 101: values nest at most 100 deep");
}

TEST(Wave, DescriptionsOfHugeTypesAreCut) {
  TypeTable types;
  TypeIndex type = types.scalar(Kind::string);
  for (int i = 0; i < 60; ++i)
    type = types.tuple({type, type});
  const std::string text = types.describe(type);
  EXPECT_LT(text.size(), 200u);
  EXPECT_TRUE(text.ends_with("…"));
}

TEST(Wave, HandlesPrintAndDoNotParse) {
  World w;
  const TypeIndex own = w.types.add({.kind = Kind::own, .fields = {}, .resource = "file"});
  EXPECT_EQ(to_wave(w.types, own, Value::handle(Kind::own, nullptr)), "<own file>");
  EXPECT_EQ(w.error(own, "1"), "at 1: own<file> cannot be written as text");
}

Result<std::vector<Value>> call(const World& w, std::vector<Field> params, std::string_view text) {
  TRY(const CallText parts, split_call(text));
  return parse_arguments(w.types, params, text, parts.arguments);
}

TEST(WaveCall, NameAndArgumentsParse) {
  World w;
  const auto parts = split_call(" ns:pkg/iface@1.2.3#f (1)");
  ASSERT_TRUE(parts.has_value());
  EXPECT_EQ(parts->function, "ns:pkg/iface@1.2.3#f");
  const auto values = call(w, {{"a", w.string}, {"b", w.point}}, R"(f("x", {x: 1},))");
  ASSERT_TRUE(values.has_value()) << values.error().message();
  EXPECT_EQ((*values)[0], Value::string("x"));
  EXPECT_EQ((*values)[1], Value::record({Value::u8(1), Value::none()}));
}

TEST(WaveCall, ParenthesesAndLastOptionsMayBeLeftOut) {
  World w;
  EXPECT_TRUE(call(w, {}, "f").has_value());
  EXPECT_TRUE(call(w, {}, "f()").has_value());
  EXPECT_EQ(call(w, {{"a", w.u8}, {"b", w.maybe}, {"c", w.maybe}}, "f(1, 2)")->size(), 3u);
  EXPECT_EQ(call(w, {{"a", w.maybe}}, "f").value()[0], Value::none());
}

TEST(WaveCall, ErrorsSayWhere) {
  World w;
  const auto error = [&](std::vector<Field> params, std::string_view text) {
    return call(w, std::move(params), text).error().message();
  };
  EXPECT_EQ(error({{"a", w.u32}}, "f(\"x\")"), "at 3: expected u32, found string");
  EXPECT_EQ(error({{"a", w.u32}, {"b", w.u8}}, "f(1)"),
            "at 4: argument 'b' is missing, which is u8");
  EXPECT_EQ(error({{"a", w.u32}}, "f"), "at 2: argument 'a' is missing, which is u32");
  EXPECT_EQ(error({{"a", w.u32}}, "f(1, 2)"),
            "at 6: there are more arguments than the 1 of the function");
  EXPECT_EQ(error({}, "f() g"), "at 5: expected end of text, found 'g'");
  EXPECT_EQ(error({}, "f(,)"), "at 3: there are more arguments than the 0 of the function");
  EXPECT_EQ(error({{"a", w.u32}}, "f(1"), "at 4: expected ',' or ')', found end of text");
  EXPECT_EQ(error({}, " (1)"), "at 2: expected a function and its arguments, as in f(1, \"x\")");
}

TEST(Value, CopiesAreDeepAndEqual) {
  const Value original = Value::record({Value::string("a"), Value::list({Value::u8(1)})});
  const Value copy = original;
  EXPECT_EQ(copy, original);
  EXPECT_NE(copy.items().data(), original.items().data());
}

TEST(Value, EqualityTellsZerosApartAndNansNot) {
  EXPECT_EQ(Value::f32(std::nanf("1")), Value::f32(-std::nanf("2")));
  EXPECT_NE(Value::f64(0.0), Value::f64(-0.0));
  EXPECT_NE(Value::u8(1), Value::u16(1));
  EXPECT_NE(Value::some(Value::u8(1)), Value::some(Value::u8(2)));
  EXPECT_NE(Value::ok(), Value::error());
}

} // namespace
} // namespace nacre::wit
