// SPDX-License-Identifier: Apache-2.0
#include "base/files.h"
#include "cli/command.h"
#include "cli/values.h"

#include <fmt/format.h>

namespace nacre::cli {
namespace {

/// HOST::GUEST, HOST::GUEST:ro, or HOST alone (mounted under the same name).
Result<Directory> parse_directory(std::string_view text) {
  Directory out;
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
        fmt::format("--dir: \"{}\" is not understood; write HOST::GUEST or HOST::GUEST:ro", text)};
  }
  return out;
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
    TRY(auto pair, parse_pair(fmt::format("{}:{}", path, line_number), line));
    out.environment.push_back(std::move(pair));
  }
  return {};
}

} // namespace

void add_guest_flags(CLI::App& command, GuestFlags& flags) {
  command
      .add_option("--env", flags.env,
                  "Environment variable of the guest; NAME alone passes nacre's own on")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command.add_option("--env-file", flags.env_files, "File with one NAME=VALUE per line")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command.add_option("--dir", flags.dirs, "Directory the guest may use; :ro makes it read-only")
      ->type_name("HOST::GUEST[:ro]")
      ->allow_extra_args(false);
  command
      .add_option("--allow-host", flags.allow_hosts,
                  "Host the guest may call: example.com, *.example.com, https://host:port, an "
                  "address, or * for all")
      ->type_name("PATTERN")
      ->allow_extra_args(false);
  command.add_option("--max-memory", flags.max_memory, "Memory of one instance")
      ->type_name("SIZE")
      ->capture_default_str();
  command
      .add_option("--cpu-budget", flags.cpu_budget,
                  "CPU time of one call (default: as long as --timeout)")
      ->type_name("DURATION");
  command
      .add_option("--cache-dir", flags.cache_dir,
                  "Where compiled code is kept (default: ~/.cache/nacre)")
      ->type_name("DIR");
}

Result<GuestOptions> guest_options(const GuestFlags& flags) {
  GuestOptions out;
  for (const std::string& file : flags.env_files)
    TRY_OK(read_env_file(file, out));
  for (const std::string& text : flags.env) {
    if (text.find('=') == std::string::npos && !text.empty()) {
      if (const char* value = std::getenv(text.c_str()))
        out.environment.emplace_back(text, value);
      continue;
    }
    TRY(auto pair, parse_pair("--env", text));
    out.environment.push_back(std::move(pair));
  }
  for (const std::string& text : flags.dirs) {
    TRY(auto directory, parse_directory(text));
    out.directories.push_back(std::move(directory));
  }
  out.allowed_hosts = flags.allow_hosts;
  return out;
}

void add_output(CLI::App& command, Context& context) {
  command.add_option("--output", context.output, "How results are printed")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, Output>{{"text", Output::text}, {"json", Output::json}}))
      ->type_name("text|json");
}

} // namespace nacre::cli
