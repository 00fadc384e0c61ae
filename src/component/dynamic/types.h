// SPDX-License-Identifier: Apache-2.0
// The types of a plan as pure data, for parsing and printing values.
#pragma once

#include "component/plan.h"
#include "wit/type.h"

namespace nacre::component {

/// The plan's value types under the same indices.
wit::TypeTable describe_types(const Plan& plan);

/// The parameters of a function, named, as indices into the same table.
std::vector<wit::Field> describe_params(const Plan& plan, const Plan::Function& function);

/// The result of a function; wit::kNoType if it has none.
wit::TypeIndex describe_result(const Plan& plan, const Plan::Function& function);

} // namespace nacre::component
