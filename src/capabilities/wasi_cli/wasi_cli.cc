// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_cli/wasi_cli.h"

#include "bindings/wasi_cli_p2.h"
#include "capabilities/wasi_cli/text_filter.h"
#include "component/typed/text.h"

#include <fmt/format.h>

namespace nacre::wasi_cli {
namespace {

using component::HostCall;
using component::Unit;

class Terminals final : public wasi_cli_p2::TerminalStdinHost,
                        public wasi_cli_p2::TerminalStdoutHost,
                        public wasi_cli_p2::TerminalStderrHost {
public:
  explicit Terminals(const Settings& settings) : settings_(settings) {}

  Result<std::optional<std::unique_ptr<wasi_cli_p2::TerminalInput>>>
  get_terminal_stdin(HostCall& /*call*/) override {
    if (!settings_.in->terminal())
      return std::nullopt;
    return std::make_unique<wasi_cli_p2::TerminalInput>();
  }
  Result<std::optional<std::unique_ptr<wasi_cli_p2::TerminalOutput>>>
  get_terminal_stdout(HostCall& /*call*/) override {
    return output(*settings_.out);
  }
  Result<std::optional<std::unique_ptr<wasi_cli_p2::TerminalOutput>>>
  get_terminal_stderr(HostCall& /*call*/) override {
    return output(*settings_.err);
  }

private:
  static std::optional<std::unique_ptr<wasi_cli_p2::TerminalOutput>> output(const Output& to) {
    if (!to.terminal())
      return std::nullopt;
    return std::make_unique<wasi_cli_p2::TerminalOutput>();
  }

  const Settings& settings_;
};

class StandardStreams final : public wasi_cli_p2::StdinHost,
                              public wasi_cli_p2::StdoutHost,
                              public wasi_cli_p2::StderrHost {
public:
  StandardStreams(const Settings& settings, Loop& loop)
      : settings_(settings), quotas_(settings.max_streams), background_(loop) {}

  Result<std::unique_ptr<wasi_io_p2::InputStream>> get_stdin(HostCall& call) override {
    TRY(streams::Ticket ticket, ticket_for(call));
    return std::make_unique<streams::InputStream>(
        settings_.in->open(background_, std::move(ticket)));
  }
  Result<std::unique_ptr<wasi_io_p2::OutputStream>> get_stdout(HostCall& call) override {
    return output(call, *settings_.out);
  }
  Result<std::unique_ptr<wasi_io_p2::OutputStream>> get_stderr(HostCall& call) override {
    return output(call, *settings_.err);
  }
  Task<> close() { return background_.close(settings_.drain); }

private:
  Result<streams::Ticket> ticket_for(HostCall& call) {
    std::optional<streams::Ticket> ticket = quotas_.of(&call.store())->take();
    if (!ticket)
      return Error{Code::exhausted, "the guest holds too many standard streams"};
    return std::move(*ticket);
  }
  Result<std::unique_ptr<wasi_io_p2::OutputStream>> output(HostCall& call, Output& to) {
    TRY(streams::Ticket ticket, ticket_for(call));
    return std::make_unique<streams::OutputStream>(to.open(background_, std::move(ticket)));
  }

  const Settings& settings_;
  streams::Quotas quotas_;
  streams::Background background_;
};

class CliLease final : public capability::Lease,
                       wasi_cli_p2::EnvironmentHost,
                       wasi_cli_p2::ExitHost {
public:
  CliLease(std::shared_ptr<const Settings> settings, Loop& loop)
      : settings_(std::move(settings)), terminals_(*settings_), streams_(*settings_, loop) {}

  Result<> link(component::Linker& linker) override {
    wasi_cli_p2::link_environment(linker, *this);
    wasi_cli_p2::link_exit(linker, *this);
    wasi_cli_p2::link_stdin(linker, streams_);
    wasi_cli_p2::link_stdout(linker, streams_);
    wasi_cli_p2::link_stderr(linker, streams_);
    wasi_cli_p2::link_terminal_input(linker);
    wasi_cli_p2::link_terminal_output(linker);
    wasi_cli_p2::link_terminal_stdin(linker, terminals_);
    wasi_cli_p2::link_terminal_stdout(linker, terminals_);
    wasi_cli_p2::link_terminal_stderr(linker, terminals_);
    return {};
  }
  Task<> close() override { return streams_.close(); }

private:
  Result<std::vector<std::tuple<std::string, std::string>>>
  get_environment(HostCall& /*call*/) override {
    std::vector<std::tuple<std::string, std::string>> all;
    all.reserve(settings_->environment.size());
    for (const auto& [name, value] : settings_->environment)
      all.emplace_back(name, value);
    return all;
  }
  Result<std::vector<std::string>> get_arguments(HostCall& /*call*/) override {
    return settings_->arguments;
  }
  Result<std::optional<std::string>> initial_cwd(HostCall& /*call*/) override {
    return settings_->initial_cwd;
  }

  Result<> exit(HostCall& call, std::expected<void, Unit> status) override {
    return exit_with_code(call, status.has_value() ? 0 : 1);
  }
  Result<> exit_with_code(HostCall& /*call*/, std::uint8_t status_code) override {
    if (settings_->exit != nullptr)
      settings_->exit->set(status_code);
    return Error{Code::cancelled, fmt::format("guest exited with status {}", status_code)};
  }

  std::shared_ptr<const Settings> settings_;
  Terminals terminals_;
  StandardStreams streams_;
};

class Cli final : public capability::Capability {
public:
  explicit Cli(Settings settings)
      : settings_(std::make_shared<const Settings>(std::move(settings))) {}

  std::vector<std::string> interfaces() const override {
    std::vector<std::string> names;
    for (const char* name :
         {"environment", "exit", "stdin", "stdout", "stderr", "terminal-input", "terminal-output",
          "terminal-stdin", "terminal-stdout", "terminal-stderr"})
      names.push_back(fmt::format("wasi:cli/{}@0.2.12", name));
    return names;
  }
  Task<std::unique_ptr<capability::Lease>> lease(Loop& loop) override {
    return capability::ready_lease(std::make_unique<CliLease>(settings_, loop));
  }

private:
  std::shared_ptr<const Settings> settings_;
};

Result<> check_text(std::string_view what, std::string_view text) {
  bool incomplete = false;
  if (component::find_invalid_utf8(text, incomplete) == std::string_view::npos)
    return {};
  return Error{Code::invalid, fmt::format("{} is not UTF-8: {}", what, visible(text))};
}

} // namespace

Result<std::unique_ptr<capability::Capability>> make_wasi_cli(Settings settings) {
  for (const auto& [name, value] : settings.environment) {
    TRY_OK(check_text("name of an environment variable", name));
    TRY_OK(check_text("environment variable " + name, value));
  }
  for (const std::string& argument : settings.arguments)
    TRY_OK(check_text("argument", argument));
  if (settings.initial_cwd)
    TRY_OK(check_text("working directory", *settings.initial_cwd));
  return std::make_unique<Cli>(std::move(settings));
}

} // namespace nacre::wasi_cli
