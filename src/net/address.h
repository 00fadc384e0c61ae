// SPDX-License-Identifier: Apache-2.0
// Address: one end of a connection, as text and port; and the parser of what people type for it.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace nacre::net {

/// `host` is a name or an IP literal without brackets ("localhost", "127.0.0.1", "::1").
struct Address {
  std::string host;
  std::uint16_t port = 0;

  bool operator==(const Address&) const = default;
};

/// "127.0.0.1:8000", "[::1]:8000", "localhost:0", ":8000" (every IPv4 address of this machine).
Result<Address> parse_address(std::string_view text);

/// The same with an optional port: what an authority of a URL says.
Result<Address> parse_authority(std::string_view text, std::uint16_t default_port);

Result<std::uint16_t> parse_port(std::string_view text);

/// "127.0.0.1:8000", "[::1]:8000".
std::string to_string(const Address& address);

/// Whether `host` is an IPv4 or IPv6 literal (without brackets).
bool is_ip_literal(std::string_view host);

} // namespace nacre::net
