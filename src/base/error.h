// SPDX-License-Identifier: Apache-2.0
// Error: what went wrong, as a value: a code of one closed vocabulary and a sentence that grows
// from the inside out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace nacre {

/// The one vocabulary of failures on all floors. Each edge (HTTP status, WIT error case, exit code)
/// maps it with a table of its own.
enum class Code : std::uint8_t {
  invalid, // the input is wrong, and would be wrong again
  not_found,
  exists,
  denied, // a policy says no
  conflict,
  exhausted, // a limit or a quota is reached
  timeout,
  cancelled,   // the one who asked went away
  unavailable, // may work later
  unsupported, // well formed, and not served here
  internal,    // a bug of ours or of a library
};

std::string_view to_string(Code code);

/// A failure. Cheap to move; built only on paths that fail.
class Error {
public:
  Error(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  Code code() const { return code_; }
  const std::string& message() const { return message_; }

  /// Says what we were doing when the inner failure came up: "pulling image: connecting: refused".
  Error context(std::string_view doing) &&;
  Error context(std::string_view doing) const&;

private:
  Code code_;
  std::string message_;
};

} // namespace nacre
