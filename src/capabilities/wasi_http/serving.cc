// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_http/serving.h"

#include "capabilities/wasi_http/error_code.h"
#include "capabilities/wasi_http/incoming.h"
#include "capabilities/wasi_http/outgoing_response.h"
#include "capabilities/wasi_http/server_wire.h"

namespace nacre::wasi_http {

Serving::Serving(http::Exchange& exchange) : wire_(make_pooled<ServerWire>(exchange)) {}

Serving::~Serving() {
  wire_->detach(wire_.use_count() > 1);
}

std::unique_ptr<wasi_http_p2::IncomingRequest> Serving::request() {
  return std::make_unique<IncomingRequest>(wire_);
}

std::unique_ptr<wasi_http_p2::ResponseOutparam> Serving::outparam() {
  return std::make_unique<ResponseOutparam>(wire_);
}

Answer Serving::answer() const {
  return wire_->state();
}

bool Serving::unsettled() const {
  return wire_->undelivered();
}

Task<> Serving::settle() {
  while (wire_->undelivered())
    CO_TRY_OK(co_await wire_->sink()->signal().wait());
  co_return Result<>{};
}

bool Serving::awaits_response() const {
  const Answer state = answer();
  return state == Answer::none || state == Answer::error || state == Answer::refused;
}

const wasi_http_p2::ErrorCode* Serving::error() const {
  return wire_->error();
}

std::uint16_t Serving::failure_status() const {
  const auto* const code = error();
  return code != nullptr ? status_of(*code) : 500;
}

std::string Serving::problem() const {
  return wire_->problem();
}

} // namespace nacre::wasi_http
