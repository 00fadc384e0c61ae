// SPDX-License-Identifier: Apache-2.0
// RunningGuest: a guest that typed callers can call: an open store and the runner of its loop.
#pragma once

#include "component/guest.h"
#include "component/runner.h"

#include <optional>

namespace nacre::component {

/// Borrows both for its own life. One call at a time.
class RunningGuest final : public Guest {
public:
  RunningGuest(Store& store, Runner& runner) : store_(store), runner_(runner) {}

  /// Code::internal when the guest trapped (see fault()), Code::cancelled when it was interrupted.
  Task<> call(ExportFunc func, ExportCall& call) override;

  /// How the last call ended early, if the guest itself did that.
  const std::optional<engine::Fault>& fault() const { return fault_; }

private:
  Task<> run(ExportFunc func, ExportCall* call);

  Store& store_;
  Runner& runner_;
  std::optional<engine::Fault> fault_;
};

} // namespace nacre::component
