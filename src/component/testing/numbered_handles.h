// SPDX-License-Identifier: Apache-2.0
// NumberedHandles: a bridge for tests of values that hold resources.
#pragma once

#include "component/dynamic/handle_bridge.h"

#include <string>
#include <vector>

namespace nacre::component {

/// Keeps every resource it lowered under the next index, and lifts them by that.
class NumberedHandles final : public HandleBridge {
public:
  bool lift(CallContext& call, const Plan::Type& /*type*/, std::uint32_t handle,
            std::shared_ptr<wit::Opaque>& out) override {
    if (handle >= resources_.size())
      return call.fail("unknown handle index " + std::to_string(handle));
    out = resources_[handle];
    return true;
  }
  bool lower(CallContext& /*call*/, const Plan::Type& /*type*/,
             const std::shared_ptr<wit::Opaque>& resource, std::uint32_t& handle) override {
    handle = static_cast<std::uint32_t>(resources_.size());
    resources_.push_back(resource);
    return true;
  }

private:
  std::vector<std::shared_ptr<wit::Opaque>> resources_;
};

} // namespace nacre::component
