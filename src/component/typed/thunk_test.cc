// SPDX-License-Identifier: Apache-2.0
#include "component/testing/round_trip.h"
#include "component/typed/export.h"
#include "component/typed/thunk.h"
#include "loop/loop.h"

#include <array>
#include <cstdint>
#include <expected>
#include <string>

namespace nacre::component {
namespace {

TEST(Params, SeventeenFlatValuesComeThroughMemory) {
  using Big = std::tuple<std::string_view, std::string_view, std::string_view, std::string_view,
                         std::string_view, std::string_view, std::string_view, std::string_view>;
  FakeGuest guest;
  HostCall& call = guest.call();
  const std::uint32_t text = guest.put("t");
  const std::uint32_t row = 4096;
  for (std::uint32_t i = 0; i < 8; ++i) {
    guest.poke(row + 8 * i, text);
    guest.poke(row + 8 * i + 4, std::uint32_t{1});
  }
  guest.poke<std::uint8_t>(row + 64, 42);
  Raw values[1] = {{.i64 = row}};
  Big big;
  std::uint8_t last = 0;
  ASSERT_TRUE(lift_params(call, values, big, last)) << call.error();
  EXPECT_EQ(std::get<7>(big), "t");
  EXPECT_EQ(last, 42);

  Raw misaligned[1] = {{.i64 = row + 2}};
  EXPECT_FALSE(lift_params(guest.call(), misaligned, big, last));
  Raw outside[1] = {{.i64 = guest.size() - 8}};
  HostCall& other = guest.call();
  EXPECT_FALSE(lift_params(other, outside, big, last));
  EXPECT_EQ(other.error(), "pointer out of bounds of memory");
}

TEST(Answer, OneFlatValueIsReturned) {
  FakeGuest guest;
  std::array<Raw, 2> values{};
  ASSERT_TRUE((answer<2>(guest.call(), values.data(), Result<std::uint32_t>{7U})));
  EXPECT_EQ(values[0].i32, 7);
  ASSERT_TRUE((answer<2>(guest.call(), values.data(), Result<>{})));
}

TEST(Answer, MoreFlatValuesGoThroughTheOutPointer) {
  using Answered = std::expected<std::string, Unit>;
  FakeGuest guest;
  Raw values[2] = {{.i64 = 1}, {.i64 = 128}};
  ASSERT_TRUE((answer<1>(guest.call(), values, Result<Answered>{Answered{"out"}})));
  EXPECT_EQ(guest.peek<std::uint8_t>(128), 0);
  EXPECT_EQ(guest.text(guest.peek<std::uint32_t>(132), 3), "out");

  HostCall& call = guest.call();
  values[1].i64 = 129;
  EXPECT_FALSE((answer<1>(call, values, Result<Answered>{Answered{"out"}})));
  EXPECT_EQ(call.error(), "pointer not aligned");
}

TEST(Answer, AnErrorIsATrapWithItsMessage) {
  FakeGuest guest;
  HostCall& call = guest.call();
  Raw values[1] = {};
  EXPECT_FALSE(
      (answer<0>(call, values, Result<std::uint32_t>{Error{Code::denied, "not for you"}})));
  EXPECT_EQ(call.error(), "not for you");
}

Task<std::uint32_t> later(std::uint32_t value) {
  co_return value;
}

TEST(Answer, APendingAnswerIsLoweredWhenItHasCome) {
  FakeGuest guest;
  HostCall& first = guest.call();
  Raw values[1] = {};
  ASSERT_TRUE((answer<0>(first, values, Async<std::uint32_t>{later(9)})));
  ASSERT_TRUE(first.parked());
  const std::unique_ptr<ParkedCall> parked = first.take_parked();

  HostCall& second = guest.call(); // the first one is gone
  Loop loop;
  ASSERT_TRUE(loop.block_on(parked->run()).has_value());
  ASSERT_TRUE(parked->finish(second, values));
  EXPECT_EQ(values[0].i32, 9);
}

TEST(Answer, AParkedCallThatWasCancelledTraps) {
  FakeGuest guest;
  HostCall& call = guest.call();
  Raw values[1] = {};
  ASSERT_TRUE((answer<0>(call, values, Async<std::uint32_t>{later(9)})));
  const std::unique_ptr<ParkedCall> parked = call.take_parked();
  EXPECT_FALSE(parked->finish(call, values));
  EXPECT_EQ(call.error(), "host call was cancelled");
}

TEST(Answer, AReadyAnswerDoesNotPark) {
  FakeGuest guest;
  HostCall& call = guest.call();
  Raw values[1] = {};
  ASSERT_TRUE((answer<0>(call, values, Async<std::uint32_t>{5U})));
  EXPECT_FALSE(call.parked());
  EXPECT_EQ(values[0].i32, 5);
}

/// An exported function that answers with its own parameters.
class Echo final : public Guest {
public:
  explicit Echo(FakeGuest& guest) : guest_(guest) {}
  Task<> call(ExportFunc /*func*/, ExportCall& call) override { return run(&guest_, &call); }

private:
  static Task<> run(FakeGuest* guest, ExportCall* call) {
    HostCall& context = guest->call();
    std::array<Raw, ExportCall::kMaxValues> values{};
    if (!call->lower(context, values.data()) || !call->lift(context, values.data()))
      co_return Error{Code::internal, context.error()};
    co_return Result<>{};
  }

  FakeGuest& guest_;
};

TEST(Export, ParametersAndResultsPass) {
  FakeGuest fake;
  Echo guest{fake};
  Loop loop;
  const auto back =
      loop.block_on(call_export<std::uint64_t>(guest, ExportFunc{}, std::uint64_t{1} << 40));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(*back, std::uint64_t{1} << 40);
}

TEST(Export, AFailedLiftIsAnError) {
  FakeGuest fake;
  Echo guest{fake};
  Loop loop;
  const auto back =
      loop.block_on(call_export<char32_t>(guest, ExportFunc{}, std::uint32_t{0xD800}));
  ASSERT_FALSE(back.has_value());
  EXPECT_NE(back.error().message().find("invalid `char`"), std::string::npos);
}

TEST(Export, ManyParametersAreLoweredThroughMemory) {
  FakeGuest guest;
  std::tuple<std::string, std::string, std::string, std::string, std::string, std::string,
             std::string, std::string, std::uint8_t>
      params{"a", "b", "c", "d", "e", "f", "g", "h", 1};
  Raw values[1] = {};
  HostCall& call = guest.call();
  ASSERT_TRUE(lower_params(call, values, params)) << call.error();
  const auto row = static_cast<std::uint32_t>(values[0].i32);
  EXPECT_EQ(guest.text(guest.peek<std::uint32_t>(row + 56), 1), "h");
  EXPECT_EQ(guest.peek<std::uint8_t>(row + 64), 1);
}

} // namespace
} // namespace nacre::component
