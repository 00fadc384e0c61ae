// SPDX-License-Identifier: Apache-2.0
// http_null [address [wait|echo]]: a server that answers every request with the same small text:
// what the wire costs alone. `wait` as second argument makes the handler suspend once before it
// answers; `echo` sends the body back.
#include "base/log.h"
#include "http/server.h"
#include "loop/scope.h"

#include <csignal>
#include <cstdio>
#include <cstring>

namespace {

using namespace nacre;

constexpr std::string_view kHello = "Hello, world!\n";

Task<> hello(http::Exchange& exchange) {
  http::ResponseHead head;
  head.fields.add_view("content-type", "text/plain");
  CO_TRY(auto* sink, exchange.respond(head));
  CO_TRY_OK(sink->write(std::as_bytes(std::span{kHello})));
  co_return sink->finish(nullptr);
}

Task<> hello_later(http::Exchange& exchange) {
  CO_TRY_OK(co_await yield_to_loop());
  Task<> answer = hello(exchange);
  co_return co_await std::move(answer);
}

Task<> echo(http::Exchange& exchange) {
  http::ResponseHead head;
  CO_TRY(auto* sink, exchange.respond(head));
  auto& body = exchange.body();
  for (;;) {
    auto bytes = body.peek();
    if (bytes.empty()) {
      if (body.state() != http::BodySource::State::open)
        break;
      body.pull();
      if (body.peek().empty() && body.state() == http::BodySource::State::open)
        CO_TRY_OK(co_await body.signal().wait());
      continue;
    }
    const auto room = sink->room();
    if (room == 0) {
      sink->flush();
      if (sink->room() == 0)
        CO_TRY_OK(co_await sink->signal().wait());
      continue;
    }
    bytes = bytes.first(std::min(bytes.size(), room));
    CO_TRY_OK(sink->write(bytes));
    body.consume(bytes.size());
  }
  co_return sink->finish(nullptr);
}

} // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto address = net::parse_address(argc > 1 ? argv[1] : "127.0.0.1:8080");
  if (!address.has_value()) {
    std::fprintf(stderr, "%s\n", address.error().message().c_str());
    return 2;
  }
  const char* mode = argc > 2 ? argv[2] : "";
  Loop loop;
  auto listener = net::Listener::open(loop, *address);
  if (!listener.has_value()) {
    std::fprintf(stderr, "%s\n", listener.error().message().c_str());
    return 1;
  }
  http::Handler handler = hello;
  if (std::strcmp(mode, "wait") == 0)
    handler = hello_later;
  else if (std::strcmp(mode, "echo") == 0)
    handler = echo;
  http::Server server{loop, std::move(*listener), {}, handler};
  Scope scope{loop};
  scope.spawn("server", server.run());
  loop.run();
  return 0;
}
