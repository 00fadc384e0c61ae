// SPDX-License-Identifier: Apache-2.0
#include "bindings/wasi_cli_p2.h"
#include "capabilities/wasi_cli/wasi_cli.h"
#include "component/linker.h"
#include "streams/testing/fake_call.h"

#include <gtest/gtest.h>

namespace nacre::wasi_cli {
namespace {

class CliTest : public ::testing::Test {
protected:
  void open(Settings settings) {
    capability = make_wasi_cli(std::move(settings)).value();
    lease = loop.block_on(capability->lease(loop)).value();
    ASSERT_TRUE(lease->link(linker).has_value());
  }
  template <class Host> Host& host(std::string_view interface) {
    return *static_cast<Host*>(linker.find(interface)->functions.begin()->second.self);
  }

  Loop loop;
  streams::testing::FakeCall call;
  std::unique_ptr<capability::Capability> capability;
  std::unique_ptr<capability::Lease> lease;
  component::Linker linker;
};

TEST_F(CliTest, ServesEveryInterfaceItNames) {
  open({});
  EXPECT_EQ(capability->interfaces().size(), 10U);
  for (const std::string& name : capability->interfaces())
    EXPECT_NE(linker.find(name), nullptr) << name;
}

TEST_F(CliTest, EnvironmentIsWhatSettingsSay) {
  open({.environment = {{"A", "1"}, {"EMPTY", ""}},
        .arguments = {"prog", "--flag"},
        .initial_cwd = "/data"});
  auto& environment = host<wasi_cli_p2::EnvironmentHost>("wasi:cli/environment@0.2.0");
  EXPECT_EQ(environment.get_environment(*call).value(),
            (std::vector<std::tuple<std::string, std::string>>{{"A", "1"}, {"EMPTY", ""}}));
  EXPECT_EQ(environment.get_arguments(*call).value(), (std::vector<std::string>{"prog", "--flag"}));
  EXPECT_EQ(environment.initial_cwd(*call).value(), "/data");
}

TEST_F(CliTest, ExitEndsTheGuestAndTellsTheCode) {
  auto status = std::make_shared<capability::ExitStatus>();
  open({.exit = status});
  auto& exit = host<wasi_cli_p2::ExitHost>("wasi:cli/exit@0.2.0");
  EXPECT_FALSE(status->code().has_value());
  Result<> ended = exit.exit_with_code(*call, 42);
  ASSERT_FALSE(ended.has_value());
  EXPECT_EQ(ended.error().message(), "guest exited with status 42");
  EXPECT_EQ(status->code(), 42);
  EXPECT_FALSE(exit.exit(*call, {}).has_value());
  EXPECT_EQ(status->code(), 0);
  EXPECT_FALSE(exit.exit(*call, std::unexpected{component::Unit{}}).has_value());
  EXPECT_EQ(status->code(), 1);
}

TEST_F(CliTest, ExitWithoutAnybodyAskingStillEndsTheGuest) {
  open({});
  EXPECT_FALSE(
      host<wasi_cli_p2::ExitHost>("wasi:cli/exit@0.2.0").exit_with_code(*call, 0).has_value());
}

TEST_F(CliTest, StreamsAreThoseOfTheSettings) {
  auto out = std::make_shared<Captured>();
  auto err = std::make_shared<Captured>();
  open({.in = text_input("typed"), .out = capture_output(out), .err = capture_output(err)});
  const auto in = host<wasi_cli_p2::StdinHost>("wasi:cli/stdin@0.2.0").get_stdin(*call).value();
  const auto got = in->read(*call, 100).value();
  EXPECT_EQ((std::string{got->view().begin(), got->view().end()}), "typed");
  EXPECT_FALSE(in->read(*call, 100).value().has_value()) << "then it ends";
  const auto one = host<wasi_cli_p2::StdoutHost>("wasi:cli/stdout@0.2.0").get_stdout(*call).value();
  const auto two = host<wasi_cli_p2::StderrHost>("wasi:cli/stderr@0.2.0").get_stderr(*call).value();
  const std::array<std::uint8_t, 2> hi{'h', 'i'};
  EXPECT_TRUE(one->blocking_write_and_flush(*call, hi).ready());
  EXPECT_TRUE(two->blocking_write_zeroes_and_flush(*call, 1).ready());
  EXPECT_EQ(out->text(), "hi");
  EXPECT_EQ(err->text(), std::string(1, '\0'));
}

TEST_F(CliTest, GuestHoldsNoMoreStreamsThanItMay) {
  open({.max_streams = 2});
  auto& out = host<wasi_cli_p2::StdoutHost>("wasi:cli/stdout@0.2.0");
  auto& in = host<wasi_cli_p2::StdinHost>("wasi:cli/stdin@0.2.0");
  auto one = out.get_stdout(*call).value();
  const auto two = in.get_stdin(*call).value();
  EXPECT_FALSE(out.get_stdout(*call).has_value());
  EXPECT_FALSE(in.get_stdin(*call).has_value());
  streams::testing::FakeCall other;
  EXPECT_TRUE(out.get_stdout(*other).has_value()) << "each guest has its own";
  one.reset();
  EXPECT_TRUE(out.get_stdout(*call).has_value());
}

TEST_F(CliTest, WithoutATerminalThereIsNone) {
  open({});
  auto& in = host<wasi_cli_p2::TerminalStdinHost>("wasi:cli/terminal-stdin@0.2.0");
  auto& out = host<wasi_cli_p2::TerminalStdoutHost>("wasi:cli/terminal-stdout@0.2.0");
  auto& err = host<wasi_cli_p2::TerminalStderrHost>("wasi:cli/terminal-stderr@0.2.0");
  EXPECT_FALSE(in.get_terminal_stdin(*call).value().has_value());
  EXPECT_FALSE(out.get_terminal_stdout(*call).value().has_value());
  EXPECT_FALSE(err.get_terminal_stderr(*call).value().has_value());
}

TEST(WasiCli, RefusesWhatIsNoText) {
  EXPECT_TRUE(make_wasi_cli({.environment = {{"NAME", "gr\xc3\xbc\xc3\x9f"}}}).has_value());
  const auto refused = make_wasi_cli({.environment = {{"NAME", "\xff"}}});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message(), "environment variable NAME is not UTF-8: \\xff");
  EXPECT_FALSE(make_wasi_cli({.arguments = {"\xc3"}}).has_value());
  EXPECT_FALSE(make_wasi_cli({.initial_cwd = "\xed\xa0\x80"}).has_value());
}

TEST(Captured, KeepsNoMoreThanItsLimit) {
  Captured captured{5};
  captured.append("abc");
  EXPECT_FALSE(captured.truncated());
  captured.append("defgh");
  captured.append("ijk");
  EXPECT_EQ(captured.text(), "abcde");
  EXPECT_TRUE(captured.truncated());
}

} // namespace
} // namespace nacre::wasi_cli
