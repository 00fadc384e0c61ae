// SPDX-License-Identifier: Apache-2.0
// Fault: how a guest's execution ended early, in words and with the guest's call stack by function
// name.
#pragma once

#include "base/error.h"
#include "engine/raw.h"

#include <memory>
#include <string>
#include <vector>

namespace nacre::engine {

struct Fault {
  std::string message; ///< the cause alone: "wasm trap: wasm `unreachable` instruction executed"
  std::vector<std::string> frames; ///< innermost first; one without a name: "function 7"

  /// As an Error of code `internal`, with up to sixteen frames in one line.
  Error to_error() const;
};

/// A trap that a host function returns: the guest ends with `message`.
Trap* make_trap(const std::string& message);
/// A trap with one of the engine's own codes (wasmtime's trap encoding).
Trap* make_trap_code(std::uint8_t code);

} // namespace nacre::engine
