// SPDX-License-Identifier: Apache-2.0
// Reads plans. What it returns has been checked: every index is inside its table, every layout adds
// up, and instantiation steps name only what earlier steps made.
#pragma once

#include "base/result.h"
#include "component/plan.h"

#include <cstddef>
#include <span>

namespace nacre::component {

/// Parses a plan as written by the planner of the same version. Bytes of any origin give a Plan
/// that is safe to use or an Error (Code::invalid), never worse; the bytes are copied.
Result<Plan> read_plan(std::span<const std::byte> bytes);

} // namespace nacre::component
