// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <array>
#include <atomic>
#include <cstdio>

namespace nacre::log {
namespace {

std::atomic<Level> least_level{Level::info};

void to_stderr(Level level, std::string_view message, std::initializer_list<Field> fields) {
  constexpr std::array<std::string_view, 4> kNames{"debug", "info", "warn", "error"};
  std::string line{kNames.at(static_cast<std::size_t>(level))};
  line.append(": ").append(message);
  for (const Field& field : fields)
    line.append(" ").append(field.name).append("=").append(field.value);
  line.append("\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
}

Sink& sink() {
  static Sink current = to_stderr;
  return current;
}

} // namespace

void set_sink(Sink next) {
  sink() = std::move(next);
}
void set_level(Level least) {
  least_level = least;
}
bool enabled(Level level) {
  return level >= least_level.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (enabled(level))
    sink()(level, message, fields);
}

} // namespace nacre::log
