// SPDX-License-Identifier: Apache-2.0
// The planner: turns a component's bytes into a plan. Slow (parses and validates everything); plans
// are meant to be kept.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace nacre::component {

struct PlannerOptions {
  bool concurrent = false; // plan for concurrency even if the component does without
  bool threading = false;  // accept cooperative threads
  bool bypass = true;      // take out a shim module where that changes nothing a guest can see
};

/// The plan of a component, as bytes for read_plan. Errors (Code::invalid) are sentences for the
/// one who built the component.
Result<std::vector<std::byte>> make_plan(std::span<const std::byte> component,
                                         PlannerOptions options = {});

/// Whether a component or core module is valid, function bodies included.
Result<> validate(std::span<const std::byte> wasm, PlannerOptions options = {});

/// A component's world as WIT text; with `whole`, also the packages it names.
Result<std::string> print_wit(std::span<const std::byte> component, bool whole = false);

} // namespace nacre::component
