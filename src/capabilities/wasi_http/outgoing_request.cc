// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_http/outgoing_request.h"

#include "capabilities/wasi_http/fields.h"
#include "capabilities/wasi_http/outgoing_body.h"
#include "http/chars.h"
#include "net/address.h"

#include <algorithm>

namespace nacre::wasi_http {

using component::HostCall;
using component::Unit;
using wasi_http_p2::Method;
using wasi_http_p2::MethodView;
using wasi_http_p2::Scheme;
using wasi_http_p2::SchemeView;

namespace {

OutgoingRequest::Set invalid() {
  return std::unexpected{Unit{}};
}

/// Path and query (RFC 9112 3.2.1): never an absolute URI, which would name another host than the
/// one we connect to.
bool valid_path(std::string_view path) {
  return path.size() <= OutgoingRequest::kMostPath &&
         (path.empty() || path.front() == '/' || path.front() == '?') &&
         std::ranges::all_of(path, [](char c) { return http::of_byte(http::kTargetByte, c); });
}

bool valid_scheme(std::string_view scheme) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !scheme.empty() && scheme.size() <= OutgoingRequest::kMostWord && letter(scheme[0]) &&
         std::ranges::all_of(scheme, [&](char c) {
           return letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
         });
}

/// Host and port, without user information.
bool valid_authority(std::string_view authority) {
  return !authority.empty() && authority.size() <= OutgoingRequest::kMostWord &&
         std::ranges::all_of(authority,
                             [](char c) { return http::of_byte(http::kAuthorityByte, c); }) &&
         net::parse_authority(authority, 80).has_value();
}

constexpr std::array<std::pair<http::Method, std::string_view>, 9> kMethods{{
    {http::Method::get, "GET"},
    {http::Method::head, "HEAD"},
    {http::Method::post, "POST"},
    {http::Method::put, "PUT"},
    {http::Method::delete_, "DELETE"},
    {http::Method::connect, "CONNECT"},
    {http::Method::options, "OPTIONS"},
    {http::Method::trace, "TRACE"},
    {http::Method::patch, "PATCH"},
}};

} // namespace

OutgoingRequest::~OutgoingRequest() {
  if (message_)
    message_->abandon(ErrorCode::internal_error("the request was dropped before it was sent"));
}

Result<std::expected<std::unique_ptr<wasi_http_p2::OutgoingBody>, Unit>>
OutgoingRequest::body(HostCall& /*call*/) {
  return take_body(message_);
}

Result<MethodView> OutgoingRequest::method(HostCall& /*call*/) {
  if (const std::string* const other = method_.if_other())
    return MethodView::other(*other);
  MethodView view;
  // The cases are the same; only the last one has text.
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (void)((method_.value.index() == I && (view.value.emplace<I>(), true)) || ...);
  }(std::make_index_sequence<kMethods.size()>{});
  return view;
}

Result<OutgoingRequest::Set> OutgoingRequest::set_method(HostCall& /*call*/, MethodView method) {
  if (const auto* const other = method.if_other();
      other != nullptr && (other->size() > kMostWord || !http::valid_name(*other)))
    return invalid();
  method_ = to_owned(method);
  return Set{};
}

Result<std::optional<std::string_view>> OutgoingRequest::path_with_query(HostCall& /*call*/) {
  return std::optional<std::string_view>{path_};
}

Result<OutgoingRequest::Set>
OutgoingRequest::set_path_with_query(HostCall& /*call*/, std::optional<std::string_view> path) {
  if (path && !valid_path(*path))
    return invalid();
  path_ = path;
  return Set{};
}

Result<std::optional<SchemeView>> OutgoingRequest::scheme(HostCall& /*call*/) {
  if (!scheme_)
    return std::optional<SchemeView>{};
  if (const std::string* const other = scheme_->if_other())
    return std::optional{SchemeView::other(*other)};
  return std::optional{scheme_->is(Scheme::Case::http) ? SchemeView::http() : SchemeView::https()};
}

Result<OutgoingRequest::Set> OutgoingRequest::set_scheme(HostCall& /*call*/,
                                                         std::optional<SchemeView> scheme) {
  if (scheme && scheme->if_other() != nullptr && !valid_scheme(*scheme->if_other()))
    return invalid();
  scheme_ = scheme ? std::optional{to_owned(*scheme)} : std::nullopt;
  return Set{};
}

Result<std::optional<std::string_view>> OutgoingRequest::authority(HostCall& /*call*/) {
  return std::optional<std::string_view>{authority_};
}

Result<OutgoingRequest::Set>
OutgoingRequest::set_authority(HostCall& /*call*/, std::optional<std::string_view> authority) {
  if (authority && !valid_authority(*authority))
    return invalid();
  authority_ = authority;
  return Set{};
}

Result<std::unique_ptr<wasi_http_p2::Fields>> OutgoingRequest::headers(HostCall& /*call*/) {
  return std::make_unique<Fields>(message_->lines());
}

std::expected<http::RequestHead, ErrorCode> OutgoingRequest::head() {
  http::RequestHead head;
  if (const std::string* const other = method_.if_other()) {
    head.method = http::parse_method(*other);
    head.method_text = *other;
  } else {
    std::tie(head.method, head.method_text) = kMethods[method_.value.index()];
  }
  // A tunnel has no message to give back.
  if (head.method == http::Method::connect)
    return std::unexpected{ErrorCode::http_request_method_invalid()};

  head.scheme = "https";
  if (scheme_) {
    const std::string* const other = scheme_->if_other();
    if (scheme_->is(Scheme::Case::http) || (other != nullptr && http::same_text(*other, "http")))
      head.scheme = "http";
    else if (other != nullptr && !http::same_text(*other, "https"))
      return std::unexpected{ErrorCode::http_protocol_error()};
  }
  if (!authority_)
    return std::unexpected{ErrorCode::http_request_uri_invalid()};
  head.authority = *authority_;

  full_path_ = path_.value_or("/");
  if (!full_path_.starts_with('/'))
    full_path_.insert(0, "/");
  head.path = full_path_;

  if (message_->content_length().value_or(0) != 0 && !message_->taken.body)
    return std::unexpected{ErrorCode::http_request_body_size(0)};
  const auto lines = message_->lines()->lines();
  head.fields.reserve(lines.size());
  for (const http::Field& line : lines)
    head.fields.add_view(line.name, line.value);
  return head;
}

} // namespace nacre::wasi_http
