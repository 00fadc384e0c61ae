// SPDX-License-Identifier: Apache-2.0
// What the host's objects of a hello request cost: every call that such a guest makes of wasi:http,
// without the guest and without a socket.
#include "capabilities/wasi_http/hosts.h"
#include "capabilities/wasi_http/serving.h"
#include "http/testing/null_exchange.h"
#include "streams/testing/fake_call.h"

#include <benchmark/benchmark.h>

#include <span>
#include <string_view>
#include <utility>

namespace nacre::wasi_http {
namespace {

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
  for (auto _ : state) {
    http::testing::NullExchange exchange;
    hello(types, *call, exchange);
  }
}
BENCHMARK(hello_objects);

} // namespace
} // namespace nacre::wasi_http
