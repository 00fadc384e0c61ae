// SPDX-License-Identifier: Apache-2.0
#include "host/serve.h"

#include "base/log.h"
#include "host/admin.h"
#include "host/worker.h"
#include "telemetry/line_writer.h"

#include <fmt/format.h>

#include <latch>
#include <thread>
#include <unistd.h>
#include <utility>

namespace nacre::host {
namespace {

using telemetry::LineWriter;

/// Quotes what a client sent for a line of text: no control characters, no terminal escapes.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c > ' ' && c < 0x7f) {
      out.push_back(c);
    } else {
      out += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

/// The inside of a JSON string.
std::string json_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c >= ' ' && c < 0x7f) {
      out.push_back(c);
    } else {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

void log_access(LineWriter& writer, const http::AccessRecord& record) {
  fmt::memory_buffer line;
  const double millis = std::chrono::duration<double, std::milli>(record.duration).count();
  fmt::format_to(std::back_inserter(line), "{} {} {} {} {}B {:.3f}ms",
                 record.peer == nullptr ? "-" : record.peer->host, printable(record.method),
                 printable(record.target), record.status, record.bytes_out, millis);
  writer.add({line.data(), line.size()});
}

void log_access_json(LineWriter& writer, const http::AccessRecord& record) {
  fmt::memory_buffer line;
  fmt::format_to(
      std::back_inserter(line),
      R"({{"peer":"{}","method":"{}","target":"{}","status":{},"bytes_in":{},"bytes_out":{},"duration_us":{}}})",
      record.peer == nullptr ? "" : record.peer->host, json_text(record.method),
      json_text(record.target), record.status, record.bytes_in, record.bytes_out,
      std::chrono::duration_cast<std::chrono::microseconds>(record.duration).count());
  writer.add({line.data(), line.size()});
}

void warn_unless_clean(const Result<>& ended) {
  if (!ended.has_value())
    log::warn("shutdown was not clean", {{"why", ended.error().message()}});
}

} // namespace

/// One loop with its thread.
struct Service::Share {
  Loop loop;
  std::unique_ptr<Worker> worker;
  std::unique_ptr<http::Server> server;
  std::unique_ptr<http::Server> admin_server;
  std::optional<Scope> scope;
  std::thread thread;

  Task<> stop_guests_after(Duration limit) {
    CO_TRY_OK(co_await sleep_for(limit));
    worker->stop_guests();
    co_return Result<>{};
  }

  Task<> drain(Duration most) {
    // Guests end in order, and so their exchanges; only a client that reads nothing waits longer.
    constexpr std::chrono::seconds kGrace{2};
    Task<> limit = stop_guests_after(most);
    if (scope)
      scope->spawn("drain limit", std::move(limit));
    co_return co_await server->drain(most + kGrace);
  }

  Task<> finish() {
    CO_TRY_OK(co_await server->close());
    if (admin_server)
      CO_TRY_OK(co_await admin_server->close());
    CO_TRY_OK(co_await worker->close());
    co_return Result<>{};
  }
};

struct Service::State {
  ServeSettings settings;
  std::vector<std::unique_ptr<capability::Capability>> capabilities;
  engine::Ticker ticker;
  std::unique_ptr<LineWriter> access;
  std::unique_ptr<Admin> admin;
  std::optional<net::Address> admin_address;
  std::vector<std::unique_ptr<Share>> shares;
  bool stopped = false;

  State(const engine::Engine& engine, std::vector<std::unique_ptr<capability::Capability>> caps,
        ServeSettings s)
      : settings(std::move(s)), capabilities(std::move(caps)), ticker(engine) {}

  Result<> add_share(const engine::Engine& engine,
                     std::shared_ptr<const component::Component> component, net::Address& address);
  Result<> open_admin();
  http::AccessHook access_hook(Counters& counters);
};

http::AccessHook Service::State::access_hook(Counters& counters) {
  LineWriter* writer = access.get();
  const auto log = settings.access_log == AccessLog::json ? log_access_json : log_access;
  return [&counters, writer, log](const http::AccessRecord& record) {
    counters.responses.at(record.status >= 600 ? 0 : record.status / 100).add();
    if (writer != nullptr)
      log(*writer, record);
  };
}

Result<> Service::State::add_share(const engine::Engine& engine,
                                   std::shared_ptr<const component::Component> component,
                                   net::Address& address) {
  auto share = std::make_unique<Share>();
  std::vector<capability::Capability*> borrowed;
  for (const auto& capability : capabilities)
    borrowed.push_back(capability.get());
  Task<std::unique_ptr<Worker>> made = Worker::make(
      &share->loop, &ticker, &engine, std::move(component), std::move(borrowed), settings.worker);
  TRY(share->worker, share->loop.block_on(std::move(made)));
  if (shares.empty()) {
    // Alone first: with SO_REUSEPORT a port that another server of ours holds would look free.
    TRY_OK(net::Listener::open(share->loop, address, {.reuse_port = false})
               .context(fmt::format("listening on {}", net::to_string(address))));
  }
  TRY(auto listener, net::Listener::open(share->loop, address)
                         .context(fmt::format("listening on {}", net::to_string(address))));
  address = listener.address();
  Worker* worker = share->worker.get();
  share->server = std::make_unique<http::Server>(
      share->loop, std::move(listener), settings.http,
      [worker](http::Exchange& exchange) { return worker->handle(exchange); });
  share->server->on_access(access_hook(worker->counters()));
  share->scope.emplace(share->loop);
  shares.push_back(std::move(share));
  return {};
}

Result<> Service::State::open_admin() {
  std::vector<const Counters*> counters;
  for (const auto& share : shares)
    counters.push_back(&share->worker->counters());
  admin = std::make_unique<Admin>(std::move(counters));
  if (!settings.admin)
    return {};
  Share& first = *shares.front();
  TRY(auto listener, net::Listener::open(first.loop, *settings.admin, {.reuse_port = false})
                         .context(fmt::format("listening on {} for administration",
                                              net::to_string(*settings.admin))));
  admin_address = listener.address();
  Admin* handler = admin.get();
  first.admin_server = std::make_unique<http::Server>(
      first.loop, std::move(listener), http::ServerLimits{},
      [handler](http::Exchange& exchange) { return handler->handle(exchange); });
  return {};
}

Result<std::unique_ptr<Service>>
Service::start(const engine::Engine& engine, std::shared_ptr<const component::Component> component,
               std::vector<std::unique_ptr<capability::Capability>> capabilities,
               const ServeSettings& settings) {
  auto state = std::make_unique<State>(engine, std::move(capabilities), settings);
  if (settings.access_log != AccessLog::off)
    state->access = std::make_unique<LineWriter>(STDOUT_FILENO);
  net::Address address = settings.address;
  for (std::uint32_t i = 0; i < settings.loops; ++i)
    TRY_OK(state->add_share(engine, component, address));
  TRY_OK(state->open_admin());
  for (auto& share : state->shares) {
    share->scope->spawn("http server", share->server->run());
    if (share->admin_server)
      share->scope->spawn("admin server", share->admin_server->run());
    share->thread = std::thread([loop = &share->loop] { loop->run(); });
  }
  return std::unique_ptr<Service>(new Service(std::move(state)));
}

Service::Service(std::unique_ptr<State> state) : state_(std::move(state)) {}
Service::~Service() {
  stop();
}

const net::Address& Service::address() const {
  return state_->shares.front()->server->address();
}
const std::optional<net::Address>& Service::admin_address() const {
  return state_->admin_address;
}

void Service::stop() {
  if (std::exchange(state_->stopped, true))
    return;
  state_->admin->set_ready(false);
  // Administration answers until the last request on any loop has ended.
  std::latch drained{static_cast<std::ptrdiff_t>(state_->shares.size())};
  for (auto& share : state_->shares) {
    Share* one = share.get();
    const Duration most = state_->settings.drain;
    one->loop.post([one, most, &drained] {
      one->scope->spawn("drain", one->drain(most), [&drained](const Result<>& ended) {
        warn_unless_clean(ended);
        drained.count_down();
      });
    });
  }
  drained.wait();
  for (auto& share : state_->shares) {
    Share* one = share.get();
    one->loop.post([one] {
      one->scope->spawn("shutdown", one->finish(), [one](const Result<>& ended) {
        warn_unless_clean(ended);
        one->loop.stop();
      });
    });
  }
  for (auto& share : state_->shares)
    share->thread.join();
}

} // namespace nacre::host
