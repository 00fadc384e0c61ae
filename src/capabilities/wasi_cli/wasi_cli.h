// SPDX-License-Identifier: Apache-2.0
// wasi:cli 0.2: environment, exit, standard streams and terminals.
#pragma once

#include "capabilities/wasi_cli/stdio.h"
#include "capability/capability.h"
#include "capability/exit_status.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nacre::wasi_cli {

struct Settings {
  std::vector<std::pair<std::string, std::string>> environment = {};
  std::vector<std::string> arguments = {}; ///< the program's name first
  std::optional<std::string> initial_cwd = std::nullopt;
  std::shared_ptr<Input> in = empty_input();
  std::shared_ptr<Output> out = discard_output();
  std::shared_ptr<Output> err = discard_output();
  /// Where a guest's wish to end is written; null where nobody asks.
  std::shared_ptr<capability::ExitStatus> exit = nullptr;
  /// Standard streams that one guest may hold; each may hold a buffer of the host.
  std::uint32_t max_streams = 64;
  /// How long the end of a lease waits for what guests wrote to get out.
  Duration drain = std::chrono::seconds{2};
};

/// Fails when a name, a value or an argument is no text (WIT strings are Unicode).
Result<std::unique_ptr<capability::Capability>> make_wasi_cli(Settings settings);

} // namespace nacre::wasi_cli
