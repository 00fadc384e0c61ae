// SPDX-License-Identifier: Apache-2.0
// AllowList: which hosts a workload may call out to; empty means none.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nacre::net {

/// Patterns: `example.com` (any scheme, any port), `*.example.com` (every name below it, not
/// itself), `example.com:8080`, `https://example.com[:port]`, `10.0.0.7`, `[::1]:80`, and `*` for
/// everything. Names are compared without regard to case and a trailing dot. A scheme without a
/// port means that scheme's own port.
class AllowList {
public:
  static AllowList nothing() { return {}; }
  static AllowList everything();

  /// Adds one pattern; `invalid` when it is none.
  Result<> allow(std::string_view pattern);
  bool allows(std::string_view scheme, std::string_view host, std::uint16_t port) const;
  bool empty() const { return rules_.empty(); }

private:
  struct Rule {
    std::string scheme; // empty: any
    std::string host;   // lower case; without "*." when `below`
    bool below = false;
    bool any_host = false;
    std::optional<std::uint16_t> port;
  };
  std::vector<Rule> rules_;
};

} // namespace nacre::net
