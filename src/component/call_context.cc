// SPDX-License-Identifier: Apache-2.0
#include "component/call_context.h"

namespace nacre::component {

bool CallContext::fail(std::string message) {
  if (!failed_) {
    failed_ = true;
    error_ = std::move(message);
  }
  return false;
}

void CallContext::refresh_memory() {
  memory_ = peer_.memory(*this);
  memory_fresh_ = true;
}

bool CallContext::over_budget() {
  return fail("too much data is copied between the host and the guest in one call");
}

} // namespace nacre::component
