// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.h"

#include "cli/command.h"

#include <fmt/format.h>

namespace nacre::cli {
namespace {

constexpr const char* kFooter = R"(
First steps:
  nacre serve hello.wasm         serve a component on http://127.0.0.1:8000
  nacre inspect hello.wasm       what it needs and what it offers
`nacre COMMAND --help` tells more about each.)";

int exit_code_of(const Error& error) {
  return error.code() == Code::invalid ? 2 : 1;
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
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  const Result<int> result = context.action();
  if (result.has_value())
    return *result;
  fmt::print(stderr, "nacre: {}\n", result.error().message());
  return exit_code_of(result.error());
}

} // namespace nacre::cli
