// SPDX-License-Identifier: Apache-2.0
#include "cli/values.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>

namespace nacre::cli {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array kSizes{Unit{"", 1},          Unit{"B", 1},       Unit{"k", 1024},
                            Unit{"K", 1024},      Unit{"KiB", 1024},  Unit{"M", 1 << 20},
                            Unit{"MiB", 1 << 20}, Unit{"G", 1 << 30}, Unit{"GiB", 1 << 30}};
constexpr std::array kDurations{Unit{"ms", 1}, Unit{"", 1000}, Unit{"s", 1000}, Unit{"m", 60'000},
                                Unit{"h", 3'600'000}};

Error not_understood(std::string_view text, std::string_view instead) {
  return Error{Code::invalid, fmt::format("\"{}\" is not understood; write {}", text, instead)};
}

Error out_of_range(std::string_view text, std::string_view range) {
  return Error{Code::invalid,
               fmt::format("{} is out of range; write something from {}", text, range)};
}

template <std::size_t N>
Result<std::uint64_t> parse(std::string_view text, const std::array<Unit, N>& units,
                            std::string_view examples) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (error == std::errc{}) {
    for (const Unit& one : units) {
      if (one.name == unit && number <= std::numeric_limits<std::uint64_t>::max() / one.factor)
        return number * one.factor;
    }
  }
  return not_understood(text, examples);
}

} // namespace

Result<std::uint64_t> parse_size(std::string_view text) {
  return parse(text, kSizes, "a size like 64MiB or 1GiB");
}

Result<std::uint64_t> parse_memory(std::string_view text) {
  TRY(const std::uint64_t bytes, parse_size(text));
  if (bytes < (std::uint64_t{64} << 10) || bytes > (std::uint64_t{4} << 30))
    return out_of_range(text, "64KiB to 4GiB");
  return bytes;
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  TRY(const std::uint64_t millis, parse(text, kDurations, "a duration like 250ms, 30s or 5m"));
  constexpr std::uint64_t kLongest = std::uint64_t{8760} * 3'600'000;
  if (millis == 0 || millis > kLongest)
    return out_of_range(text, "1ms to 8760h");
  return std::chrono::milliseconds(millis);
}

Result<std::uint32_t> parse_number(std::string_view text, std::uint32_t low, std::uint32_t high) {
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || number < low || number > high)
    return not_understood(text, fmt::format("a number from {} to {}", low, high));
  return number;
}

Result<std::pair<std::string, std::string>> parse_pair(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == 0 || equals == std::string_view::npos)
    return not_understood(text, "NAME=VALUE");
  return std::pair{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

} // namespace nacre::cli
