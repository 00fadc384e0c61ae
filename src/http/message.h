// SPDX-License-Identifier: Apache-2.0
// RequestHead and ResponseHead: the first lines and the fields of a message, both directions.
#pragma once

#include "http/fields.h"

#include <cstdint>
#include <string_view>

namespace nacre::http {

enum class Method : std::uint8_t {
  get,
  head,
  post,
  put,
  delete_,
  connect,
  options,
  trace,
  patch,
  other
};

std::string_view to_string(Method method);
/// Methods are compared exactly (RFC 9110 9.1); an unknown one is `other`.
Method parse_method(std::string_view text);

enum class Version : std::uint8_t { http_1_0, http_1_1 };

/// A request. The text is borrowed: from the connection (server, valid for the exchange) or from
/// the caller (client, needed only during the call).
struct RequestHead {
  Method method = Method::get;
  std::string_view method_text = "GET";
  /// As on the wire (server only): origin-form, absolute-form or "*".
  std::string_view target;
  /// "http" or "https".
  std::string_view scheme = "http";
  /// "example.com:8080"; from the target if that names one, else from Host. May be empty.
  std::string_view authority;
  /// Path and query, "/" at least; "*" for OPTIONS *.
  std::string_view path = "/";
  Version version = Version::http_1_1;
  /// Server: all lines, Host among them. Client: the framing fields (Host, Transfer-Encoding,
  /// Connection) are the client's own and are refused or left out; Content-Length is honoured.
  Fields fields;
};

/// A response. `fields` may hold Content-Length (then exactly so many bytes must follow) and Date;
/// Connection: close is honoured, other framing fields are the connection's own and left out.
struct ResponseHead {
  std::uint16_t status = 200;
  Fields fields;
};

/// "OK" for 200; "Status" where the registry knows no phrase.
std::string_view reason_of(std::uint16_t status);

} // namespace nacre::http
