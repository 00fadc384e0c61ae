// SPDX-License-Identifier: Apache-2.0
// values: sizes, durations and pairs as people type them.
#pragma once

#include "base/result.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace nacre::cli {

/// "64MiB", "1GiB", "512k", "1000000": bytes. k, M and G are binary like Ki, Mi and Gi.
Result<std::uint64_t> parse_size(std::string_view flag, std::string_view text);
/// "250ms", "30s", "5m", "1h", "10" (seconds).
Result<std::chrono::milliseconds> parse_duration(std::string_view flag, std::string_view text);
/// "KEY=VALUE".
Result<std::pair<std::string, std::string>> parse_pair(std::string_view flag,
                                                       std::string_view text);

} // namespace nacre::cli
