// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_http/wire.h"

#include "capabilities/wasi_http/http_error.h"

#include <algorithm>

namespace nacre::wasi_http {

std::unexpected<wasi_io_p2::StreamError> stream_failure(ErrorCode code) {
  return streams::failed(std::make_unique<HttpError>(std::move(code)));
}

void Wire::release(void* source, std::size_t size) {
  static_cast<http::BodySource*>(source)->consume(size);
}

streams::Outcome<component::Bytes> Wire::read(std::size_t most) {
  http::BodySource* const body = source();
  if (body == nullptr)
    return stream_failure(ErrorCode::connection_terminated());
  auto here = body->peek();
  if (here.empty() && body->state() == http::BodySource::State::open && most != 0) {
    body->pull();
    here = body->peek();
  }
  if (here.empty()) {
    switch (body->state()) {
    case http::BodySource::State::open:
      return component::Bytes{};
    case http::BodySource::State::ended:
      return streams::closed();
    case http::BodySource::State::failed:
      return stream_failure(source_failure());
    }
  }
  // Lent: the bytes go from the connection's buffer into the guest (or the sink of a splice) and
  // nowhere else.
  return component::Bytes::lent(here.first(std::min(most, here.size())), &release, body);
}

bool Wire::ready() {
  http::BodySource* const body = source();
  if (body == nullptr)
    return true;
  if (body->peek().empty() && body->state() == http::BodySource::State::open)
    body->pull();
  return !body->peek().empty() || body->state() != http::BodySource::State::open;
}

void Wire::arm() {
  if (http::BodySource* const body = source();
      body != nullptr && body->peek().empty() && body->state() == http::BodySource::State::open)
    body->pull();
}

Signal& Wire::signal() {
  http::BodySource* const body = source();
  return body != nullptr ? body->signal() : ended_;
}

} // namespace nacre::wasi_http
