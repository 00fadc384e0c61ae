// SPDX-License-Identifier: Apache-2.0
// Plans for tests, made from WebAssembly text. Failures throw, which ends the test.
#pragma once

#include "component/plan.h"
#include "component/planner.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nacre::component {

/// Text of tests/guests/plan/<name>.wat.
std::string guest_text(const std::string& name);

/// Text format to binary.
std::vector<std::byte> to_wasm(std::string_view text);

/// The plan of a binary component, as bytes and read.
std::vector<std::byte> plan_bytes(const std::vector<std::byte>& component,
                                  PlannerOptions options = {});
Plan plan_of(const std::vector<std::byte>& component, PlannerOptions options = {});

} // namespace nacre::component
