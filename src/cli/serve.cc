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
  nacre serve app.wasm --addr 0.0.0.0:80 --admin 127.0.0.1:9090 --loops 4)";

struct ServeFlags {
  std::string what;
  GuestFlags guest;
  std::vector<std::string> args;
  std::string address = "127.0.0.1:8000";
  std::string admin;
  std::string timeout = "30s";
  std::string drain = "30s";
  std::string access_log = "text";
  std::string max_body;
  std::uint32_t max_concurrency = 500;
  std::uint32_t max_queue = 1000;
  std::uint32_t reuse = 1;
  std::uint32_t loops = 0;
};

Result<host::ServeSettings> settings_of(const ServeFlags& flags) {
  host::ServeSettings out;
  TRY(out.address, net::parse_address(flags.address).context("--addr"));
  if (!flags.admin.empty()) {
    TRY(out.admin, net::parse_address(flags.admin).context("--admin"));
  }
  TRY(out.worker.timeout, parse_duration("--timeout", flags.timeout));
  TRY(out.drain, parse_duration("--drain", flags.drain));
  TRY(const std::uint64_t memory, parse_size("--max-memory", flags.guest.max_memory));
  constexpr std::uint64_t kWhole = std::uint64_t{4} << 30;
  if (memory < 65536 || memory > kWhole)
    return Error{Code::invalid, "--max-memory must be between 64KiB and 4GiB"};
  out.worker.limits.memory = static_cast<std::int64_t>(memory);
  const std::string& budget =
      flags.guest.cpu_budget.empty() ? flags.timeout : flags.guest.cpu_budget;
  TRY(const auto cpu, parse_duration("--cpu-budget", budget));
  out.worker.limits.cpu_slices =
      static_cast<std::uint32_t>(std::max<std::int64_t>(1, cpu.count() / component::kSliceMillis));
  if (!flags.max_body.empty()) {
    TRY(out.http.body_bytes, parse_size("--max-body", flags.max_body));
  }
  const std::uint32_t cores = std::max(1U, std::thread::hardware_concurrency());
  out.loops = flags.loops == 0 ? cores : flags.loops;
  out.worker.max_concurrency = std::max(1U, flags.max_concurrency / out.loops);
  out.worker.max_queue = flags.max_queue / out.loops;
  out.worker.reuse = flags.reuse;
  out.access_log = flags.access_log == "off"    ? host::AccessLog::off
                   : flags.access_log == "json" ? host::AccessLog::json
                                                : host::AccessLog::text;
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
  out.max_memory =
      static_cast<std::size_t>(std::max<std::int64_t>(serve.worker.limits.memory, 1 << 20));
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

Result<int> serve(const ServeFlags& flags, const Grant& grant) {
  const sigset_t signals = take_signals();
  TRY(const host::ServeSettings settings, settings_of(flags));
  TRY(GuestOptions options, guest_options(flags.guest));
  options.arguments = flags.args;
  TRY(const std::string path, find_component(flags.what));
  TRY(const auto engine, engine::Engine::create(engine_settings(settings)));
  TRY(auto component, load_component(*engine, path, flags.guest.cache_dir));
  TRY(Granted granted, grant(options));
  TRY(const auto service,
      host::Service::start(*engine, std::move(component), std::move(granted.capabilities), settings)
          .context(path));
  announce(*service, path);
  int signal = 0;
  sigwait(&signals, &signal);
  fmt::print(stderr, "{}: finishing running requests (again to stop at once)\n",
             signal == SIGINT ? "interrupted" : "terminated");
  // The next one has its usual effect: it ends the process.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  service->stop();
  return 0;
}

} // namespace

void add_serve(CLI::App& app, Context& context) {
  auto flags = std::make_shared<ServeFlags>();
  CLI::App* command =
      app.add_subcommand("serve", "Serve a component over HTTP, each request in a fresh instance");
  command->footer(kExamples);
  command
      ->add_option("component", flags->what,
                   "Component file, or a project directory with a built one")
      ->required()
      ->type_name("FILE|DIR");
  command->add_option("--addr", flags->address, "Address to listen on; port 0 takes a free one")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  command
      ->add_option("--admin", flags->admin,
                   "Address for /-/healthz, /-/readyz and /metrics (default: none)")
      ->type_name("HOST:PORT");
  command->add_option("--arg", flags->args, "Argument of the guest")->allow_extra_args(false);
  add_guest_flags(*command, flags->guest);
  command->add_option("--timeout", flags->timeout, "Longest time for one request")
      ->type_name("DURATION")
      ->capture_default_str();
  command->add_option("--max-concurrency", flags->max_concurrency, "Requests that run at once")
      ->check(CLI::Range(1U, 10'000U))
      ->capture_default_str();
  command
      ->add_option("--max-queue", flags->max_queue,
                   "Requests that wait for their turn; beyond that: 503")
      ->capture_default_str();
  command->add_option("--max-body", flags->max_body, "Longest request body (default: no limit)")
      ->type_name("SIZE");
  command
      ->add_option("--reuse", flags->reuse,
                   "Requests that one instance serves; 1: each has a fresh one")
      ->check(CLI::Range(1U, 1'000'000'000U))
      ->capture_default_str();
  command->add_option("--loops", flags->loops, "Threads that serve (default: one per core)")
      ->check(CLI::Range(0U, 1024U));
  command->add_option("--access-log", flags->access_log, "One line on standard output per request")
      ->check(CLI::IsMember({"text", "json", "off"}))
      ->capture_default_str();
  command->add_option("--drain", flags->drain, "How long running requests may take after SIGTERM")
      ->type_name("DURATION")
      ->capture_default_str();
  command->callback([flags, &context] {
    context.action = [flags, &context] { return serve(*flags, context.grant); };
  });
}

} // namespace nacre::cli
