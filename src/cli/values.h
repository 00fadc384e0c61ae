// SPDX-License-Identifier: Apache-2.0
// values: sizes, durations, numbers and pairs as people type them. Errors say what to write
// instead.
#pragma once

#include "base/result.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace nacre::cli {

/// "64MiB", "1GiB", "512k", "1000000": bytes. k, M and G are binary like Ki, Mi and Gi.
Result<std::uint64_t> parse_size(std::string_view text);
/// The same for one instance's memory: from one page of WebAssembly to all that it can address.
Result<std::uint64_t> parse_memory(std::string_view text);
/// "250ms", "30s", "5m", "1h", "10" (seconds); from a millisecond to a year.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
/// Digits only.
Result<std::uint32_t> parse_number(std::string_view text, std::uint32_t low, std::uint32_t high);
/// "NAME=VALUE".
Result<std::pair<std::string, std::string>> parse_pair(std::string_view text);

} // namespace nacre::cli
