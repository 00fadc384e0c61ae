// SPDX-License-Identifier: Apache-2.0
#include "component/dynamic/invoke.h"

#include "component/dynamic/lift.h"
#include "component/dynamic/lower.h"
#include "component/dynamic/store_handles.h"
#include "component/guest_call.h"

#include <utility>

namespace nacre::component {
namespace {

/// The whole call, on the guest's fiber.
void call_guest(Store& store, const Plan::ExportFunction& exported,
                const std::vector<wit::Value>& arguments, Invoked& out) {
  const Plan& plan = store.linked().plan();
  const Plan::Function& function = plan.functions[exported.function];
  StoreHandles handles{store};
  GuestCall guest{store, exported};
  ValueLower lower{plan, guest.context(), handles};
  ValueLift lift{plan, guest.context(), handles};
  const bool ended =
      (lower.lower_params(function, arguments, guest.values()) || guest.fail()) && guest.invoke() &&
      (lift.lift_result(function, guest.values(), out.value) || guest.fail()) && guest.finish();
  if (!ended)
    out = {guest.fault(), std::nullopt};
}

Task<Invoked> invoke_in(Runner* runner, Store* store, const Plan::ExportFunction* function,
                        std::vector<wit::Value> arguments) {
  if (store->linked().plan().options[function->options].is_async)
    co_return Error{Code::unsupported,
                    "the function is asynchronous (WASI 0.3), which nacre does not run yet"};
  Invoked out;
  auto body = [&] { call_guest(*store, *function, arguments, out); };
  CO_TRY_OK(co_await runner->run(*store, body));
  co_return out;
}

} // namespace

Task<Invoked> invoke(Runner& runner, Store& store, const Plan::ExportFunction& function,
                     std::vector<wit::Value> arguments) {
  return invoke_in(&runner, &store, &function, std::move(arguments));
}

} // namespace nacre::component
