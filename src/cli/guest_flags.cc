// SPDX-License-Identifier: Apache-2.0
#include "base/files.h"
#include "cli/command.h"
#include "cli/values.h"
#include "net/allow_list.h"

#include <fmt/format.h>

#include <algorithm>

namespace nacre::cli {
namespace {

/// HOST::GUEST, HOST::GUEST:ro, or HOST alone (mounted under the same name).
Result<Directory> parse_directory(std::string_view text) {
  Directory out;
  const std::string_view whole = text;
  if (text.ends_with(":ro")) {
    out.read_only = true;
    text.remove_suffix(3);
  }
  const auto colons = text.find("::");
  out.host = text.substr(0, colons);
  out.guest = colons == std::string_view::npos ? text : text.substr(colons + 2);
  if (out.host.empty() || out.guest.empty()) {
    return Error{
        Code::invalid,
        fmt::format("\"{}\" is not understood; write HOST::GUEST or HOST::GUEST:ro", whole)};
  }
  return out;
}

/// NAME=VALUE; NAME alone takes the value that nacre itself has, and nothing where it has none.
Result<std::optional<std::pair<std::string, std::string>>> parse_env(std::string_view text) {
  if (!text.empty() && text.find('=') == std::string_view::npos) {
    const std::string name{text};
    const char* const value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional{std::pair{name, std::string(value)}};
  }
  TRY(auto pair, parse_pair(text));
  return std::optional{std::move(pair)};
}

/// One NAME=VALUE per line; empty lines and lines that begin with # say nothing.
Result<> read_env_file(const std::string& path, GuestOptions& out) {
  TRY(const std::string text, read_text_file(path).context("--env-file"));
  std::size_t line_number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = std::string_view(text).substr(at, end - at);
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    at = end + 1;
    ++line_number;
    if (line.empty() || line.front() == '#')
      continue;
    TRY(auto pair, parse_pair(line).context(fmt::format("{}:{}", path, line_number)));
    out.environment.push_back(std::move(pair));
  }
  return {};
}

/// A later setting of a name replaces an earlier one.
void keep_last(std::vector<std::pair<std::string, std::string>>& environment) {
  std::vector<std::pair<std::string, std::string>> out;
  for (auto& pair : environment) {
    const auto known =
        std::ranges::find(out, pair.first, &std::pair<std::string, std::string>::first);
    if (known == out.end()) {
      out.push_back(std::move(pair));
    } else {
      known->second = std::move(pair.second);
    }
  }
  environment = std::move(out);
}

/// An option that may be given several times; each text must parse.
template <class Parse>
void add_list(CLI::App& command, const std::string& name, std::vector<std::string>& out,
              Parse parse, const std::string& type, const std::string& help) {
  command.add_option(name, out, help)
      ->type_name(type)
      ->allow_extra_args(false)
      ->check([parse](const std::string& text) -> std::string {
        const auto value = parse(text);
        return value.has_value() ? "" : value.error().message();
      });
}

Result<std::string> any_text(std::string_view text) {
  return std::string(text);
}

Result<> check_pattern(std::string_view text) {
  return net::AllowList::nothing().allow(text);
}

} // namespace

void add_guest_flags(CLI::App& command, GuestFlags& flags, const std::string& budget_default) {
  add_list(command, "--env", flags.env, parse_env, "NAME=VALUE",
           "Environment variable of the guest; NAME alone passes nacre's own on");
  add_list(command, "--env-file", flags.env_files, any_text, "FILE",
           "File with one NAME=VALUE per line");
  add_list(command, "--dir", flags.dirs, parse_directory, "HOST::GUEST[:ro]",
           "Directory the guest may use; :ro makes it read-only");
  add_list(command, "--allow-host", flags.allow_hosts, check_pattern, "PATTERN",
           "Host the guest may call: example.com, *.example.com, https://host:port, an address, "
           "or * for all");
  add_value(command, "--max-memory", flags.max_memory, parse_memory, "Memory of one instance")
      ->type_name("SIZE")
      ->default_str("256MiB");
  add_value(command, "--cpu-budget", flags.cpu_budget, parse_duration,
            "CPU time of one call (default: " + budget_default + ")")
      ->type_name("DURATION");
  add_cache_dir(command, flags.cache_dir);
}

Result<GuestOptions> guest_options(const GuestFlags& flags) {
  GuestOptions out;
  for (const std::string& file : flags.env_files)
    TRY_OK(read_env_file(file, out));
  for (const std::string& text : flags.env) {
    TRY(auto pair, parse_env(text));
    if (pair)
      out.environment.push_back(std::move(*pair));
  }
  keep_last(out.environment);
  for (const std::string& text : flags.dirs) {
    TRY(auto directory, parse_directory(text));
    out.directories.push_back(std::move(directory));
  }
  out.allowed_hosts = flags.allow_hosts;
  return out;
}

component::GuestLimits guest_limits(const GuestFlags& flags) {
  component::GuestLimits out;
  out.memory = static_cast<std::int64_t>(flags.max_memory);
  if (flags.cpu_budget) {
    const auto slices = flags.cpu_budget->count() / component::kSliceMillis;
    out.cpu_slices = static_cast<std::uint32_t>(std::clamp<std::int64_t>(slices, 1, UINT32_MAX));
  }
  return out;
}

void add_component(CLI::App& command, std::string& what) {
  command
      .add_option("component", what,
                  "Component file, a project directory with a built one, or an http(s) address")
      ->required()
      ->type_name("FILE|DIR|URL");
}

void add_cache_dir(CLI::App& command, std::string& directory) {
  command
      .add_option("--cache-dir", directory, "Where compiled code is kept (default: ~/.cache/nacre)")
      ->type_name("DIR");
}

void add_output(CLI::App& command, Context& context) {
  const std::vector<std::pair<std::string, Output>> words{{"text", Output::text},
                                                          {"json", Output::json}};
  add_choice(command, "--output", context.output, words, "How results are printed")
      ->type_name("text|json")
      ->default_str("text");
}

CLI::Option* add_number(CLI::App& command, const std::string& name, std::uint32_t& out,
                        std::uint32_t low, std::uint32_t high, const std::string& help) {
  return add_value(
             command, name, out,
             [low, high](std::string_view text) { return parse_number(text, low, high); }, help)
      ->type_name("N");
}

std::string words_in_line(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i)
    out += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return out;
}

Error not_one_of(std::string_view text, const std::vector<std::string>& words) {
  return Error{Code::invalid,
               fmt::format("\"{}\" is not understood; write {}", text, words_in_line(words))};
}

} // namespace nacre::cli
