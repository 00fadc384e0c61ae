// SPDX-License-Identifier: Apache-2.0
#include "http/head_parser.h"

#include "http/chars.h"

#include <algorithm>
#include <cstring>

namespace nacre::http {
namespace {

// Room for the longest method and the version.
constexpr std::size_t kAroundTarget = 64;

constexpr HeadProblem bad(const char* what) {
  return {400, what};
}

std::uint64_t word_at(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// Whether one of eight bytes is a control character or DEL (tab included: the caller looks again).
bool has_control(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHigh = 0x8080808080808080;
  const std::uint64_t low = (word - kOnes * 0x20) & ~word & kHigh;
  const std::uint64_t del = word ^ (kOnes * 0x7f);
  return (low | ((del - kOnes) & ~del & kHigh)) != 0;
}

/// The first byte at or after `at` that a field value may not hold. There is one: the line's CR.
char* skip_value(char* at, const char* end) {
  for (;;) {
    while (end - at >= 8 && !has_control(word_at(at)))
      at += 8;
    const char* stop = end - at >= 8 ? at + 8 : end;
    while (at != stop && of_byte(kValueByte, *at))
      ++at;
    if (at != stop || at == end)
      return at;
  }
}

/// One "name: value CRLF" at `at`; leaves `at` behind it.
HeadProblem parse_line(char*& at, char* end, Field& out) {
  char* const name = at;
  while (at != end) {
    const char lower = of_byte(kTokenLower, *at);
    if (lower == 0)
      break;
    *at++ = lower;
  }
  if (at == end || *at != ':')
    return bad(at == name && at != end && (*at == ' ' || *at == '\t')
                   ? "a field line is folded"
                   : "a field name holds a byte that no name may hold");
  if (at == name)
    return bad("a field has no name");
  out.name = {name, static_cast<std::size_t>(at - name)};
  ++at;
  while (at != end && (*at == ' ' || *at == '\t'))
    ++at;
  char* const value = at;
  at = skip_value(at, end);
  if (end - at < 2 || at[0] != '\r' || at[1] != '\n')
    return bad("a field value holds a control character");
  char* last = at;
  while (last != value && (last[-1] == ' ' || last[-1] == '\t'))
    --last;
  out.value = {value, static_cast<std::size_t>(last - value)};
  at += 2;
  return {};
}

/// What the framing fields said so far.
struct Seen {
  std::size_t hosts = 0;
  std::string_view host;
  std::size_t codings = 0;
  bool close = false;
  bool keep_alive = false;
  bool strange_expectation = false;
};

void read_connection(std::string_view value, Seen& seen) {
  while (!value.empty()) {
    const auto comma = value.find(',');
    auto token = value.substr(0, comma);
    while (!token.empty() && (token.front() == ' ' || token.front() == '\t'))
      token.remove_prefix(1);
    while (!token.empty() && (token.back() == ' ' || token.back() == '\t'))
      token.remove_suffix(1);
    seen.close = seen.close || same_text(token, "close");
    seen.keep_alive = seen.keep_alive || same_text(token, "keep-alive");
    value = comma == std::string_view::npos ? std::string_view{} : value.substr(comma + 1);
  }
}

HeadProblem note_field(const Field& field, Seen& seen, HeadFraming& framing) {
  switch (field.name.size()) {
  case 4:
    if (field.name == "host") {
      ++seen.hosts;
      seen.host = field.value;
    }
    break;
  case 6:
    if (field.name == "expect") {
      framing.expect_continue = same_text(field.value, "100-continue");
      seen.strange_expectation = !framing.expect_continue;
    }
    break;
  case 10:
    if (field.name == "connection")
      read_connection(field.value, seen);
    break;
  case 14:
    if (field.name == "content-length") {
      const auto length = parse_length(field.value);
      if (!length)
        return bad("Content-Length is not a number");
      if (framing.length && *framing.length != *length)
        return bad("two Content-Length fields differ");
      framing.length = length;
    }
    break;
  case 17:
    if (field.name == "transfer-encoding") {
      if (++seen.codings > 1 || !same_text(field.value, "chunked"))
        return {501, "a transfer coding other than chunked"};
      framing.chunked = true;
    }
    break;
  default:
    break;
  }
  return {};
}

HeadProblem parse_fields(char*& at, char* end, std::size_t most, Fields& out, Seen& seen,
                         HeadFraming& framing) {
  while (end - at > 2 || (at != end && *at != '\r')) {
    Field field;
    if (auto problem = parse_line(at, end, field))
      return problem;
    if (out.size() == most)
      return {431, "too many fields"};
    if (auto problem = note_field(field, seen, framing))
      return problem;
    out.add_view(field.name, field.value);
  }
  if (end - at != 2 || at[1] != '\n')
    return bad("the head does not end with an empty line");
  if (framing.chunked && framing.length)
    return bad("both Content-Length and Transfer-Encoding");
  return {};
}

/// "HTTP/1.x" at `at`; leaves it behind that.
HeadProblem parse_version(const char*& at, const char* end, Version& out) {
  if (end - at < 8 || std::memcmp(at, "HTTP/", 5) != 0 || at[5] < '0' || at[5] > '9' ||
      at[6] != '.' || at[7] < '0' || at[7] > '9')
    return bad("the protocol version is malformed");
  if (at[5] != '1')
    return {505, "only HTTP/1.x is spoken here"};
  // A higher minor version means no more than 1.1 to us (RFC 9110 2.5).
  out = at[7] == '0' ? Version::http_1_0 : Version::http_1_1;
  at += 8;
  return {};
}

bool valid_authority(std::string_view text) {
  if (!std::ranges::all_of(text, [](char c) { return of_byte(kAuthorityByte, c); }))
    return false;
  auto rest = text;
  if (rest.starts_with('[')) {
    const auto close = rest.find(']');
    if (close == std::string_view::npos)
      return false;
    rest.remove_prefix(close + 1);
  } else {
    rest.remove_prefix(std::min(rest.find(':'), rest.size()));
  }
  if (rest.empty())
    return true;
  if (rest.front() != ':' || rest.size() > 6)
    return false;
  return std::ranges::all_of(rest.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

/// Takes an absolute-form target apart; `path` of the target is never empty then.
HeadProblem split_absolute(std::string_view target, RequestHead& out) {
  const auto colon = target.find("://");
  const auto scheme = target.substr(0, colon);
  if (colon == std::string_view::npos || !(same_text(scheme, "http") || same_text(scheme, "https")))
    return bad("the target is neither a path nor an http URL");
  out.scheme = scheme.size() == 4 ? "http" : "https";
  const auto rest = target.substr(colon + 3);
  const auto stop = std::min(rest.find_first_of("/?"), rest.size());
  out.authority = rest.substr(0, stop);
  if (out.authority.empty() || !valid_authority(out.authority))
    return bad("the target's authority is malformed");
  out.path = rest.substr(stop);
  if (out.path.empty())
    out.path = out.method == Method::options ? "*" : "/";
  else if (out.path.front() != '/')
    return bad("the target has a query without a path");
  return {};
}

HeadProblem parse_request_line(char*& start, char* end, const HeadLimits& limits,
                               RequestHead& out) {
  const char* at = start;
  while (at != end && of_byte(kTokenLower, *at) != 0)
    ++at;
  if (at == end || *at != ' ' || at == start)
    return bad("the method is malformed");
  out.method_text = {start, static_cast<std::size_t>(at - start)};
  out.method = parse_method(out.method_text);
  const char* const target = ++at;
  while (at != end && of_byte(kTargetByte, *at))
    ++at;
  out.target = {target, static_cast<std::size_t>(at - target)};
  if (out.target.size() > limits.target_bytes)
    return {414, "the target is too long"};
  if (at == end || *at != ' ' || out.target.empty())
    return bad("the target is malformed");
  ++at;
  if (auto problem = parse_version(at, end, out.version))
    return problem;
  if (end - at < 2 || at[0] != '\r' || at[1] != '\n')
    return bad("the request line goes on after the version");
  start += at - start + 2;
  if (out.method == Method::connect)
    return {501, "CONNECT is not served"};
  out.scheme = "http";
  out.authority = {};
  if (out.target.front() == '/') {
    out.path = out.target;
    return {};
  }
  if (out.target == "*") {
    if (out.method != Method::options)
      return bad("the target * is for OPTIONS only");
    out.path = "*";
    return {};
  }
  return split_absolute(out.target, out);
}

} // namespace

HeadScanner::State HeadScanner::refuse(std::uint16_t status, const char* what) {
  problem_ = {status, what};
  return State::bad;
}

HeadScanner::State HeadScanner::scan(std::string_view text, const HeadLimits& limits) {
  // Garbage (a TLS hello, say) is refused at its first byte, not when a timeout strikes.
  if (!text.empty() && of_byte(kTokenLower, text.front()) == 0)
    return refuse(400, "the first byte cannot start a message");
  while (seen_ < text.size()) {
    const void* found = std::memchr(text.data() + seen_, '\n', text.size() - seen_);
    if (found == nullptr) {
      seen_ = text.size();
      break;
    }
    const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    if (at == line_ || text[at - 1] != '\r')
      return refuse(400, "a line ends without CR");
    seen_ = at + 1;
    if (lines_ == 0 && at > limits.target_bytes + kAroundTarget)
      return refuse(414, "the target is too long");
    const bool empty = at == line_ + 1;
    line_ = seen_;
    if (seen_ > limits.head_bytes)
      return refuse(431, "the head is too large");
    if (empty)
      return State::complete;
    if (lines_++ > limits.header_count)
      return refuse(431, "too many fields");
  }
  if (lines_ == 0 && seen_ > limits.target_bytes + kAroundTarget)
    return refuse(414, "the target is too long");
  if (seen_ > limits.head_bytes)
    return refuse(431, "the head is too large");
  return State::more;
}

HeadProblem parse_request_head(std::span<char> head, const HeadLimits& limits, RequestHead& out,
                               HeadFraming& framing) {
  out.fields.clear();
  framing = {};
  char* at = head.data();
  char* const end = at + head.size();
  if (auto problem = parse_request_line(at, end, limits, out))
    return problem;
  Seen seen;
  if (auto problem = parse_fields(at, end, limits.header_count, out.fields, seen, framing))
    return problem;
  if (seen.strange_expectation)
    return {417, "an expectation other than 100-continue"};
  if (seen.hosts > 1)
    return bad("more than one Host field");
  if (seen.hosts == 0 && out.version == Version::http_1_1)
    return bad("no Host field");
  if (!valid_authority(seen.host))
    return bad("the Host field is malformed");
  if (out.authority.empty())
    out.authority = seen.host;
  if (out.version == Version::http_1_0) {
    if (framing.chunked)
      return bad("Transfer-Encoding in an HTTP/1.0 message");
    framing.expect_continue = false;
    framing.keep_alive = seen.keep_alive && !seen.close;
  } else {
    framing.keep_alive = !seen.close;
  }
  return {};
}

HeadProblem parse_response_head(std::span<char> head, const HeadLimits& limits, ResponseHead& out,
                                HeadFraming& framing) {
  out.fields.clear();
  framing = {};
  char* at = head.data();
  char* const end = at + head.size();
  const char* cursor = at;
  Version version{};
  if (auto problem = parse_version(cursor, end, version))
    return problem;
  if (end - cursor < 4 || cursor[0] != ' ')
    return bad("the status line is malformed");
  unsigned status = 0;
  for (int i = 1; i <= 3; ++i) {
    if (cursor[i] < '0' || cursor[i] > '9')
      return bad("the status code is malformed");
    status = status * 10 + static_cast<unsigned>(cursor[i] - '0');
  }
  if (status < 100)
    return bad("the status code is out of range");
  out.status = static_cast<std::uint16_t>(status);
  at += cursor - at + 4;
  // The reason phrase says nothing; it may be missing with its space.
  if (at != end && *at != ' ' && *at != '\r')
    return bad("the status line is malformed");
  at = skip_value(at, end);
  if (end - at < 2 || at[0] != '\r' || at[1] != '\n')
    return bad("the reason phrase holds a control character");
  at += 2;
  Seen seen;
  if (auto problem = parse_fields(at, end, limits.header_count, out.fields, seen, framing))
    return problem;
  framing.keep_alive = version == Version::http_1_1 ? !seen.close : seen.keep_alive && !seen.close;
  if (version == Version::http_1_0 && framing.chunked)
    return bad("Transfer-Encoding in an HTTP/1.0 message");
  return {};
}

HeadProblem parse_field_lines(std::span<char> lines, std::size_t most, Fields& out) {
  char* at = lines.data();
  char* const end = at + lines.size();
  while (end - at > 2) {
    Field field;
    if (auto problem = parse_line(at, end, field))
      return problem;
    if (out.size() == most)
      return {431, "too many trailers"};
    out.add_view(field.name, field.value);
  }
  return {};
}

std::optional<std::uint64_t> parse_length(std::string_view text) {
  // Nineteen digits cannot overflow; no body is longer.
  if (text.empty() || text.size() > 19)
    return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9')
      return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

} // namespace nacre::http
