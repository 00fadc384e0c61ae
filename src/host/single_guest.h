// SPDX-License-Identifier: Apache-2.0
// SingleGuest: one guest with a loop of its own, for commands and tools: everything set up in one
// call, ended in order.
#pragma once

#include "capability/capability.h"
#include "component/dynamic/invoke.h"
#include "component/linked.h"
#include "component/runner.h"
#include "component/running_guest.h"
#include "engine/ticker.h"
#include "loop/loop.h"

#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace nacre::host {

/// Used on one thread, which is the loop's.
class SingleGuest {
public:
  /// Links and instantiates. The engine outlives it.
  static Result<std::unique_ptr<SingleGuest>>
  make(const engine::Engine& engine, std::shared_ptr<const component::Component> component,
       std::vector<std::unique_ptr<capability::Capability>> capabilities,
       const component::GuestLimits& limits);
  ~SingleGuest();

  /// Calls wasi:cli/run. False: the guest said that it failed.
  Result<bool> run_command();
  /// Calls any exported function.
  Result<component::Invoked> invoke(const component::Plan::ExportFunction& function,
                                    std::vector<wit::Value> arguments);
  const component::Component& component() const { return linked_->component(); }
  /// How the guest ended early, if it did.
  const std::optional<engine::Fault>& fault() const { return guest_->fault(); }
  /// Ends the guest and lets its output get out.
  Result<> close();

private:
  explicit SingleGuest(const engine::Engine& engine) : ticker_(engine), runner_(ticker_) {}

  engine::Ticker ticker_;
  Loop loop_;
  component::Runner runner_;
  std::vector<std::unique_ptr<capability::Capability>> capabilities_;
  std::vector<std::unique_ptr<capability::Lease>> leases_;
  component::Linker linker_;
  std::unique_ptr<component::Linked> linked_;
  std::unique_ptr<component::Store> store_;
  std::unique_ptr<component::RunningGuest> guest_;
};

} // namespace nacre::host
