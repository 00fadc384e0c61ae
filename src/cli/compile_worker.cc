// SPDX-License-Identifier: Apache-2.0
// compile-worker: the child process that compiles for the code cache; not for people.
#include "base/files.h"
#include "cli/command.h"
#include "component/code_cache.h"

#include <fmt/format.h>

namespace nacre::cli {
namespace {

Result<int> compile_worker(const std::string& directory) {
  TRY(const auto bytes, read_file("/dev/stdin"));
  // The same settings as a server's engine, as far as compiled code can tell.
  TRY(const auto engine, engine::Engine::create({.pooling = false}));
  TRY_OK(component::compile_entry(*engine, bytes, directory));
  return 0;
}

} // namespace

void add_compile_worker(CLI::App& app, Context& context) {
  auto directory = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("compile-worker", "");
  command->group("");
  command->add_option("directory", *directory)->required();
  command->callback([directory, &context] {
    context.action = [directory]() -> Result<int> {
      const auto done = compile_worker(*directory);
      if (done.has_value())
        return *done;
      // The parent says whose words these are.
      fmt::print(stderr, "{}\n", done.error().message());
      return 1;
    };
  });
}

} // namespace nacre::cli
