// SPDX-License-Identifier: Apache-2.0
// The capability wasi:http: types for guests that answer requests, and outgoing requests to allowed
// hosts.
#pragma once

#include "capability/capability.h"
#include "http/client.h"
#include "loop/loop.h"

#include <memory>

namespace nacre::wasi_http {

/// For outgoing requests whose options leave a timeout open, and the most that options may ask for.
struct TimeoutSettings {
  Duration connect = std::chrono::seconds(30);
  Duration first_byte = std::chrono::seconds(600);
  Duration between_bytes = std::chrono::seconds(600);
  Duration longest = std::chrono::seconds(3600);
};

struct Settings {
  /// client.allow names the hosts that guests may call; none by default.
  http::ClientSettings client;
  TimeoutSettings timeouts;
};

/// Serves wasi:http/types and wasi:http/outgoing-handler, 0.2.12 and what is compatible. How a host
/// hands requests to guests: serving.h.
std::unique_ptr<capability::Capability> make_wasi_http(Settings settings);

} // namespace nacre::wasi_http
