// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/load.h"
#include "component/dynamic/lookup.h"
#include "component/dynamic/types.h"
#include "host/single_guest.h"
#include "wit/wave.h"

#include <fmt/format.h>

#include <csignal>

namespace nacre::cli {
namespace {

constexpr const char* kExamples = R"(
Examples:
  nacre run tool.wasm --dir . -- input.txt
  nacre run math.wasm --invoke 'add(2, 3)'
  nacre run shop.wasm --invoke 'shop:orders/api#place({item: "pen", count: 2})')";

struct RunFlags {
  std::string what;
  std::vector<std::string> args;
  std::string invoke;
  GuestFlags guest;
};

Result<int> invoke(host::SingleGuest& guest, const std::string& call) {
  const component::Plan& plan = guest.component().plan();
  TRY(const wit::CallText text, wit::split_call(call).context("--invoke"));
  TRY(const auto* function,
      component::find_export(guest.component(), text.function).context("--invoke"));
  const component::Plan::Function& type = plan.functions[function->function];
  const wit::TypeTable types = component::describe_types(plan);
  const std::vector<wit::Field> params = component::describe_params(plan, type);
  TRY(auto arguments,
      wit::parse_arguments(types, params, call, text.arguments).context("--invoke"));
  TRY(const component::Invoked ended, guest.invoke(*function, std::move(arguments)));
  if (ended.fault)
    return ended.fault->to_error();
  if (ended.value)
    fmt::print("{}\n", wit::to_wave(types, component::describe_result(plan, type), *ended.value));
  return 0;
}

Result<int> run_command(host::SingleGuest& guest, const ExitCode& exit_code) {
  const Result<bool> ended = guest.run_command();
  (void)guest.close();
  if (const auto code = exit_code ? exit_code() : std::nullopt)
    return *code;
  if (!ended.has_value())
    return Error{ended.error()};
  return *ended ? 0 : 1;
}

Result<int> run(const RunFlags& flags, const Context& context) {
  std::signal(SIGPIPE, SIG_IGN);
  TRY(GuestOptions options, guest_options(flags.guest));
  TRY(const Source source, open_component(flags.what));
  options.name = source.name;
  options.arguments = flags.args;
  options.arguments.insert(options.arguments.end(), context.rest.begin(), context.rest.end());
  options.arguments.insert(options.arguments.begin(), source.name + ".wasm");
  options.command = true;
  engine::Settings settings;
  settings.pooling = false;
  TRY(const auto engine, engine::Engine::create(settings));
  TRY(auto component, load_component(*engine, source, flags.guest.cache_dir));
  if (flags.invoke.empty())
    TRY_OK(require_command(*component).context(source.path));
  TRY(Granted granted, context.grant(options));
  TRY(const auto guest,
      host::SingleGuest::make(*engine, std::move(component), std::move(granted.capabilities),
                              guest_limits(flags.guest))
          .context(source.path));
  if (!flags.invoke.empty())
    return invoke(*guest, flags.invoke);
  return run_command(*guest, granted.exit_code);
}

} // namespace

void add_run(CLI::App& app, Context& context) {
  auto flags = std::make_shared<RunFlags>();
  CLI::App* command =
      app.add_subcommand("run", "Run a command component, or call one exported function");
  command->footer(kExamples);
  add_component(*command, flags->what);
  command->add_option("args", flags->args, "Arguments of the guest; after -- they may begin with -")
      ->type_name("ARG");
  command
      ->add_option("--invoke", flags->invoke,
                   "Call this function, values written as WAVE, and print its result")
      ->type_name("CALL");
  add_guest_flags(*command, flags->guest, "no limit");
  command->callback(
      [flags, &context] { context.action = [flags, &context] { return run(*flags, context); }; });
}

} // namespace nacre::cli
