// SPDX-License-Identifier: Apache-2.0
// NullExchange: a request without a socket whose response goes nowhere, for measurements.
#pragma once

#include "http/server.h"

#include <cstdint>
#include <span>

namespace nacre::http::testing {

/// A GET without a body. Takes every response and keeps only its status and length.
class NullExchange final : public Exchange, BodySource, BodySink {
public:
  NullExchange() {
    head_.target = "/";
    head_.authority = "127.0.0.1:8000";
    head_.fields.add_view("host", "127.0.0.1:8000");
    head_.fields.add_view("user-agent", "bench");
    head_.fields.add_view("accept", "*/*");
  }

  /// 0: there was no response yet.
  std::uint16_t status() const { return status_; }
  std::uint64_t length() const { return length_; }

  const RequestHead& request() const override { return head_; }
  BodySource& body() override { return *this; }
  Result<BodySink*> respond(const ResponseHead& head) override {
    status_ = head.status;
    BodySink* const sink = this;
    return sink;
  }
  bool responded() const override { return status_ != 0; }
  Signal& gone() override { return gone_; }
  bool is_gone() const override { return false; }
  const net::Address& peer() const override { return peer_; }

private:
  std::span<const std::byte> peek() override { return {}; }
  void consume(std::size_t /*count*/) override {}
  State state() const override { return State::ended; }
  const Error& error() const override { return none_; }
  void pull() override {}
  Signal& signal() override { return signal_; }
  const Fields* trailers() const override { return nullptr; }

  std::size_t room() const override { return 65536; }
  Result<> write(std::span<const std::byte> bytes) override {
    length_ += bytes.size();
    return {};
  }
  void flush() override {}
  bool flushed() const override { return true; }
  Result<> finish(const Fields* /*trailers*/) override { return {}; }
  void abort(Error /*error*/) override {}
  bool failed() const override { return false; }

  RequestHead head_;
  Signal signal_, gone_;
  net::Address peer_;
  Error none_{Code::internal, ""};
  std::uint16_t status_ = 0;
  std::uint64_t length_ = 0;
};

} // namespace nacre::http::testing
