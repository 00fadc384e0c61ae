// SPDX-License-Identifier: Apache-2.0
// What the host's objects of a hello request cost: every call that such a guest makes of wasi:http,
// without the guest and without a socket.
#include "capabilities/wasi_http/hosts.h"
#include "capabilities/wasi_http/serving.h"
#include "http/server.h"
#include "streams/testing/fake_call.h"

#include <benchmark/benchmark.h>

#include <span>
#include <string_view>
#include <utility>

namespace nacre::wasi_http {
namespace {

/// Takes everything and keeps nothing.
class Nowhere final : public http::Exchange, http::BodySource, http::BodySink {
public:
  Nowhere() {
    head_.fields.add_view("host", "127.0.0.1:8000");
    head_.fields.add_view("user-agent", "bench");
    head_.fields.add_view("accept", "*/*");
  }

  const http::RequestHead& request() const override { return head_; }
  BodySource& body() override { return *this; }
  Result<BodySink*> respond(const http::ResponseHead& head) override {
    benchmark::DoNotOptimize(head.fields.lines().data());
    BodySink* const sink = this;
    return sink;
  }
  bool responded() const override { return false; }
  Signal& gone() override { return signal_; }
  bool is_gone() const override { return false; }
  const net::Address& peer() const override { return peer_; }

  std::span<const std::byte> peek() override { return {}; }
  void consume(std::size_t /*count*/) override {}
  State state() const override { return State::ended; }
  const Error& error() const override { return none_; }
  void pull() override {}
  Signal& signal() override { return signal_; }
  const http::Fields* trailers() const override { return nullptr; }

  std::size_t room() const override { return 65536; }
  Result<> write(std::span<const std::byte> bytes) override {
    benchmark::DoNotOptimize(bytes.data());
    return {};
  }
  void flush() override {}
  bool flushed() const override { return true; }
  Result<> finish(const http::Fields* /*trailers*/) override { return {}; }
  void abort(Error /*error*/) override {}
  bool failed() const override { return false; }

private:
  http::RequestHead head_;
  Signal signal_;
  net::Address peer_;
  Error none_{Code::internal, ""};
};

std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void hello(TypesHost& types, component::HostCall& call, http::Exchange& exchange) {
  Serving serving{exchange};
  auto request = serving.request();
  auto param = serving.outparam();
  auto fields = std::move(*types.make_fields(call));
  (void)fields->append(call, "content-type", bytes("text/plain"));
  auto response = std::move(*types.make_outgoing_response(call, std::move(fields)));
  auto body = std::move(**response->body(call));
  (void)types.response_outparam_set(call, std::move(param), std::move(response));
  auto stream = std::move(**body->write(call));
  auto written = stream->blocking_write_and_flush(call, bytes("Hello, world!\n"));
  benchmark::DoNotOptimize(written.ready());
  stream.reset();
  (void)types.outgoing_body_finish(call, std::move(body), std::nullopt);
  request.reset();
  benchmark::DoNotOptimize(serving.answer());
}

void hello_objects(benchmark::State& state) {
  TypesHost types;
  streams::testing::FakeCall call;
  Nowhere exchange;
  for (auto _ : state)
    hello(types, *call, exchange);
}
BENCHMARK(hello_objects);

} // namespace
} // namespace nacre::wasi_http
