// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <array>

namespace nacre {

std::string_view to_string(Code code) {
  constexpr std::array<std::string_view, 11> kNames{
      "invalid", "not_found", "exists",      "denied",      "conflict", "exhausted",
      "timeout", "cancelled", "unavailable", "unsupported", "internal"};
  return kNames.at(static_cast<std::size_t>(code));
}

Error Error::context(std::string_view doing) && {
  std::string text;
  text.reserve(doing.size() + 2 + message_.size());
  text.append(doing).append(": ").append(message_);
  return Error{code_, std::move(text)};
}

Error Error::context(std::string_view doing) const& {
  return Error{*this}.context(doing);
}

} // namespace nacre
