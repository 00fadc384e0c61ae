// SPDX-License-Identifier: Apache-2.0
// wasi:filesystem 0.2: directories of the host that a guest may use, and nothing beside them.
#pragma once

#include "base/result.h"
#include "capabilities/wasi_filesystem/beneath.h"
#include "capability/capability.h"
#include "loop/loop.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace nacre::wasi_filesystem {

/// One directory of the host under the name that the guest knows it by.
struct Preopen {
  std::string host;
  std::string guest;
  bool writable = false;
};

struct Settings {
  std::vector<Preopen> preopens = {};
  /// Descriptors, streams and directory streams that one guest may have open at a time.
  std::uint32_t max_open = 1024;
  /// How long the end of a lease waits for what guests wrote to be written.
  Duration drain = std::chrono::seconds{5};
  Resolver resolver = best_resolver();
};

/// Opens the directories; blocks. Fails with a sentence about the first that is none.
Result<std::unique_ptr<capability::Capability>> make_wasi_filesystem(Settings settings);

} // namespace nacre::wasi_filesystem
