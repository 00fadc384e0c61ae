// SPDX-License-Identifier: Apache-2.0
// invoke: calls an exported function with dynamic values.
#pragma once

#include "component/plan.h"
#include "component/runner.h"
#include "component/store.h"
#include "engine/fault.h"
#include "loop/task.h"
#include "wit/value.h"

#include <optional>
#include <vector>

namespace nacre::component {

/// How a call ended: with a fault (the store is poisoned), or with a value if the function has one.
struct Invoked {
  std::optional<engine::Fault> fault;
  std::optional<wit::Value> value;
};

/// Calls `function`, which the store's component exports; the caller keeps runner and store until
/// the task has ended. Fails with Code::unsupported for an asynchronous export, and with
/// Code::cancelled when the guest was interrupted.
Task<Invoked> invoke(Runner& runner, Store& store, const Plan::ExportFunction& function,
                     std::vector<wit::Value> arguments);

} // namespace nacre::component
