// SPDX-License-Identifier: Apache-2.0
// HandleBridge: how the handles in dynamic values become resources and the other way round.
#pragma once

#include "component/call_context.h"
#include "component/plan.h"
#include "wit/value.h"

#include <cstdint>
#include <memory>

namespace nacre::component {

/// Implemented where the tables of handles are known. `type` is an own or a borrow. Both functions
/// return false after `call.fail(…)`.
class HandleBridge {
public:
  /// The resource behind a handle that the guest passed; an own one leaves the guest's table.
  virtual bool lift(CallContext& call, const Plan::Type& type, std::uint32_t handle,
                    std::shared_ptr<wit::Opaque>& out) = 0;

  /// A handle for a resource that the guest is given.
  virtual bool lower(CallContext& call, const Plan::Type& type,
                     const std::shared_ptr<wit::Opaque>& resource, std::uint32_t& handle) = 0;

protected:
  ~HandleBridge() = default;
};

} // namespace nacre::component
