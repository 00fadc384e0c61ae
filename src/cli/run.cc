// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/load.h"
#include "cli/values.h"
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

Result<component::GuestLimits> limits_of(const GuestFlags& flags) {
  component::GuestLimits out;
  TRY(const std::uint64_t memory, parse_size("--max-memory", flags.max_memory));
  out.memory = static_cast<std::int64_t>(memory);
  if (flags.cpu_budget.empty())
    return out;
  TRY(const auto cpu, parse_duration("--cpu-budget", flags.cpu_budget));
  out.cpu_slices =
      static_cast<std::uint32_t>(std::max<std::int64_t>(1, cpu.count() / component::kSliceMillis));
  return out;
}

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

Result<int> run(const RunFlags& flags, const Grant& grant) {
  std::signal(SIGPIPE, SIG_IGN);
  TRY(const component::GuestLimits limits, limits_of(flags.guest));
  TRY(GuestOptions options, guest_options(flags.guest));
  TRY(const std::string path, find_component(flags.what));
  options.arguments = flags.args;
  options.arguments.insert(options.arguments.begin(), path);
  options.command = true;
  engine::Settings settings;
  settings.pooling = false;
  TRY(const auto engine, engine::Engine::create(settings));
  TRY(auto component, load_component(*engine, path, flags.guest.cache_dir));
  TRY(Granted granted, grant(options));
  TRY(const auto guest, host::SingleGuest::make(*engine, std::move(component),
                                                std::move(granted.capabilities), limits)
                            .context(path));
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
  command
      ->add_option("component", flags->what,
                   "Component file, or a project directory with a built one")
      ->required()
      ->type_name("FILE|DIR");
  command->add_option("args", flags->args, "Arguments of the guest (after --)");
  command
      ->add_option("--invoke", flags->invoke,
                   "Call this function, values written as WAVE, and print its result")
      ->type_name("CALL");
  add_guest_flags(*command, flags->guest);
  command->callback([flags, &context] {
    context.action = [flags, &context] { return run(*flags, context.grant); };
  });
}

} // namespace nacre::cli
