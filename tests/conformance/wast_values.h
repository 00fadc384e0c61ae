// SPDX-License-Identifier: Apache-2.0
// The typed values of a script as values of the types that a component's function has.
#pragma once

#include "base/result.h"
#include "wit/type.h"
#include "wit/value.h"

#include <boost/json/value.hpp>

namespace nacre::conformance {

/// `constant` is {"type": "u32", "value": "7"} and the like. Fails if it is not of that type.
Result<wit::Value> to_value(const wit::TypeTable& types, wit::TypeIndex type,
                            const boost::json::value& constant);

} // namespace nacre::conformance
