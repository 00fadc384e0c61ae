// SPDX-License-Identifier: Apache-2.0
// Unit: the type of a case without payload, and of the error of `result<T>`.
#pragma once

#include <variant>

namespace nacre::component {

using Unit = std::monostate;

} // namespace nacre::component
