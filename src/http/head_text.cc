// SPDX-License-Identifier: Apache-2.0
#include "http/head_text.h"

#include "http/head_parser.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <ctime>

namespace nacre::http {
bool is_connection_field(std::string_view name) {
  switch (name.size()) {
  case 7:
    return same_text(name, "upgrade");
  case 10:
    return same_text(name, "connection") || same_text(name, "keep-alive");
  case 14:
    return same_text(name, "content-length");
  case 16:
    return same_text(name, "proxy-connection");
  case 17:
    return same_text(name, "transfer-encoding");
  default:
    return false;
  }
}

Result<HeadDemands> check_fields(const Fields& fields) {
  HeadDemands out;
  for (const Field& line : fields.lines()) {
    if (!valid_name(line.name))
      return Error{Code::invalid, "a field name cannot be sent"};
    if (!valid_value(line.value))
      return Error{Code::invalid, fmt::format("the value of field '{}' cannot be sent", line.name)};
    if (is_connection_field(line.name)) {
      if (same_text(line.name, "content-length")) {
        const auto length = parse_length(line.value);
        if (!length || (out.length && *out.length != *length))
          return Error{Code::invalid, "Content-Length is not one number"};
        out.length = length;
      } else if (same_text(line.name, "connection") && same_text(line.value, "close")) {
        out.close = true;
      }
      continue;
    }
    out.has_date = out.has_date || same_text(line.name, "date");
    out.bytes += line.name.size() + line.value.size() + 4;
  }
  return out;
}

void append_fields(const Fields& fields, Buffer& out) {
  const auto space = out.writable();
  std::byte* const start = space.data();
  std::byte* at = start;
  const auto put = [&at](std::string_view text) {
    std::memcpy(at, text.data(), text.size());
    at += text.size();
  };
  for (const Field& line : fields.lines()) {
    if (is_connection_field(line.name))
      continue;
    put(line.name);
    put(": ");
    put(line.value);
    put("\r\n");
  }
  out.commit(static_cast<std::size_t>(at - start));
}

std::string date_line(std::int64_t unix_seconds) {
  static constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed",
                                                    "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t time = unix_seconds;
  std::tm t{};
  ::gmtime_r(&time, &t);
  return fmt::format("date: {}, {:02} {} {} {:02}:{:02}:{:02} GMT\r\n",
                     kDays[static_cast<std::size_t>(t.tm_wday)], t.tm_mday,
                     kMonths[static_cast<std::size_t>(t.tm_mon)], t.tm_year + 1900, t.tm_hour,
                     t.tm_min, t.tm_sec);
}

} // namespace nacre::http
