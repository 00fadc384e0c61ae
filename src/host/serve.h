// SPDX-License-Identifier: Apache-2.0
// Service: a component served over HTTP: loops, listeners, workers, and their orderly end.
#pragma once

#include "capability/capability.h"
#include "component/component.h"
#include "engine/engine.h"
#include "engine/ticker.h"
#include "host/counters.h"
#include "host/settings.h"

#include <memory>
#include <vector>

namespace nacre::host {

/// start() and stop() belong to one thread, which is none of the loops'.
class Service {
public:
  /// Opens every listener and links on every loop; what fails is told before the first request is
  /// accepted.
  static Result<std::unique_ptr<Service>>
  start(const engine::Engine& engine, std::shared_ptr<const component::Component> component,
        std::vector<std::unique_ptr<capability::Capability>> capabilities,
        const ServeSettings& settings);
  ~Service();

  /// Where it listens, with the port that was chosen for port 0.
  const net::Address& address() const;
  const std::optional<net::Address>& admin_address() const;
  /// Stops accepting, lets running requests end within the drain limit, ends the guests that are
  /// left, then every loop. Administration answers until then.
  void stop();

private:
  struct Share;
  struct State;
  explicit Service(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace nacre::host
