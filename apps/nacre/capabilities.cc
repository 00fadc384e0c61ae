// SPDX-License-Identifier: Apache-2.0
#include "capabilities.h"

#include "capabilities/wasi_cli/wasi_cli.h"
#include "capabilities/wasi_clocks/wasi_clocks.h"
#include "capabilities/wasi_filesystem/wasi_filesystem.h"
#include "capabilities/wasi_http/wasi_http.h"
#include "capabilities/wasi_io/wasi_io.h"
#include "capabilities/wasi_random/wasi_random.h"

namespace nacre {
namespace {

/// A command has our own streams; a served guest speaks through the log.
Result<> connect_streams(const cli::GuestOptions& options, wasi_cli::Settings& out) {
  if (options.command) {
    TRY(out.in, wasi_cli::inherit_input(0));
    TRY(out.out, wasi_cli::inherit_output(1, wasi_cli::Escapes::keep));
    TRY(out.err, wasi_cli::inherit_output(2, wasi_cli::Escapes::keep));
    return {};
  }
  out.out = wasi_cli::log_output({.guest = options.name, .stream = "stdout"});
  out.err = wasi_cli::log_output({.guest = options.name, .stream = "stderr"});
  return {};
}

} // namespace

Result<cli::Granted> grant_capabilities(const cli::GuestOptions& options) {
  cli::Granted out;
  auto exit = std::make_shared<capability::ExitStatus>();
  out.exit_code = [exit] {
    return exit->code().transform([](std::uint8_t code) { return int{code}; });
  };
  wasi_cli::Settings command;
  command.environment = options.environment;
  command.arguments = options.arguments;
  command.exit = exit;
  TRY_OK(connect_streams(options, command));
  wasi_http::Settings http;
  for (const std::string& pattern : options.allowed_hosts)
    TRY_OK(http.client.allow.allow(pattern).context("--allow-host"));
  wasi_filesystem::Settings files;
  for (const auto& directory : options.directories)
    files.preopens.push_back({directory.host, directory.guest, !directory.read_only});
  TRY(auto filesystem, wasi_filesystem::make_wasi_filesystem(std::move(files)).context("--dir"));
  TRY(auto wasi_cli, wasi_cli::make_wasi_cli(std::move(command)));
  out.capabilities.push_back(wasi_io::make_wasi_io());
  out.capabilities.push_back(wasi_clocks::make_wasi_clocks());
  out.capabilities.push_back(wasi_random::make_wasi_random());
  out.capabilities.push_back(std::move(wasi_cli));
  out.capabilities.push_back(std::move(filesystem));
  out.capabilities.push_back(wasi_http::make_wasi_http(std::move(http)));
  return out;
}

} // namespace nacre
