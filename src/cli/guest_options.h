// SPDX-License-Identifier: Apache-2.0
// What a user grants a guest on the command line, in plain words; the program's composition makes
// capabilities of it.
#pragma once

#include "base/result.h"
#include "capability/capability.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nacre::cli {

struct Directory {
  std::string host;
  std::string guest;
  bool read_only = false;
};

struct GuestOptions {
  std::string name; ///< the component's file without folder and suffix
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<std::string> arguments;
  std::vector<Directory> directories;
  std::vector<std::string> allowed_hosts; ///< patterns of net::AllowList
  bool command = false; ///< `run`: the guest has nacre's own standard streams; otherwise its output
                        ///< goes to the log
};

/// An exit code that a guest asked for, if it did: read after the guest has ended.
using ExitCode = std::function<std::optional<int>()>;

struct Granted {
  std::vector<std::unique_ptr<capability::Capability>> capabilities;
  ExitCode exit_code;
};
using Grant = std::function<Result<Granted>(const GuestOptions&)>;

} // namespace nacre::cli
