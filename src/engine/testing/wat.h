// SPDX-License-Identifier: Apache-2.0
// wat(): WebAssembly text to bytes, for tests.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace nacre::engine {

/// Throws std::runtime_error with the parser's message when the text is wrong.
std::vector<std::byte> wat(std::string_view text);

} // namespace nacre::engine
