// SPDX-License-Identifier: Apache-2.0
// The second half of reading a plan: are its tables consistent with each other?
#pragma once

#include "base/result.h"
#include "component/plan.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace nacre::component {

/// Checks all that Plan's comments promise. Error (Code::invalid) names the first thing that is
/// off.
Result<> check_plan(const Plan& plan);

/// Its two halves; the second relies on the first.
Result<> check_plan_tables(const Plan& plan); // types, functions, imports, resources, options
Result<> check_plan_steps(const Plan& plan);  // trampolines, initializers, exports

/// What both are written with.
Error invalid_plan(std::string message);
/// `index` is into a table of `size` entries of `what`.
Result<> check_index(std::uint32_t index, std::size_t size, std::string_view what);
/// The same, or kNone.
Result<> check_index_or_none(std::uint32_t index, std::size_t size, std::string_view what);
/// `index` is kNone.
Result<> check_absent(std::uint32_t index, std::string_view what);
/// `text` is "params:results".
Result<> check_core_type(std::string_view text);

} // namespace nacre::component
