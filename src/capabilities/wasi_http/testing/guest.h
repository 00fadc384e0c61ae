// SPDX-License-Identifier: Apache-2.0
// GuestFixture: what a guest does with wasi:http, spelled in C++, against an exchange in memory.
#pragma once

#include "capabilities/wasi_http/hosts.h"
#include "capabilities/wasi_http/serving.h"
#include "http/testing/fake_exchange.h"
#include "streams/testing/fake_call.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nacre::wasi_http::testing {

using Pairs = std::vector<std::pair<std::string, std::string>>;
using wasi_http_p2::ErrorCode;

inline std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class GuestFixture : public ::testing::Test {
protected:
  std::unique_ptr<wasi_http_p2::Fields> fields(const Pairs& lines = {}) {
    auto made = types.make_fields(*call).value();
    for (const auto& [name, value] : lines)
      EXPECT_TRUE(made->append(*call, name, bytes(value)).value().has_value()) << name;
    return made;
  }
  static Pairs entries(wasi_http_p2::Fields& of) {
    streams::testing::FakeCall one;
    Pairs out;
    for (const auto& [name, value] : of.entries(*one).value())
      out.emplace_back(name, text(value));
    return out;
  }
  std::unique_ptr<wasi_http_p2::OutgoingResponse> response(const Pairs& lines = {}) {
    return types.make_outgoing_response(*call, fields(lines)).value();
  }
  void set(std::unique_ptr<wasi_http_p2::ResponseOutparam> param,
           std::unique_ptr<wasi_http_p2::OutgoingResponse> answer) {
    ASSERT_TRUE(
        types.response_outparam_set(*call, std::move(param), std::move(answer)).has_value());
  }
  std::expected<void, ErrorCode>
  finish(std::unique_ptr<wasi_http_p2::OutgoingBody> body,
         std::optional<std::unique_ptr<wasi_http_p2::Fields>> trailers = std::nullopt) {
    return types.outgoing_body_finish(*call, std::move(body), std::move(trailers)).value();
  }
  /// check-write and write; whether the stream took it.
  bool write(wasi_io_p2::OutputStream& stream, std::string_view what) {
    return stream.check_write(*call).value().has_value() &&
           stream.write(*call, bytes(what)).value().has_value();
  }
  /// What is there now; nothing when the stream is at its end or failed.
  std::optional<std::string> read(wasi_io_p2::InputStream& stream, std::uint64_t most = 1 << 20) {
    auto got = stream.read(*call, most).value();
    return got ? std::optional{text(got->view())} : std::nullopt;
  }
  std::optional<ErrorCode> code_of(const wasi_io_p2::StreamError& error) {
    const auto* const payload = error.if_last_operation_failed();
    return payload == nullptr ? std::nullopt : types.http_error_code(*call, **payload).value();
  }

  Loop loop;
  streams::testing::FakeCall call;
  TypesHost types;
};

class ServingFixture : public GuestFixture {
protected:
  ServingFixture() {
    exchange.head.method = http::Method::post;
    exchange.head.method_text = "POST";
    exchange.head.scheme = "https";
    exchange.head.authority = "example.com:8443";
    exchange.head.path = "/a/b?c=d";
    exchange.head.fields.add("host", "example.com:8443");
    exchange.head.fields.add("content-type", "text/plain");
    exchange.head.fields.add("x-many", "1");
    exchange.head.fields.add("connection", "keep-alive");
    exchange.head.fields.add("x-many", "2");
  }
  /// The end of the exchange.
  void end() { serving.reset(); }

  http::testing::FakeExchange exchange;
  std::optional<Serving> serving{std::in_place, exchange};
};

} // namespace nacre::wasi_http::testing
