// SPDX-License-Identifier: Apache-2.0
// The text of heads that we send: checked, without the fields that belong to the connection.
#pragma once

#include "http/message.h"
#include "http/output.h"

#include <string>

namespace nacre::http {

/// What a head says that concerns the connection; filled by check_fields().
struct HeadDemands {
  std::optional<std::uint64_t> length;
  bool close = false;
  bool has_date = false;
  /// Bytes of the lines that will be sent.
  std::size_t bytes = 0;
};

/// Refuses fields that cannot be sent as they are: bad names or values, a malformed Content-Length.
Result<HeadDemands> check_fields(const Fields& fields);

/// Whether a field describes the connection or the framing: the sender's business, not the
/// message's.
bool is_connection_field(std::string_view name);

/// Appends all lines that are the message's own. The buffer has room.
void append_fields(const Fields& fields, Buffer& out);

/// "date: Sun, 06 Nov 1994 08:49:37 GMT" CRLF.
std::string date_line(std::int64_t unix_seconds);

} // namespace nacre::http
