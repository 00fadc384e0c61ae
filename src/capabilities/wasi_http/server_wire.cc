// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_http/server_wire.h"

#include <utility>

namespace nacre::wasi_http {

/// What is left of a request whose exchange ended before the guest's resources did.
struct ServerWire::Kept {
  explicit Kept(const http::RequestHead& from)
      : method(from.method_text), scheme(from.scheme), authority(from.authority), path(from.path) {
    head.method = from.method;
    head.method_text = method;
    head.scheme = scheme;
    head.authority = authority;
    head.path = path;
    head.fields = from.fields.clone();
  }
  const std::string method, scheme, authority, path;
  http::RequestHead head;
};

ServerWire::ServerWire(http::Exchange& exchange) : exchange_(&exchange) {}

ServerWire::~ServerWire() {
  if (response_)
    response_->detach();
}

void ServerWire::detach(bool keep) {
  if (keep)
    kept_ = std::make_unique<Kept>(exchange_->request());
  if (auto response = std::exchange(response_, nullptr))
    response->detach();
  exchange_ = nullptr;
  sink_ = nullptr;
  ended_.notify();
}

const http::RequestHead& ServerWire::head() const {
  return exchange_ != nullptr ? exchange_->request() : kept_->head;
}

void ServerWire::answer(std::shared_ptr<Outgoing> response, std::uint16_t status) {
  if (exchange_ == nullptr)
    return;
  // One head per thread, so that its lines need no allocation. The views end with this call.
  static thread_local http::ResponseHead head;
  head.status = status;
  for (const http::Field& line : response->lines()->lines())
    head.fields.add_view(line.name, line.value);
  auto sink = exchange_->respond(head);
  head.fields.clear();
  if (!sink) {
    refusal_ = std::move(sink.error());
    response->abandon(refusal_->code() == Code::cancelled ? ErrorCode::connection_terminated()
                                                          : ErrorCode::http_protocol_error());
    return;
  }
  sink_ = *sink;
  status_ = status;
  response_ = std::move(response);
  response_->attach(*this);
}

void ServerWire::answer(ErrorCode error) {
  error_ = std::move(error);
}

Answer ServerWire::state() const {
  if (error_)
    return Answer::error;
  if (refusal_)
    return refusal_->code() == Code::cancelled ? Answer::broken : Answer::refused;
  if (!response_)
    return Answer::none;
  switch (response_->state()) {
  case Outgoing::State::broken:
    return Answer::broken;
  case Outgoing::State::finished:
    return response_->delivered() ? Answer::complete : Answer::open;
  case Outgoing::State::open:
    break;
  }
  return sink_->failed() ? Answer::broken : Answer::open;
}

std::string ServerWire::problem() const {
  if (error_)
    return "the guest answered with error-code " + to_string(*error_);
  if (refusal_ && refusal_->code() == Code::cancelled)
    return refusal_->message();
  if (refusal_)
    return "the guest's response cannot be sent: " + refusal_->message();
  if (!response_)
    return "the guest ended without setting a response";
  if (response_->state() == Outgoing::State::broken)
    return "the response body broke off: " + to_string(response_->failure());
  if (state() == Answer::broken)
    return "the response body broke off: " + sink_->error().message();
  return {};
}

bool ServerWire::undelivered() const {
  return response_ && response_->state() == Outgoing::State::finished && !response_->delivered() &&
         !sink_->failed();
}

ErrorCode ServerWire::source_failure() {
  return code_of_request_body(exchange_->body().error());
}

ErrorCode ServerWire::sink_failure() {
  if (sink_ == nullptr || !sink_->failed())
    return ErrorCode::connection_terminated();
  return code_of_response_body(sink_->error());
}

bool ServerWire::sends_no_body() const {
  return exchange_ != nullptr &&
         (exchange_->request().method == http::Method::head || status_ == 204 || status_ == 304);
}

} // namespace nacre::wasi_http
