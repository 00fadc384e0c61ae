// SPDX-License-Identifier: Apache-2.0
// log: the one call by which every floor speaks: a constant message and named values; the sink is
// set from above.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace nacre::log {

enum class Level : std::uint8_t { debug, info, warn, error };

/// One named value of a log line.
struct Field {
  std::string_view name;
  std::string value;

  Field(std::string_view n, std::string_view v) : name(n), value(v) {}
  Field(std::string_view n, const char* v) : name(n), value(v) {}
  Field(std::string_view n, const std::string& v) : name(n), value(v) {}
  template <class N>
    requires std::is_arithmetic_v<N>
  Field(std::string_view n, N v) : name(n), value(std::to_string(v)) {}
};

using Sink = std::function<void(Level, std::string_view message, std::initializer_list<Field>)>;

/// Replaces the sink (default: one line on standard error). Call it before threads start.
void set_sink(Sink sink);
void set_level(Level least);
bool enabled(Level level);

void write(Level level, std::string_view message, std::initializer_list<Field> fields);
inline void debug(std::string_view m, std::initializer_list<Field> f = {}) {
  if (enabled(Level::debug))
    write(Level::debug, m, f);
}
inline void info(std::string_view m, std::initializer_list<Field> f = {}) {
  write(Level::info, m, f);
}
inline void warn(std::string_view m, std::initializer_list<Field> f = {}) {
  write(Level::warn, m, f);
}
inline void error(std::string_view m, std::initializer_list<Field> f = {}) {
  write(Level::error, m, f);
}

} // namespace nacre::log
