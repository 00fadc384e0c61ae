// SPDX-License-Identifier: Apache-2.0
// The strict parser of HTTP/1.x heads (RFC 9112): what two readers could understand differently is
// refused.
#pragma once

#include "http/message.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace nacre::http {

struct HeadLimits {
  std::size_t header_count = 100;
  std::size_t head_bytes = 64 * 1024;
  std::size_t target_bytes = 16 * 1024;
};

/// What is wrong with a head: the status to answer with, and a sentence. Status 0: nothing.
struct HeadProblem {
  std::uint16_t status = 0;
  const char* what = "";
  explicit operator bool() const { return status != 0; }
};

/// How the body of a message is delimited, and what the head says about the connection.
struct HeadFraming {
  bool chunked = false;
  std::optional<std::uint64_t> length;
  bool keep_alive = true;
  bool expect_continue = false;
};

/// Finds the end of a head in bytes that arrive piece by piece; looks at each byte once.
class HeadScanner {
public:
  enum class State : std::uint8_t { more, complete, bad };

  /// `text` is everything from the head's first byte on. On `complete`, size() is the length with
  /// the empty line; on `bad`, problem() says why.
  State scan(std::string_view text, const HeadLimits& limits);
  std::size_t size() const { return seen_; }
  const HeadProblem& problem() const { return problem_; }
  void reset() { *this = {}; }

private:
  State refuse(std::uint16_t status, const char* what);
  std::size_t seen_ = 0;
  std::size_t line_ = 0; // where the current line starts
  std::size_t lines_ = 0;
  HeadProblem problem_;
};

/// Parse a complete head, scanned before. Views in `out` point into `head`, whose field names are
/// lower-cased in place. Fields of `out` are cleared first, their capacity kept.
HeadProblem parse_request_head(std::span<char> head, const HeadLimits& limits, RequestHead& out,
                               HeadFraming& framing);
HeadProblem parse_response_head(std::span<char> head, const HeadLimits& limits, ResponseHead& out,
                                HeadFraming& framing);

/// Parses lines that end with an empty one into `out` (appended): trailers.
HeadProblem parse_field_lines(std::span<char> lines, std::size_t most, Fields& out);

/// 1*DIGIT without sign, space or overflow.
std::optional<std::uint64_t> parse_length(std::string_view text);

} // namespace nacre::http
