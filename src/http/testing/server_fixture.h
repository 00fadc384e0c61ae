// SPDX-License-Identifier: Apache-2.0
// ServerFixture: a server on a loop of its own, raw clients, and a handler that says what it
// understood.
#pragma once

#include "http/server.h"
#include "http/testing/wire.h"
#include "loop/scope.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace nacre::http::testing {

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span{text});
}

/// Reads the body to its end.
Task<std::string> read_body(BodySource* body);
/// Answers with text in one go.
Task<> answer(Exchange* exchange, std::string text, std::uint16_t status = 200);
/// Answers with method, path, authority, fields, body and trailers as the server understood them.
Task<> describe(Exchange& exchange);

class ServerFixture : public ::testing::Test {
protected:
  ~ServerFixture() override;
  void start(Handler handler, ServerLimits limits = {});
  /// Ends the server and everything on it.
  void stop();
  Wire connect(int receive_buffer = 0) { return {loop_, server_->address().port, receive_buffer}; }
  /// Moves the server's clock this far from now.
  void wind(Duration by) {
    wound_ += by;
    server_->tick(Clock::now() + wound_);
  }

  Loop loop_;
  Scope scope_{loop_};
  std::optional<Server> server_;
  Duration wound_{};
};

/// "HTTP/1.1 200 OK\r\n..." -> 200; 0 when there is none.
int status_of(std::string_view response);
/// What follows the first empty line.
std::string body_of(std::string_view response);
std::size_t count_of(std::string_view text, std::string_view what);

} // namespace nacre::http::testing
