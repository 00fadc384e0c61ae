// SPDX-License-Identifier: Apache-2.0
// SHA-256, as the 64 hexadecimal digits by which artifacts and cache entries are known.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace nacre {

std::string sha256_hex(std::span<const std::byte> bytes);

} // namespace nacre
