// SPDX-License-Identifier: Apache-2.0
// StoreHandles: the resources of one store, as dynamic values hold them.
#pragma once

#include "component/dynamic/handle_bridge.h"
#include "component/store.h"

namespace nacre::component {

/// A resource that a guest gave away stays with the value that holds it until it is given back;
/// values must not outlive the store's guest. A guest's destructor does not run for what is never
/// given back: the guest ends first.
class StoreHandles final : public HandleBridge {
public:
  explicit StoreHandles(Store& store) : store_(store) {}

  bool lift(CallContext& call, const Plan::Type& type, std::uint32_t handle,
            std::shared_ptr<wit::Opaque>& out) override;
  bool lower(CallContext& call, const Plan::Type& type,
             const std::shared_ptr<wit::Opaque>& resource, std::uint32_t& handle) override;

private:
  Store& store_;
};

} // namespace nacre::component
