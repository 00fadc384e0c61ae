// SPDX-License-Identifier: Apache-2.0
// Finds an exported function by the name that a person types.
#pragma once

#include "base/result.h"
#include "component/component.h"

#include <string_view>

namespace nacre::component {

/// `name` is "f" for a function of the world, "ns:pkg/iface@1.2.3#f" for one of an exported
/// interface; the version may be left out or be any compatible one, and so may the interface where
/// only one exports an `f`. Code::not_found with the names of what there is; Code::invalid if
/// several fit.
Result<const Plan::ExportFunction*> find_export(const Component& component, std::string_view name);

} // namespace nacre::component
