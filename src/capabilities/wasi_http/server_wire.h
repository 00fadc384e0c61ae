// SPDX-License-Identifier: Apache-2.0
// ServerWire: a request that came to us and the response that a guest gives to it.
#pragma once

#include "capabilities/wasi_http/outgoing.h"
#include "capabilities/wasi_http/serving.h"
#include "capabilities/wasi_http/wire.h"
#include "http/server.h"

#include <memory>
#include <optional>
#include <string>

namespace nacre::wasi_http {

class ServerWire final : public Wire {
public:
  explicit ServerWire(http::Exchange& exchange);
  ~ServerWire() override;

  /// The exchange ends. `keep`: some resource of the guest is still there and may be asked again.
  void detach(bool keep);

  const http::RequestHead& head() const;

  /// response-outparam.set: the response starts on its way, or it is noted why it cannot.
  void answer(std::shared_ptr<Outgoing> response, std::uint16_t status);
  void answer(ErrorCode error);

  Answer state() const;
  const ErrorCode* error() const { return error_ ? &*error_ : nullptr; }
  std::string problem() const;
  /// Finished, but not all of it has found room in the exchange.
  bool undelivered() const;

  std::span<const http::Field> lines() const override { return head().fields.lines(); }
  http::BodySource* source() override { return exchange_ ? &exchange_->body() : nullptr; }
  http::BodySink* sink() override { return exchange_ ? sink_ : nullptr; }
  bool over() const override { return exchange_ == nullptr; }
  ErrorCode source_failure() override;
  ErrorCode sink_failure() override;
  ErrorCode trailers_too_large() const override {
    return ErrorCode::http_request_trailer_section_size(std::nullopt);
  }
  bool sends_no_body() const override;

private:
  struct Kept;

  http::Exchange* exchange_;
  http::BodySink* sink_ = nullptr;
  std::uint16_t status_ = 0;
  std::shared_ptr<Outgoing> response_;
  std::optional<ErrorCode> error_;
  std::optional<Error> refusal_;
  std::unique_ptr<Kept> kept_;
};

} // namespace nacre::wasi_http
