// SPDX-License-Identifier: Apache-2.0
#include "host/serve.h"

#include "cli/command.h"
#include "cli/load.h"
#include "cli/values.h"
#include "net/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <thread>

namespace nacre::cli {
namespace {

constexpr const char* kExamples = R"(
Examples:
  nacre serve hello.wasm
  nacre serve . --addr 127.0.0.1:9000 --env MODE=test
  nacre serve app.wasm --dir ./data::/data:ro --allow-host api.example.com
  nacre serve app.wasm --addr 0.0.0.0:80 --admin 127.0.0.1:9090 --loops 4
  nacre serve https://example.com/app.wasm)";

struct ServeFlags {
  std::string what;
  GuestFlags guest;
  std::vector<std::string> args;
  host::ServeSettings settings;
  std::chrono::milliseconds timeout{30'000};
  std::chrono::milliseconds drain{30'000};
  std::uint32_t max_concurrency = 500;
  std::uint32_t max_queue = 1000;
  std::uint32_t loops = 0;
};

/// What was asked for the whole, shared out among the loops.
host::ServeSettings settings_of(const ServeFlags& flags) {
  host::ServeSettings out = flags.settings;
  out.drain = flags.drain;
  out.loops = flags.loops == 0 ? std::max(1U, std::thread::hardware_concurrency()) : flags.loops;
  GuestFlags guest = flags.guest;
  guest.cpu_budget = flags.guest.cpu_budget.value_or(flags.timeout);
  out.worker.limits = guest_limits(guest);
  out.worker.timeout = flags.timeout;
  out.worker.max_concurrency = std::max(1U, flags.max_concurrency / out.loops);
  out.worker.max_queue = flags.max_queue / out.loops;
  return out;
}

/// Pools for as many guests as may be alive at once, with a few instances each.
engine::Settings engine_settings(const host::ServeSettings& serve) {
  engine::Settings out;
  const std::uint32_t guests = serve.worker.max_concurrency * serve.loops + 16;
  out.memories = guests * 2;
  out.instances = guests * 4;
  out.tables = guests * 4;
  out.stacks = guests;
  // What a module needs at its start is judged by the limit of an instance, which says so better.
  constexpr std::int64_t kLeast = 256 << 20;
  out.max_memory = static_cast<std::size_t>(std::max(serve.worker.limits.memory, kLeast));
  return out;
}

/// SIGINT and SIGTERM arrive here and nowhere else; call it before threads start.
sigset_t take_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

void announce(const host::Service& service, const std::string& path) {
  fmt::print(stderr, "serving {} on http://{}\n", path, net::to_string(service.address()));
  if (const auto& admin = service.admin_address())
    fmt::print(stderr, "health and metrics on http://{}/metrics\n", net::to_string(*admin));
  std::fflush(stderr);
}

Result<int> serve(const ServeFlags& flags, const Context& context) {
  const sigset_t signals = take_signals();
  const host::ServeSettings settings = settings_of(flags);
  TRY(GuestOptions options, guest_options(flags.guest));
  TRY(const Source source, open_component(flags.what));
  options.name = source.name;
  options.arguments = flags.args;
  options.arguments.insert(options.arguments.end(), context.rest.begin(), context.rest.end());
  options.arguments.insert(options.arguments.begin(), source.name + ".wasm");
  TRY(const auto engine, engine::Engine::create(engine_settings(settings)));
  TRY(auto component, load_component(*engine, source, flags.guest.cache_dir));
  TRY(Granted granted, context.grant(options));
  TRY(const auto service,
      host::Service::start(*engine, std::move(component), std::move(granted.capabilities), settings)
          .context(source.path));
  announce(*service, source.path);
  int signal = 0;
  sigwait(&signals, &signal);
  fmt::print(stderr, "{}: finishing running requests (again to stop at once)\n",
             signal == SIGINT ? "interrupted" : "terminated");
  // The next one has its usual effect: it ends the process.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  service->stop();
  return 0;
}

/// How much at once, and how long.
void add_limits(CLI::App& command, ServeFlags& flags) {
  add_value(command, "--timeout", flags.timeout, parse_duration, "Longest time for one request")
      ->type_name("DURATION")
      ->default_str("30s");
  add_number(command, "--max-concurrency", flags.max_concurrency, 1, 10'000,
             "Requests that run at once")
      ->default_str("500");
  add_number(command, "--max-queue", flags.max_queue, 0, 1'000'000,
             "Requests that wait for their turn; beyond that: 503")
      ->default_str("1000");
  add_value(command, "--max-body", flags.settings.http.body_bytes, parse_size,
            "Longest request body (default: no limit)")
      ->type_name("SIZE");
  add_number(command, "--reuse", flags.settings.worker.reuse, 1, 1'000'000'000,
             "Requests that one instance serves; 1: each has a fresh one")
      ->default_str("1");
  add_number(command, "--loops", flags.loops, 0, 1024,
             "Threads that serve (default, or 0: one per core)");
  add_value(command, "--drain", flags.drain, parse_duration,
            "How long running requests may take after SIGTERM")
      ->type_name("DURATION")
      ->default_str("30s");
}

} // namespace

void add_serve(CLI::App& app, Context& context) {
  auto flags = std::make_shared<ServeFlags>();
  CLI::App* command =
      app.add_subcommand("serve", "Serve a component over HTTP, each request in a fresh instance");
  command->footer(kExamples);
  add_component(*command, flags->what);
  add_value(*command, "--addr", flags->settings.address, net::parse_address,
            "Address to listen on; port 0 takes a free one")
      ->type_name("HOST:PORT")
      ->default_str("127.0.0.1:8000");
  add_value(*command, "--admin", flags->settings.admin, net::parse_address,
            "Address for /-/healthz, /-/readyz and /metrics (default: none)")
      ->type_name("HOST:PORT");
  command->add_option("--arg", flags->args, "Argument of the guest")
      ->type_name("ARG")
      ->allow_extra_args(false);
  add_guest_flags(*command, flags->guest, "as long as --timeout");
  add_limits(*command, *flags);
  const std::vector<std::pair<std::string, host::AccessLog>> logs{{"text", host::AccessLog::text},
                                                                  {"json", host::AccessLog::json},
                                                                  {"off", host::AccessLog::off}};
  add_choice(*command, "--access-log", flags->settings.access_log, logs,
             "One line on standard output per request")
      ->type_name("text|json|off")
      ->default_str("text");
  command->callback(
      [flags, &context] { context.action = [flags, &context] { return serve(*flags, context); }; });
}

} // namespace nacre::cli
