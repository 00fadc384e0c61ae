// SPDX-License-Identifier: Apache-2.0
// What a request costs without sockets: the real worker, the real WASI objects, a fresh instance of
// the hello example each time. NACRE_HELLO in the environment names another component.
#include "base/files.h"
#include "capabilities/wasi_cli/wasi_cli.h"
#include "capabilities/wasi_clocks/wasi_clocks.h"
#include "capabilities/wasi_http/wasi_http.h"
#include "capabilities/wasi_io/wasi_io.h"
#include "capabilities/wasi_random/wasi_random.h"
#include "component/component.h"
#include "host/worker.h"
#include "http/testing/null_exchange.h"
#include "loop/loop.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace nacre {
namespace {

template <class T> T must(Result<T> result) {
  if (!result.has_value())
    throw std::runtime_error(result.error().message());
  return std::move(*result);
}

/// What all threads share.
struct Process {
  std::unique_ptr<engine::Engine> engine = must(engine::Engine::create({}));
  engine::Ticker ticker{*engine};
  std::vector<std::unique_ptr<capability::Capability>> capabilities;
  std::shared_ptr<const component::Component> hello;

  Process() {
    capabilities.push_back(wasi_io::make_wasi_io());
    capabilities.push_back(wasi_clocks::make_wasi_clocks());
    capabilities.push_back(wasi_random::make_wasi_random());
    capabilities.push_back(must(wasi_cli::make_wasi_cli({})));
    capabilities.push_back(wasi_http::make_wasi_http({}));
    const char* path = std::getenv("NACRE_HELLO");
    const auto bytes = must(read_file(path == nullptr ? NACRE_HELLO : path));
    hello = must(component::Component::compile(*engine, bytes));
  }

  static Process& get() {
    static Process process;
    return process;
  }
};

std::vector<capability::Capability*> granted(const Process& process) {
  std::vector<capability::Capability*> out;
  for (const auto& capability : process.capabilities)
    out.push_back(capability.get());
  return out;
}

/// One thread's loop and worker.
class Server {
public:
  explicit Server(Process& process)
      : worker_(must(loop_.block_on(host::Worker::make(
            &loop_, &process.ticker, process.engine.get(), process.hello, granted(process), {})))) {
  }
  ~Server() { (void)loop_.block_on(worker_->close()); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void serve(std::uint32_t requests) {
    if (!loop_.block_on(serve_all(worker_.get(), requests)).has_value())
      throw std::runtime_error("a request was not answered with 200");
  }

private:
  static Task<> serve_all(host::Worker* worker, std::uint32_t requests) {
    for (std::uint32_t i = 0; i < requests; ++i) {
      http::testing::NullExchange exchange;
      CO_TRY_OK(co_await worker->handle(exchange));
      if (exchange.status() != 200 || exchange.length() == 0)
        co_return Error{Code::internal, "no proper response"};
    }
    co_return Result<>{};
  }

  Loop loop_;
  std::unique_ptr<host::Worker> worker_;
};

constexpr std::uint32_t kBatch = 64;

void hello_request(benchmark::State& state) {
  Server server{Process::get()};
  while (state.KeepRunningBatch(kBatch))
    server.serve(kBatch);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(hello_request)->Name("HelloRequest");
BENCHMARK(hello_request)->Name("HelloRequestScaling")->UseRealTime()->Threads(1)->Threads(2);

void fresh_instance(benchmark::State& state) {
  Process& process = Process::get();
  Loop loop;
  component::Linker linker;
  std::vector<std::unique_ptr<capability::Lease>> leases;
  for (const auto& capability : process.capabilities) {
    leases.push_back(must(loop.block_on(capability->lease(loop))));
    if (const auto linked = leases.back()->link(linker); !linked.has_value())
      throw std::runtime_error(linked.error().message());
  }
  const auto linked = must(component::Linked::link(*process.engine, process.hello, linker));
  component::Store store{*linked, loop};
  for (auto _ : state) {
    if (const auto fault = store.open({}))
      throw std::runtime_error(fault->message);
    store.close();
  }
  for (const auto& lease : leases)
    (void)loop.block_on(lease->close());
}
BENCHMARK(fresh_instance)->Name("FreshInstance");

} // namespace
} // namespace nacre
