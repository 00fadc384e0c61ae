// SPDX-License-Identifier: Apache-2.0
// GuestCall: one call of an exported function: parameters are lowered, the guest runs, results are
// lifted.
#pragma once

#include "base/ensure.h"
#include "component/peer.h"
#include "component/store.h"

#include <array>
#include <optional>
#include <string>

namespace nacre::component {

/// Lives on the stack of a fiber's body (Runner::run). Steps, in this order: lower into `values()`
/// through `context()`, invoke(), lift from `values()`, finish(). After a false the store is
/// poisoned and fault() says why.
class GuestCall {
public:
  GuestCall(Store& store, const Plan::ExportFunction& function)
      : function_(function), peer_(store, store.linked().plan().options[function.options]),
        context_(peer_, static_cast<StringEncoding>(peer_.options().encoding)) {
    // Before the parameters: borrows among them belong to this call.
    store.calls().emplace_back();
  }

  CallContext& context() { return context_; }
  /// Room for 16 flat parameters; after invoke(), the flat result.
  Raw* values() { return values_.data(); }

  bool invoke();
  /// Runs the guest's post-return, when results are no longer needed.
  bool finish();
  /// A lift or lower failed: `context().error()` becomes the fault. Returns false.
  bool fail();

  const engine::Fault& fault() const {
    ENSURE(fault_, "asked of a call that failed");
    return *fault_;
  }
  bool failed() const { return fault_.has_value(); }

private:
  bool trapped(engine::Trap* trap);

  const Plan::ExportFunction& function_;
  StorePeer peer_;
  CallContext context_;
  std::array<Raw, 17> values_;
  Raw result_;
  std::optional<engine::Fault> fault_;
};

} // namespace nacre::component
