// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_http/incoming.h"

#include "loop/loop.h"
#include "streams/pollable.h"

#include <utility>

namespace nacre::wasi_http {

using component::HostCall;
using component::Unit;
using wasi_http_p2::MethodView;
using wasi_http_p2::SchemeView;

namespace {

// Swallowed of an unread body before the loop has its turn.
constexpr std::size_t kSwallow = std::size_t{256} * 1024;

MaybeBody take_body(const std::shared_ptr<Wire>& wire) {
  if (std::exchange(wire->taken.body, true))
    return std::unexpected{Unit{}};
  return std::make_unique<IncomingBody>(wire);
}

/// The body's stream, which tells when it is dropped.
class BodyStream final : public streams::InputStream, public Pooled<BodyStream> {
public:
  explicit BodyStream(std::shared_ptr<Wire> wire) : InputStream(wire), wire_(std::move(wire)) {
    wire_->taken.stream_alive = true;
  }
  ~BodyStream() override { wire_->taken.stream_alive = false; }

private:
  std::shared_ptr<Wire> wire_;
};

} // namespace

Result<MethodView> IncomingRequest::method(HostCall& /*call*/) {
  const http::RequestHead& head = wire_->head();
  switch (head.method) {
  case http::Method::get:
    return MethodView::get();
  case http::Method::head:
    return MethodView::head();
  case http::Method::post:
    return MethodView::post();
  case http::Method::put:
    return MethodView::put();
  case http::Method::delete_:
    return MethodView::delete_();
  case http::Method::connect:
    return MethodView::connect();
  case http::Method::options:
    return MethodView::options();
  case http::Method::trace:
    return MethodView::trace();
  case http::Method::patch:
    return MethodView::patch();
  case http::Method::other:
    break;
  }
  return MethodView::other(head.method_text);
}

Result<std::optional<std::string_view>> IncomingRequest::path_with_query(HostCall& /*call*/) {
  return std::optional{wire_->head().path};
}

Result<std::optional<SchemeView>> IncomingRequest::scheme(HostCall& /*call*/) {
  const std::string_view scheme = wire_->head().scheme;
  if (scheme == "https")
    return std::optional{SchemeView::https()};
  if (scheme == "http")
    return std::optional{SchemeView::http()};
  return std::optional{SchemeView::other(scheme)};
}

Result<std::optional<std::string_view>> IncomingRequest::authority(HostCall& /*call*/) {
  const std::string_view authority = wire_->head().authority;
  return authority.empty() ? std::nullopt : std::optional{authority};
}

Result<std::unique_ptr<wasi_http_p2::Fields>> IncomingRequest::headers(HostCall& /*call*/) {
  return std::make_unique<Fields>(std::shared_ptr<const FieldSource>{wire_});
}

Result<MaybeBody> IncomingRequest::consume(HostCall& /*call*/) {
  return take_body(wire_);
}

Result<wasi_http_p2::StatusCode> IncomingResponse::status(HostCall& /*call*/) {
  return status_;
}

Result<std::unique_ptr<wasi_http_p2::Fields>> IncomingResponse::headers(HostCall& /*call*/) {
  return std::make_unique<Fields>(std::shared_ptr<const FieldSource>{wire_});
}

Result<MaybeBody> IncomingResponse::consume(HostCall& /*call*/) {
  return take_body(wire_);
}

Result<std::expected<std::unique_ptr<wasi_io_p2::InputStream>, Unit>>
IncomingBody::stream(HostCall& /*call*/) {
  using Stream = std::expected<std::unique_ptr<wasi_io_p2::InputStream>, Unit>;
  if (std::exchange(wire_->taken.stream, true))
    return Stream{std::unexpected{Unit{}}};
  return Stream{std::make_unique<BodyStream>(wire_)};
}

Result<std::unique_ptr<wasi_http_p2::FutureTrailers>> IncomingBody::finish() {
  if (wire_->taken.stream_alive)
    return Error{Code::invalid, "incoming-body.finish: the body's input-stream is still there"};
  return std::make_unique<FutureTrailers>(wire_);
}

bool TrailersReadiness::ready() {
  using State = http::BodySource::State;
  http::BodySource* const body = wire_->source();
  if (body == nullptr)
    return true;
  for (std::size_t swallowed = 0; swallowed < kSwallow;) {
    const std::size_t here = body->peek().size();
    if (here == 0 && body->state() != State::open)
      return true;
    body->consume(here);
    swallowed += here;
    if (body->state() == State::open)
      body->pull();
    if (body->peek().empty() && body->state() == State::open)
      return false;
  }
  return false;
}

void TrailersReadiness::arm() {
  http::BodySource* const body = wire_->source();
  if (posted_ || body == nullptr || body->peek().empty())
    return;
  // There is more at once: no news will come, so we make some after the loop's turn.
  posted_ = true;
  Loop::current()->post([self = shared_from_this()] {
    self->posted_ = false;
    self->signal().notify();
  });
}

Result<std::unique_ptr<wasi_io_p2::Pollable>> FutureTrailers::subscribe(HostCall& /*call*/) {
  return streams::make_pollable(state_);
}

Result<FutureTrailers::Answer> FutureTrailers::get(HostCall& /*call*/) {
  if (taken_)
    return Answer{std::unexpected{Unit{}}};
  if (!state_->ready())
    return Answer{};
  taken_ = true;
  Wire& wire = state_->wire();
  http::BodySource* const body = wire.source();
  if (body == nullptr)
    return Answer{Value{std::unexpected{ErrorCode::connection_terminated()}}};
  if (body->state() == http::BodySource::State::failed)
    return Answer{Value{std::unexpected{wire.source_failure()}}};
  const http::Fields* const trailers = body->trailers();
  if (trailers == nullptr || trailers->empty())
    return Answer{Value{std::nullopt}};
  auto copy = make_pooled<FieldList>();
  for (const http::Field& line : trailers->lines()) {
    if (!is_forbidden(line.name) && copy->copy(line) != FieldProblem::none)
      return Answer{Value{std::unexpected{wire.trailers_too_large()}}};
  }
  return Answer{
      Value{std::make_unique<Fields>(std::shared_ptr<const FieldSource>{std::move(copy)})}};
}

} // namespace nacre::wasi_http
