// SPDX-License-Identifier: Apache-2.0
// OutgoingRequest and RequestOptions: a request that the guest puts together, and its timeouts.
#pragma once

#include "bindings/wasi_http_p2.h"
#include "capabilities/wasi_http/outgoing.h"
#include "capabilities/wasi_http/pooled.h"
#include "http/message.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace nacre::wasi_http {

class OutgoingRequest final : public wasi_http_p2::OutgoingRequest {
public:
  using Set = std::expected<void, component::Unit>;
  static constexpr std::size_t kMostPath = std::size_t{16} * 1024;
  static constexpr std::size_t kMostWord = 1024; // method, scheme, authority

  /// `lines` as Fields::freeze() gives them.
  explicit OutgoingRequest(std::shared_ptr<const FieldSource> lines)
      : message_(make_pooled<Outgoing>(Outgoing::Kind::request, std::move(lines))) {}
  ~OutgoingRequest() override;

  Result<std::expected<std::unique_ptr<wasi_http_p2::OutgoingBody>, component::Unit>>
  body(component::HostCall& call) override;
  Result<wasi_http_p2::MethodView> method(component::HostCall& call) override;
  Result<Set> set_method(component::HostCall& call, wasi_http_p2::MethodView method) override;
  Result<std::optional<std::string_view>> path_with_query(component::HostCall& call) override;
  Result<Set> set_path_with_query(component::HostCall& call,
                                  std::optional<std::string_view> path) override;
  Result<std::optional<wasi_http_p2::SchemeView>> scheme(component::HostCall& call) override;
  Result<Set> set_scheme(component::HostCall& call,
                         std::optional<wasi_http_p2::SchemeView> scheme) override;
  Result<std::optional<std::string_view>> authority(component::HostCall& call) override;
  Result<Set> set_authority(component::HostCall& call,
                            std::optional<std::string_view> authority) override;
  Result<std::unique_ptr<wasi_http_p2::Fields>> headers(component::HostCall& call) override;

  /// What goes to the client, or why it cannot; valid as long as this resource. Without a scheme it
  /// is https, as other hosts have it.
  std::expected<http::RequestHead, ErrorCode> head();
  /// Ends this resource's hold of the message.
  std::shared_ptr<Outgoing> take_message() { return std::exchange(message_, nullptr); }

private:
  std::shared_ptr<Outgoing> message_; // null once sent
  wasi_http_p2::Method method_ = wasi_http_p2::Method::get();
  std::optional<wasi_http_p2::Scheme> scheme_;
  std::optional<std::string> authority_;
  std::optional<std::string> path_;
  std::string full_path_;
};

class RequestOptions final : public wasi_http_p2::RequestOptions, public Pooled<RequestOptions> {
public:
  using Timeout = std::optional<wasi_clocks_p2::Duration>;
  using Set = std::expected<void, component::Unit>;

  Result<Timeout> connect_timeout(component::HostCall& /*call*/) override { return connect; }
  Result<Set> set_connect_timeout(component::HostCall& /*call*/, Timeout timeout) override {
    connect = timeout;
    return Set{};
  }
  Result<Timeout> first_byte_timeout(component::HostCall& /*call*/) override { return first_byte; }
  Result<Set> set_first_byte_timeout(component::HostCall& /*call*/, Timeout timeout) override {
    first_byte = timeout;
    return Set{};
  }
  Result<Timeout> between_bytes_timeout(component::HostCall& /*call*/) override {
    return between_bytes;
  }
  Result<Set> set_between_bytes_timeout(component::HostCall& /*call*/, Timeout timeout) override {
    between_bytes = timeout;
    return Set{};
  }

  /// Nanoseconds.
  Timeout connect, first_byte, between_bytes;
};

} // namespace nacre::wasi_http
