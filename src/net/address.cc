// SPDX-License-Identifier: Apache-2.0
#include "net/address.h"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <charconv>

namespace nacre::net {

Result<std::uint16_t> parse_port(std::string_view text) {
  unsigned value = 0;
  const auto* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::result_out_of_range || value > 65535)
    return Error{Code::invalid, fmt::format("port {} is out of range", text)};
  if (error != std::errc{} || stop != end)
    return Error{Code::invalid, fmt::format("'{}' is not a port", text)};
  return static_cast<std::uint16_t>(value);
}

bool is_ip_literal(std::string_view host) {
  const std::string text{host};
  in6_addr out;
  return inet_pton(AF_INET, text.c_str(), &out) == 1 ||
         inet_pton(AF_INET6, text.c_str(), &out) == 1;
}

namespace {

Result<std::string> checked_host(std::string_view host, std::string_view whole) {
  if (host.empty())
    return Error{Code::invalid, fmt::format("'{}' names no host", whole)};
  for (const char c : host) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '.' || c == '_';
    if (!good)
      return Error{Code::invalid, fmt::format("'{}' is not a host name", host)};
  }
  return std::string{host};
}

struct Parts {
  std::string host;
  std::string_view port;
  bool has_port = false;
};

Result<Parts> split(std::string_view text) {
  Parts out;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos)
      return Error{Code::invalid, fmt::format("'{}' lacks a ']'", text)};
    out.host = std::string{text.substr(1, close - 1)};
    in6_addr ignored;
    if (inet_pton(AF_INET6, out.host.c_str(), &ignored) != 1)
      return Error{Code::invalid, fmt::format("'{}' is not an IPv6 address", out.host)};
    const auto rest = text.substr(close + 1);
    if (!rest.empty() && rest.front() != ':')
      return Error{Code::invalid, fmt::format("'{}' is not host:port", text)};
    out.has_port = !rest.empty();
    out.port = rest.empty() ? rest : rest.substr(1);
    return out;
  }
  const auto colon = text.find(':');
  if (colon != std::string_view::npos) {
    out.has_port = true;
    out.port = text.substr(colon + 1);
  }
  const auto host = text.substr(0, colon);
  if (host.empty() && out.has_port)
    return out;
  TRY(out.host, checked_host(host, text));
  return out;
}

} // namespace

Result<Address> parse_address(std::string_view text) {
  TRY(auto parts, split(text));
  if (!parts.has_port)
    return Error{Code::invalid, fmt::format("'{}' lacks a port; say host:port", text)};
  TRY(const auto port, parse_port(parts.port));
  return Address{parts.host.empty() ? "0.0.0.0" : std::move(parts.host), port};
}

Result<Address> parse_authority(std::string_view text, std::uint16_t default_port) {
  TRY(auto parts, split(text));
  if (parts.host.empty())
    return Error{Code::invalid, fmt::format("'{}' names no host", text)};
  auto port = default_port;
  if (parts.has_port && !parts.port.empty()) {
    TRY(port, parse_port(parts.port));
  }
  return Address{std::move(parts.host), port};
}

std::string to_string(const Address& address) {
  if (address.host.find(':') != std::string::npos)
    return fmt::format("[{}]:{}", address.host, address.port);
  return fmt::format("{}:{}", address.host, address.port);
}

} // namespace nacre::net
