// SPDX-License-Identifier: Apache-2.0
// command: what the files of the commands share: each adds itself to the parser and leaves an
// action to run. Values are read by the parser, so that a wrong one is wrong usage.
#pragma once

#include "base/result.h"
#include "cli/guest_options.h"
#include "component/store.h"

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
  /// What stands after --: arguments of the guest.
  std::vector<std::string> rest;
  /// Set by the chosen command's callback; returns the exit code.
  std::function<Result<int>()> action;
};

/// An option whose text `parse` (string_view -> Result<T>) turns into `out`. The parser says what
/// is wrong with it, after the option's name.
template <class T, class Parse>
CLI::Option* add_value(CLI::App& command, const std::string& name, T& out, Parse parse,
                       const std::string& help) {
  return command
      .add_option_function<std::string>(
          name,
          [&out, parse](const std::string& text) {
            if (auto value = parse(text); value.has_value())
              out = *value;
          },
          help)
      ->check([parse](const std::string& text) -> std::string {
        const auto value = parse(text);
        return value.has_value() ? "" : value.error().message();
      });
}

/// A whole number from `low` to `high`.
CLI::Option* add_number(CLI::App& command, const std::string& name, std::uint32_t& out,
                        std::uint32_t low, std::uint32_t high, const std::string& help);

/// "text, json or off".
std::string words_in_line(const std::vector<std::string>& words);
Error not_one_of(std::string_view text, const std::vector<std::string>& words);

/// One of a few words.
template <class T>
CLI::Option* add_choice(CLI::App& command, const std::string& name, T& out,
                        std::vector<std::pair<std::string, T>> words, const std::string& help) {
  const auto parse = [words = std::move(words)](std::string_view text) -> Result<T> {
    std::vector<std::string> known;
    for (const auto& [word, value] : words) {
      if (word == text)
        return value;
      known.push_back(word);
    }
    return not_one_of(text, known);
  };
  return add_value(command, name, out, parse, help);
}

/// Adds --output.
void add_output(CLI::App& command, Context& context);
/// Adds the positional that names a component.
void add_component(CLI::App& command, std::string& what);
/// Adds --cache-dir.
void add_cache_dir(CLI::App& command, std::string& directory);

/// The options that serve and run share.
struct GuestFlags {
  std::vector<std::string> env;
  std::vector<std::string> env_files;
  std::vector<std::string> dirs;
  std::vector<std::string> allow_hosts;
  std::uint64_t max_memory = std::uint64_t{256} << 20;
  std::optional<std::chrono::milliseconds> cpu_budget;
  std::string cache_dir;
};
/// `budget_default`: what holds without --cpu-budget, in words.
void add_guest_flags(CLI::App& command, GuestFlags& flags, const std::string& budget_default);
/// Reads --env, --env-file and --dir; errors name the flag and the value.
Result<GuestOptions> guest_options(const GuestFlags& flags);
component::GuestLimits guest_limits(const GuestFlags& flags);

void add_serve(CLI::App& app, Context& context);
void add_run(CLI::App& app, Context& context);
void add_compile(CLI::App& app, Context& context);
void add_inspect(CLI::App& app, Context& context);
void add_completion(CLI::App& app, Context& context);
void add_version(CLI::App& app, Context& context);
/// What `version` and --version print.
std::string version_text();
void add_compile_worker(CLI::App& app, Context& context);

} // namespace nacre::cli
