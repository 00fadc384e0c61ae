// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_http/outgoing_body.h"

#include "capabilities/wasi_http/fields.h"

#include <utility>

namespace nacre::wasi_http {

using component::Unit;

namespace {

/// The body's stream, which tells when it is dropped.
class BodyStream final : public streams::OutputStream, public Pooled<BodyStream> {
public:
  explicit BodyStream(std::shared_ptr<Outgoing> message)
      : OutputStream(message), message_(*message) {
    message_.taken.stream_alive = true;
  }
  ~BodyStream() override { message_.taken.stream_alive = false; }

private:
  Outgoing& message_; // kept by the base
};

} // namespace

OutgoingBody::~OutgoingBody() {
  if (message_->state() == Outgoing::State::open)
    message_->abandon(ErrorCode::internal_error("the body was dropped before it was finished"));
}

Result<std::expected<std::unique_ptr<wasi_io_p2::OutputStream>, Unit>>
OutgoingBody::write(component::HostCall& /*call*/) {
  using Stream = std::expected<std::unique_ptr<wasi_io_p2::OutputStream>, Unit>;
  if (std::exchange(message_->taken.stream, true))
    return Stream{std::unexpected{Unit{}}};
  return Stream{std::make_unique<BodyStream>(message_)};
}

Result<std::expected<void, ErrorCode>>
OutgoingBody::finish(std::optional<std::unique_ptr<wasi_http_p2::Fields>> trailers) {
  if (message_->taken.stream_alive)
    return Error{Code::invalid, "outgoing-body.finish: the body's output-stream is still there"};
  std::shared_ptr<const FieldSource> lines;
  if (trailers) {
    TRY(lines, static_cast<Fields&>(**trailers).freeze());
  }
  return message_->finish(std::move(lines));
}

std::expected<std::unique_ptr<wasi_http_p2::OutgoingBody>, Unit>
take_body(const std::shared_ptr<Outgoing>& message) {
  if (std::exchange(message->taken.body, true))
    return std::unexpected{Unit{}};
  return std::make_unique<OutgoingBody>(message);
}

} // namespace nacre::wasi_http
