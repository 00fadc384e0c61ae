// SPDX-License-Identifier: Apache-2.0
// Generated code at work: thunks for a WIT package of our own (rust/bindgen/tests/shapes), called
// as a guest would.
#include "bindings/test_shapes.h"
#include "bindings/test_shapes_abi.h"
#include "component/linker.h"
#include "component/testing/fake_guest.h"
#include "component/typed/thunk.h"
#include "loop/loop.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <memory>
#include <string>

namespace nacre::test_shapes {
namespace {

using component::Abi;
using component::FlatReader;
using component::HostCall;
using component::Raw;

Task<bool> dried() {
  co_return true;
}

class Paper final : public Sheet {
public:
  explicit Paper(std::uint32_t area) : area_(area) {}

  Result<std::expected<Distance, Mishap>> draw(HostCall& /*call*/, std::span<const Point> path,
                                               Style style) override {
    if (path.empty())
      return component::err(Mishap::at({.x = -1, .y = 1}));
    return Distance{path.size()} * 10 + style.bits;
  }
  Result<std::expected<component::Bytes, Mishap>> print(HostCall& /*call*/,
                                                        LabelView label) override {
    kept.push_back(to_owned(label));
    view_ = {.text = kept.back().text,
             .color = kept.back().color,
             .weights = kept.back().weights,
             .anchor = kept.back().anchor};
    return component::Bytes::lent(std::as_bytes(std::span{kept.back().text}));
  }
  Result<std::span<const LabelView>> labels(HostCall& /*call*/) override {
    return std::span<const LabelView>{&view_, 1};
  }
  Async<bool> dry(HostCall& /*call*/) override { return dried(); }
  Result<std::optional<std::string>> tag_(HostCall& /*call*/) override {
    if (area_ == 0)
      return Error{Code::invalid, "a sheet without area"};
    return std::optional<std::string>{std::to_string(area_)};
  }

  std::vector<Label> kept;

private:
  std::uint32_t area_;
  LabelView view_;
};

Task<std::tuple<std::uint32_t, std::unique_ptr<Sheet>>> overlaid(std::uint32_t count,
                                                                 std::unique_ptr<Sheet> top) {
  std::tuple<std::uint32_t, std::unique_ptr<Sheet>> result{count, std::move(top)};
  co_return std::move(result);
}

class Figures final : public FiguresHost {
public:
  Result<std::unique_ptr<Sheet>> make_sheet(HostCall& /*call*/, std::uint32_t width,
                                            std::uint32_t height) override {
    return std::make_unique<Paper>(width * height);
  }
  Result<std::expected<std::unique_ptr<Sheet>, Mishap>>
  sheet_open(HostCall& /*call*/, std::string_view name, bool really) override {
    if (!really)
      return component::err(Mishap::named(std::string{name}));
    return std::make_unique<Paper>(1);
  }
  Async<std::tuple<std::uint32_t, std::unique_ptr<Sheet>>>
  overlay(HostCall& /*call*/, std::span<Sheet* const> sheets, std::unique_ptr<Sheet> top) override {
    return overlaid(static_cast<std::uint32_t>(sheets.size()), std::move(top));
  }
  Result<std::string> many(HostCall& /*call*/, LabelView a, LabelView b, std::string_view c,
                           std::tuple<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t> d,
                           std::expected<void, Color> e, char32_t f) override {
    std::string all{a.text};
    all += b.text;
    all += c;
    all += std::to_string(std::get<3>(d));
    all += !e && e.error() == Color::dark_green ? "green" : "?";
    all += f == U'!' ? "!" : "?";
    return all;
  }
};

class Shapes : public testing::Test {
protected:
  Shapes() { link_figures(linker, host); }

  /// Calls a host function as a guest does: flat parameters in, the same slots out.
  bool call(std::string_view name, std::initializer_list<std::uint64_t> params) {
    const auto& functions = linker.find("test:shapes/figures@1.0.0")->functions;
    const component::Linker::Function& function = functions.find(name)->second;
    values = {};
    std::size_t at = 0;
    for (const std::uint64_t param : params)
      values[at++].i64 = static_cast<std::int64_t>(param);
    context = &guest.call();
    return function.func->thunk(function.self, *context, values.data());
  }

  /// Where a function with more than one flat result puts it.
  static constexpr std::uint32_t kOut = 512;

  std::uint32_t new_sheet() {
    EXPECT_TRUE(call("[constructor]sheet", {2, 3}));
    return static_cast<std::uint32_t>(values[0].i32);
  }

  Figures host;
  component::Linker linker;
  component::FakeGuest guest;
  HostCall* context = nullptr;
  std::array<Raw, 20> values{};
};

TEST_F(Shapes, ConstructorsGiveTheGuestAHandle) {
  const std::uint32_t sheet = new_sheet();
  ASSERT_TRUE(call("[method]sheet.tag", {sheet, kOut})) << context->error();
  EXPECT_EQ(guest.peek<std::uint8_t>(kOut), 1);
  EXPECT_EQ(guest.text(guest.peek<std::uint32_t>(kOut + 4), 1), "6");
}

TEST_F(Shapes, StaticFunctionsAnswerResults) {
  const std::uint32_t name = guest.put("lost and found");
  ASSERT_TRUE(call("[static]sheet.open", {name, 14, 0, kOut}));
  std::expected<std::unique_ptr<Sheet>, Mishap> answer;
  ASSERT_TRUE((Abi<decltype(answer)>::load(guest.call(), kOut, answer)));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error(), Mishap::named("lost and found"));
  ASSERT_TRUE(call("[static]sheet.open", {name, 14, 1, kOut}));
  EXPECT_EQ(guest.peek<std::uint8_t>(kOut), 0);
  EXPECT_EQ(guest.handles(), 1U);
}

TEST_F(Shapes, ListsOfRecordsAndFlagsArrive) {
  const std::uint32_t sheet = new_sheet();
  constexpr std::array<std::int32_t, 4> kPath{1, 2, 3, 4};
  const std::uint32_t path = guest.put(std::as_bytes(std::span{kPath}), 4);
  ASSERT_TRUE(call("[method]sheet.draw", {sheet, path, 2, 0xFD, kOut})) << context->error();
  std::expected<Distance, Mishap> answer;
  ASSERT_TRUE((Abi<decltype(answer)>::load(guest.call(), kOut, answer)));
  EXPECT_EQ(answer, 25U);
  ASSERT_TRUE(call("[method]sheet.draw", {sheet, path, 0, 0, kOut}));
  ASSERT_TRUE((Abi<decltype(answer)>::load(guest.call(), kOut, answer)));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(*answer.error().if_at(), (Point{.x = -1, .y = 1}));
}

TEST_F(Shapes, ViewsGoInAndOut) {
  const std::uint32_t sheet = new_sheet();
  const std::uint32_t text = guest.put("north");
  constexpr std::array<float, 2> kWeights{0.5F, 2};
  const std::uint32_t weights = guest.put(std::as_bytes(std::span{kWeights}), 4);
  ASSERT_TRUE(call("[method]sheet.print", {sheet, text, 5, 1, weights, 2, 1, 7, 8, kOut}))
      << context->error();
  EXPECT_EQ(guest.text(guest.peek<std::uint32_t>(kOut + 4), guest.peek<std::uint32_t>(kOut + 8)),
            "north");
  ASSERT_TRUE(call("[method]sheet.labels", {sheet, kOut})) << context->error();
  std::vector<Label> labels;
  ASSERT_TRUE((Abi<decltype(labels)>::load(guest.call(), kOut, labels)));
  const Label expected{.text = "north",
                       .color = Color::dark_green,
                       .weights = {0.5F, 2},
                       .anchor = Point{.x = 7, .y = 8}};
  EXPECT_EQ(labels, std::vector{expected});
}

TEST_F(Shapes, SuspendingFunctionsPark) {
  const std::uint32_t first = new_sheet();
  const std::uint32_t second = new_sheet();
  const std::uint32_t list = guest.put(std::as_bytes(std::span{&first, 1}), 4);
  ASSERT_TRUE(call("overlay", {list, 1, second, kOut})) << context->error();
  ASSERT_TRUE(context->parked());
  EXPECT_EQ(guest.handles(), 1U); // the top sheet is the host's for now
  const auto parked = context->take_parked();
  Loop loop;
  ASSERT_TRUE(loop.block_on(parked->run()).has_value());
  ASSERT_TRUE(parked->finish(guest.call(), values.data()));
  EXPECT_EQ(guest.peek<std::uint32_t>(kOut), 1U);
  EXPECT_EQ(guest.peek<std::uint32_t>(kOut + 4), 3U);
  EXPECT_EQ(guest.handles(), 2U);
}

TEST_F(Shapes, ManyParametersComeThroughMemory) {
  const std::uint32_t row = 1024;
  const std::uint32_t text = guest.put("abc");
  const auto poke = [&](std::uint32_t offset, auto value) { guest.poke(row + offset, value); };
  poke(0, text); // a.text, then its length
  poke(4, std::uint32_t{1});
  poke(32 + 0, text + 1); // b.text: a label takes 32 bytes
  poke(32 + 4, std::uint32_t{1});
  poke(64, text + 2);
  poke(68, std::uint32_t{1});
  poke(72 + 8, std::uint64_t{99});
  poke(88, std::uint8_t{1}); // e: an error
  poke(89, std::uint8_t{1}); // dark-green
  poke(92, std::uint32_t{U'!'});
  ASSERT_TRUE(call("many", {row, kOut})) << context->error();
  EXPECT_EQ(guest.text(guest.peek<std::uint32_t>(kOut), guest.peek<std::uint32_t>(kOut + 4)),
            "abc99green!");
}

TEST_F(Shapes, WrongHandlesAndValuesTrap) {
  EXPECT_FALSE(call("[method]sheet.tag", {9, kOut}));
  EXPECT_EQ(context->error(), "unknown handle index 9");
  const std::uint32_t sheet = new_sheet();
  EXPECT_FALSE(call("[method]sheet.print", {sheet, 0, 0, 7, 0, 0, 0, 0, 0, kOut}));
  EXPECT_NE(context->error().find("unexpected discriminant: 7"), std::string::npos);
  EXPECT_FALSE(call("[method]sheet.tag", {sheet, guest.size()}));
  EXPECT_EQ(context->error(), "pointer out of bounds of memory");
}

TEST_F(Shapes, ErrorsOfTheHostAreTraps) {
  ASSERT_TRUE(call("[constructor]sheet", {0, 3}));
  EXPECT_FALSE(call("[method]sheet.tag", {static_cast<std::uint32_t>(values[0].i32), kOut}));
  EXPECT_EQ(context->error(), "a sheet without area");
}

TEST(ShapesTable, FunctionsAreOfferedWithTheirTypes) {
  Figures host;
  component::Linker linker;
  link_figures(linker, host);
  const component::Linker::Interface* offer = linker.find("test:shapes/figures@1.2.0");
  ASSERT_NE(offer, nullptr);
  EXPECT_EQ(offer->resources.at("sheet"), &Sheet::kTag);
  const component::HostFunc& overlay = *offer->functions.at("overlay").func;
  EXPECT_EQ(overlay.signature, "func(sheets: list<borrow<test:shapes/figures/sheet>>, top: "
                               "own<test:shapes/figures/sheet>) -> "
                               "tuple<u32,own<test:shapes/figures/sheet>>");
  EXPECT_TRUE(overlay.suspends);
  EXPECT_FALSE(offer->functions.at("many").func->suspends);
}

} // namespace
} // namespace nacre::test_shapes
