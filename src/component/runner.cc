// SPDX-License-Identifier: Apache-2.0
#include "component/runner.h"

#include "loop/loop.h"

namespace nacre::component {
namespace {

Error interrupted(const Store& store) {
  return {Code::cancelled,
          store.interrupted().empty() ? "the call was cancelled" : store.interrupted()};
}

} // namespace

bool Runner::resume(Store& store, engine::Fiber& fiber) {
  store.start_slice();
  ticker_.enter(lane_);
  const bool ended = fiber.resume();
  engine::Ticker::leave(lane_);
  store.end_slice();
  return ended;
}

std::optional<engine::Fault> Runner::open(Store& store, const GuestLimits& limits) {
  if (!store.linked().starts()) [[likely]]
    return store.open(limits);
  ticker_.enter(lane_);
  auto fault = store.open(limits);
  engine::Ticker::leave(lane_);
  return fault;
}

Task<> Runner::drive(Store* store, engine::Fiber::Body body, void* env) {
  engine::Fiber fiber{store->engine(), body, env};
  while (!resume(*store, fiber)) {
    if (!store->waiting()) {
      CO_TRY_OK(co_await yield_to_loop());
      continue;
    }
    Result<> woken;
    if (store->interrupted().empty())
      woken = co_await store->answered().wait();
    if (!woken.has_value() || (store->waiting() && !store->interrupted().empty())) {
      Task<> ended = store->cancel_waiting();
      (void)co_await std::move(ended); // closing a scope does not fail
      co_return interrupted(*store);
    }
  }
  if (auto fault = fiber.failure())
    co_return fault->to_error();
  co_return Result<>{};
}

} // namespace nacre::component
