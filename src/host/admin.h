// SPDX-License-Identifier: Apache-2.0
// Admin: health, readiness and metrics on an address of their own.
#pragma once

#include "host/counters.h"
#include "http/server.h"

#include <atomic>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace nacre::host {

/// /-/healthz: 200 while the process lives. /-/readyz: 200 while it takes requests, 503 when it
/// drains. /metrics and /-/metrics: Prometheus text.
class Admin {
public:
  /// Borrows the counters, which outlive it.
  explicit Admin(std::vector<const Counters*> counters) : counters_(std::move(counters)) {}

  Task<> handle(http::Exchange& exchange) const { return respond(&exchange); }
  void set_ready(bool ready) { ready_ = ready; }
  std::string metrics() const;

private:
  Task<> respond(http::Exchange* exchange) const;

  std::vector<const Counters*> counters_;
  std::atomic<bool> ready_{true};
};

} // namespace nacre::host
