// SPDX-License-Identifier: Apache-2.0
// Capability: something a workload may use besides computing: what it offers by name, and the hold
// that each loop takes.
#pragma once

#include "base/result.h"
#include "loop/task.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace nacre {
class Loop;
} // namespace nacre
namespace nacre::component {
class Linker;
} // namespace nacre::component

namespace nacre::capability {

/// One loop's hold of one workload on a capability. Used on that loop only. Whatever it links lives
/// as long as it does: guests end first, then close(), then the lease goes.
class Lease {
public:
  Lease() = default;
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  virtual ~Lease() = default;

  /// Offers the capability's interfaces to components.
  virtual Result<> link(component::Linker& linker) = 0;
  /// Lets what is under way come to its end within a limit of its own, then lets go. Called once,
  /// after the last guest has ended.
  virtual Task<> close() = 0;
};

/// Made once per workload from its settings; immutable, and safe to use from every loop. Outlives
/// its leases.
class Capability {
public:
  Capability() = default;
  Capability(const Capability&) = delete;
  Capability& operator=(const Capability&) = delete;
  virtual ~Capability() = default;

  /// What it serves, with versions: "wasi:io/streams@0.2.12".
  virtual std::vector<std::string> interfaces() const = 0;
  /// `loop` outlives the lease.
  virtual Task<std::unique_ptr<Lease>> lease(Loop& loop) = 0;
};

/// What lease() returns where nothing has to be waited for.
inline Task<std::unique_ptr<Lease>> ready_lease(Result<std::unique_ptr<Lease>> lease) {
  co_return std::move(lease);
}

} // namespace nacre::capability
