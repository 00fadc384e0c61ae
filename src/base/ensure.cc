// SPDX-License-Identifier: Apache-2.0
#include "base/ensure.h"

#include <fmt/format.h>

namespace nacre {

void fail_ensure(const char* condition, const std::string& what, std::source_location where) {
  throw Bug{fmt::format("{}:{}: {} ({})", where.file_name(), where.line(), what, condition)};
}

} // namespace nacre
