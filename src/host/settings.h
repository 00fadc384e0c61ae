// SPDX-License-Identifier: Apache-2.0
// What a served workload may use, and how it is served: plain settings with good defaults.
#pragma once

#include "component/store.h"
#include "http/server.h"
#include "net/address.h"

#include <cstdint>
#include <optional>

namespace nacre::host {

/// For one loop's share of a workload.
struct WorkerSettings {
  component::GuestLimits limits;
  /// From the request's head to the end of the guest's call.
  Duration timeout = std::chrono::seconds(30);
  /// Guests that run or wait at once, and requests that wait for their turn; beyond both: 503.
  std::uint32_t max_concurrency = 500;
  std::uint32_t max_queue = 1000;
  /// Calls per instance; 1: every request has a fresh one.
  std::uint32_t reuse = 1;
};

/// One line on standard output per exchange.
enum class AccessLog : std::uint8_t { off, text, json };

struct ServeSettings {
  net::Address address{"127.0.0.1", 8000};
  /// Health, readiness and metrics; nothing is served there when empty.
  std::optional<net::Address> admin;
  std::uint32_t loops = 1;
  WorkerSettings worker;
  http::ServerLimits http;
  /// How long running requests may take after SIGTERM.
  Duration drain = std::chrono::seconds(30);
  AccessLog access_log = AccessLog::text;
};

} // namespace nacre::host
