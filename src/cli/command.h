// SPDX-License-Identifier: Apache-2.0
// command: what the files of the commands share: each adds itself to the parser and leaves an
// action to run.
#pragma once

#include "base/result.h"
#include "cli/guest_options.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>

namespace nacre::cli {

/// How results are printed.
enum class Output : std::uint8_t { text, json };

/// Filled by the parser, read by the action of the command that was chosen.
struct Context {
  Grant grant;
  Output output = Output::text;
  /// Set by the chosen command's callback; returns the exit code.
  std::function<Result<int>()> action;
};

/// Adds --output.
void add_output(CLI::App& command, Context& context);

/// The options that serve and run share.
struct GuestFlags {
  std::vector<std::string> env;
  std::vector<std::string> env_files;
  std::vector<std::string> dirs;
  std::vector<std::string> allow_hosts;
  std::string max_memory = "256MiB";
  std::string cpu_budget;
  std::string timeout;
  std::string cache_dir;
};
void add_guest_flags(CLI::App& command, GuestFlags& flags);
/// Reads --env, --env-file, --dir and --allow-host; errors name the flag and the value.
Result<GuestOptions> guest_options(const GuestFlags& flags);

void add_serve(CLI::App& app, Context& context);
void add_run(CLI::App& app, Context& context);
void add_compile(CLI::App& app, Context& context);
void add_inspect(CLI::App& app, Context& context);
void add_completion(CLI::App& app, Context& context);
void add_version(CLI::App& app, Context& context);
void add_compile_worker(CLI::App& app, Context& context);

} // namespace nacre::cli
