// SPDX-License-Identifier: Apache-2.0
#include "component/running_guest.h"

#include "component/guest_call.h"

#include <fmt/format.h>

namespace nacre::component {

Result<ExportFunc> find_export(const Component& component, std::string_view interface,
                               std::string_view version, std::string_view func,
                               std::string_view signature) {
  const Plan::ExportFunction* found =
      component.find_function(fmt::format("{}@{}", interface, version), func);
  if (found == nullptr)
    return Error{Code::not_found, fmt::format("the component does not export {}", interface)};
  const std::string& type = component.plan().functions[found->function].signature;
  if (type != signature) {
    return Error{Code::invalid,
                 fmt::format("the component's export {} of {} has the type {}; expected is {}",
                             func, interface, type, signature)};
  }
  return ExportFunc{found};
}

Task<> RunningGuest::call(ExportFunc func, ExportCall& call) {
  return run(func, &call);
}

Task<> RunningGuest::run(ExportFunc func, ExportCall* call) {
  fault_.reset();
  auto body = [this, func, call] {
    GuestCall guest{store_, *static_cast<const Plan::ExportFunction*>(func.entry())};
    const bool ok = (call->lower(guest.context(), guest.values()) || guest.fail()) &&
                    guest.invoke() &&
                    (call->lift(guest.context(), guest.values()) || guest.fail()) && guest.finish();
    if (!ok)
      fault_ = guest.fault();
  };
  CO_TRY_OK(co_await runner_.run(store_, body));
  if (fault_)
    co_return fault_->to_error();
  co_return Result<>{};
}

} // namespace nacre::component
