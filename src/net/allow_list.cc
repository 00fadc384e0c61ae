// SPDX-License-Identifier: Apache-2.0
#include "net/allow_list.h"

#include "net/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>

namespace nacre::net {
namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

/// One spelling per host: lower case, no trailing dot, IPv6 in its shortest form.
std::string canonical(std::string_view host) {
  std::string text = lower(host);
  if (text.size() > 1 && text.back() == '.')
    text.pop_back();
  in6_addr six;
  if (inet_pton(AF_INET6, text.c_str(), &six) == 1) {
    char out[INET6_ADDRSTRLEN];
    inet_ntop(AF_INET6, &six, out, sizeof out);
    return out;
  }
  return text;
}

} // namespace

AllowList AllowList::everything() {
  AllowList list;
  Rule rule;
  rule.any_host = true;
  list.rules_.push_back(std::move(rule));
  return list;
}

Result<> AllowList::allow(std::string_view pattern) {
  Rule rule;
  auto rest = pattern;
  std::uint16_t scheme_port = 0;
  if (const auto at = rest.find("://"); at != std::string_view::npos) {
    rule.scheme = lower(rest.substr(0, at));
    if (rule.scheme != "http" && rule.scheme != "https")
      return Error{Code::invalid, fmt::format("'{}': the scheme must be http or https", pattern)};
    scheme_port = rule.scheme == "https" ? 443 : 80;
    rest.remove_prefix(at + 3);
    if (rest.ends_with('/'))
      rest.remove_suffix(1);
  }
  if (rest == "*" || rest.starts_with("*:")) {
    rule.any_host = true;
    rest.remove_prefix(1);
    if (!rest.empty()) {
      TRY(rule.port, parse_port(rest.substr(1)));
    }
    rules_.push_back(std::move(rule));
    return {};
  }
  if (rest.starts_with("*.")) {
    rule.below = true;
    rest.remove_prefix(2);
  }
  // An IPv6 literal may come bare: there is no port to confuse it with then.
  const bool bare_six = std::ranges::count(rest, ':') > 1 && !rest.starts_with('[');
  Address address;
  if (bare_six) {
    if (!is_ip_literal(rest))
      return Error{Code::invalid, fmt::format("'{}' is not a host pattern", pattern)};
    address.host = std::string{rest};
  } else {
    TRY(address, parse_authority(rest, 0).context(fmt::format("pattern '{}'", pattern)));
  }
  rule.host = canonical(address.host);
  if (rule.below && is_ip_literal(rule.host))
    return Error{Code::invalid, fmt::format("'{}': nothing lies below an IP address", pattern)};
  if (address.port != 0)
    rule.port = address.port;
  else if (scheme_port != 0)
    rule.port = scheme_port;
  rules_.push_back(std::move(rule));
  return {};
}

bool AllowList::allows(std::string_view scheme, std::string_view host, std::uint16_t port) const {
  const auto name = canonical(host);
  return std::ranges::any_of(rules_, [&](const Rule& rule) {
    if (!rule.scheme.empty() && rule.scheme != lower(scheme))
      return false;
    if (rule.port && *rule.port != port)
      return false;
    if (rule.any_host)
      return true;
    if (!rule.below)
      return name == rule.host;
    return name.size() > rule.host.size() + 1 && name.ends_with(rule.host) &&
           name[name.size() - rule.host.size() - 1] == '.';
  });
}

} // namespace nacre::net
