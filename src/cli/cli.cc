// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.h"

#include "cli/command.h"

#include <fmt/format.h>

#include <algorithm>

namespace nacre::cli {
namespace {

constexpr const char* kFooter = R"(
First steps:
  nacre serve hello.wasm         serve a component on http://127.0.0.1:8000
  nacre inspect hello.wasm       what it needs and what it offers
`nacre COMMAND --help` tells more about each.)";

std::vector<std::string> names_of_commands(const CLI::App& app) {
  std::vector<std::string> out;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_group().empty())
      out.push_back(command->get_name());
  }
  return out;
}

/// The text up to the first colon: the option that the parser complains about.
std::string option_in(const std::string& complaint) {
  return complaint.substr(0, complaint.find(':'));
}

std::string what_is_wrong(const CLI::App& app, const CLI::App* command,
                          const CLI::ParseError& error) {
  const std::vector<std::string> rest = app.remaining(true);
  const std::string commands = words_in_line(names_of_commands(app));
  const std::string first = rest.empty() ? "" : rest.front();
  if (command == nullptr && !first.empty() && !first.starts_with('-'))
    return fmt::format("there is no command \"{}\", but {}", first, commands);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr || !first.empty()) {
    const bool runs = command != nullptr && command->get_name() == "run";
    if (first.starts_with('-')) {
      return fmt::format("there is no {}{}", first,
                         runs ? " (what is meant for the guest stands after --)" : "");
    }
    return fmt::format("\"{}\" is one argument too many", first);
  }
  if (command == nullptr)
    return fmt::format("say what to do: {}", commands);
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    return fmt::format("{} what? name {}", command->get_name(),
                       command->get_name() == "completion" ? "a shell: bash, zsh or fish"
                                                           : "a FILE, a DIR or a URL");
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
    return fmt::format("{}: its value is missing", option_in(error.what()));
  return error.what();
}

/// Only guests take what stands after --.
void check_rest(const CLI::App& app, const Context& context) {
  const std::string name = app.get_subcommands().front()->get_name();
  if (!context.rest.empty() && name != "run" && name != "serve")
    throw CLI::ValidationError("--", "arguments after it are for `run` and `serve` only");
}

/// One sentence for wrong usage; the help, where that was asked for.
int explain(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0)
    return app.exit(error);
  const auto chosen = app.get_subcommands();
  const CLI::App* const command = chosen.empty() ? nullptr : chosen.front();
  fmt::print(stderr, "nacre: {}; `nacre {}--help` lists what there is\n",
             what_is_wrong(app, command, error),
             command == nullptr ? "" : command->get_name() + " ");
  return 2;
}

} // namespace

int run_cli(int argc, char** argv, const Grant& grant) {
  CLI::App app{"nacre runs WebAssembly components.", "nacre"};
  app.footer(kFooter);
  app.require_subcommand(1);
  app.get_formatter()->column_width(36);
  Context context;
  context.grant = grant;
  add_serve(app, context);
  add_run(app, context);
  add_compile(app, context);
  add_inspect(app, context);
  add_completion(app, context);
  add_version(app, context);
  add_compile_worker(app, context);
  app.set_version_flag("--version", version_text());
  // The parser would stop at the dashes only where a positional is still missing.
  char** const end = argv + argc;
  char** const dashes = std::find(argv, end, std::string_view("--"));
  if (dashes != end)
    context.rest.assign(dashes + 1, end);
  try {
    app.parse(static_cast<int>(dashes - argv), argv);
    check_rest(app, context);
  } catch (const CLI::ParseError& error) {
    return explain(app, error);
  }
  const Result<int> result = context.action();
  if (result.has_value())
    return *result;
  fmt::print(stderr, "nacre: {}\n", result.error().message());
  return 1;
}

} // namespace nacre::cli
