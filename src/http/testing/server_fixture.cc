// SPDX-License-Identifier: Apache-2.0
#include "http/testing/server_fixture.h"

#include <fmt/format.h>

namespace nacre::http::testing {

Task<std::string> read_body(BodySource* body) {
  std::string out;
  for (;;) {
    const auto here = body->peek();
    if (!here.empty()) {
      out.append(reinterpret_cast<const char*>(here.data()), here.size());
      body->consume(here.size());
      continue;
    }
    if (body->state() == BodySource::State::ended)
      co_return out;
    if (body->state() == BodySource::State::failed)
      co_return body->error();
    body->pull();
    if (body->peek().empty() && body->state() == BodySource::State::open)
      CO_TRY_OK(co_await body->signal().wait());
  }
}

Task<> answer(Exchange* exchange, std::string text, std::uint16_t status) {
  ResponseHead head;
  head.status = status;
  CO_TRY(auto* sink, exchange->respond(head));
  CO_TRY_OK(sink->write(bytes_of(text)));
  co_return sink->finish(nullptr);
}

Task<> describe(Exchange& exchange) {
  const auto& head = exchange.request();
  std::string text =
      fmt::format("{} {} {} {}\n", head.method_text, head.scheme, head.authority, head.path);
  for (const Field& line : head.fields.lines())
    text += fmt::format("[{}={}]", line.name, line.value);
  Task<std::string> reading = read_body(&exchange.body());
  CO_TRY(const auto body, co_await std::move(reading));
  text += fmt::format("\n({})\n", body);
  if (const auto* trailers = exchange.body().trailers()) {
    for (const Field& line : trailers->lines())
      text += fmt::format("[{}={}]", line.name, line.value);
  }
  Task<> answering = answer(&exchange, std::move(text));
  co_return co_await std::move(answering);
}

ServerFixture::~ServerFixture() {
  stop();
}

void ServerFixture::start(Handler handler, ServerLimits limits) {
  const net::Address any{"127.0.0.1", 0};
  auto listener = net::Listener::open(loop_, any);
  ASSERT_TRUE(listener.has_value()) << listener.error().message();
  server_.emplace(loop_, std::move(*listener), limits, std::move(handler));
  scope_.spawn("server", server_->run());
  loop_.poll();
}

void ServerFixture::stop() {
  if (!server_)
    return;
  EXPECT_TRUE(loop_.block_on(server_->close()).has_value());
  EXPECT_EQ(server_->connections(), 0U);
  EXPECT_EQ(server_->active(), 0U);
  EXPECT_TRUE(loop_.block_on(scope_.close()).has_value());
  server_.reset();
}

int status_of(std::string_view response) {
  if (!response.starts_with("HTTP/1.1 ") || response.size() < 12)
    return 0;
  return std::stoi(std::string{response.substr(9, 3)});
}

std::string body_of(std::string_view response) {
  const auto at = response.find("\r\n\r\n");
  return at == std::string_view::npos ? "" : std::string{response.substr(at + 4)};
}

std::size_t count_of(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1))
    ++count;
  return count;
}

} // namespace nacre::http::testing
