// SPDX-License-Identifier: Apache-2.0
#include "component/guest_call.h"

#include "base/ensure.h"

namespace nacre::component {

bool GuestCall::trapped(engine::Trap* trap) {
  fault_ = engine::Store::describe(trap);
  peer_.store().poison();
  return false;
}

bool GuestCall::fail() {
  if (engine::Trap* trap = peer_.take_trap())
    return trapped(trap);
  fault_ = engine::Fault{context_.error(), {}};
  peer_.store().poison();
  return false;
}

bool GuestCall::invoke() {
  Store& store = peer_.store();
  ENSURE(!store.poisoned(), "a guest that has trapped is not called again");
  engine::Extern callee;
  ENSURE(store.resolve(function_.def, callee), "the planner names only exports that are there");
  context_.forget_memory();
  engine::Trap* trap = store.engine().call(callee.func(), values_.data(), values_.size());
  if (trap != nullptr)
    return trapped(trap);
  result_ = values_[0];
  return true;
}

bool GuestCall::finish() {
  Store& store = peer_.store();
  const Plan::Options& options = peer_.options();
  if (options.post_return != kNone) {
    store.set_may_leave(options.instance, false);
    values_[0] = result_;
    engine::Trap* trap =
        store.engine().call(store.post_return(options.post_return), values_.data(), values_.size());
    store.set_may_leave(options.instance, true);
    if (trap != nullptr)
      return trapped(trap);
  }
  std::string error;
  if (!store.leave_call(error)) {
    fault_ = engine::Fault{std::move(error), {}};
    store.poison();
    return false;
  }
  return true;
}

} // namespace nacre::component
