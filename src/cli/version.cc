// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <fmt/format.h>

namespace nacre::cli {
namespace {

constexpr std::string_view kVersion = NACRE_VERSION;
constexpr std::string_view kEngine = "wasmtime 48 (LTS)";
constexpr std::string_view kWasi = "0.2.12";

} // namespace

std::string version_text() {
  return fmt::format("nacre {}\nengine: {}\nWASI: {}", kVersion, kEngine, kWasi);
}

void add_version(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("version", "Print the version of nacre and of what it is made of");
  command->footer("\nExamples:\n  nacre version\n  nacre version --output json");
  add_output(*command, context);
  command->callback([&context] {
    context.action = [&context]() -> Result<int> {
      if (context.output == Output::json) {
        fmt::print("{{\"nacre\":\"{}\",\"engine\":\"{}\",\"wasi\":\"{}\"}}\n", kVersion, kEngine,
                   kWasi);
      } else {
        fmt::print("{}\n", version_text());
      }
      return 0;
    };
  });
}

} // namespace nacre::cli
