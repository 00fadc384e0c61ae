// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/load.h"

#include <fmt/format.h>

#include <chrono>

namespace nacre::cli {
namespace {

constexpr const char* kExamples = R"(
Examples:
  nacre compile app.wasm                      so that the first `serve` starts at once
  nacre compile app.wasm --cache-dir /var/cache/nacre)";

Result<int> compile(const std::string& what, const std::string& cache_dir, Output output) {
  TRY(const Source source, open_component(what));
  TRY(const auto engine, engine::Engine::create({.pooling = false}));
  const auto start = std::chrono::steady_clock::now();
  TRY(const auto component, load_component(*engine, source, cache_dir));
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const std::string digest = component::digest_of(source.bytes);
  if (output == Output::json) {
    fmt::print("{{\"digest\":\"sha256:{}\",\"modules\":{},\"seconds\":{:.3f}}}\n", digest,
               component->plan().modules.size(), seconds);
  } else {
    fmt::print("sha256:{} ready in the cache ({:.2f} s)\n", digest, seconds);
  }
  return 0;
}

} // namespace

void add_compile(CLI::App& app, Context& context) {
  struct Flags {
    std::string what;
    std::string cache_dir;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* command =
      app.add_subcommand("compile", "Compile a component into the cache ahead of its first start");
  command->footer(kExamples);
  add_component(*command, flags->what);
  add_cache_dir(*command, flags->cache_dir);
  add_output(*command, context);
  command->callback([flags, &context] {
    context.action = [flags, &context] {
      return compile(flags->what, flags->cache_dir, context.output);
    };
  });
}

} // namespace nacre::cli
