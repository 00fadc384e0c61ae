// SPDX-License-Identifier: Apache-2.0
#include "host/worker.h"

#include "base/ensure.h"
#include "base/log.h"
#include "capabilities/wasi_http/serving.h"

#include <fmt/format.h>

namespace nacre::host {
namespace {

/// Interrupts a guest when its client goes away.
class GoneWatch final : public Waiter {
public:
  GoneWatch(http::Exchange& exchange, component::Store& store) : store_(store) {
    exchange.gone().add(*this);
  }
  void wake() override {
    fired_ = true;
    store_.interrupt("the client went away");
  }
  bool fired() const { return fired_; }

private:
  component::Store& store_;
  bool fired_ = false;
};

/// Answers in place of a guest; a client that is gone cannot be answered.
void answer(http::Exchange& exchange, std::uint16_t status, bool retry_later) {
  if (exchange.responded() || exchange.is_gone())
    return;
  http::ResponseHead head;
  head.status = status;
  head.fields.add("content-type", "text/plain; charset=utf-8");
  if (retry_later)
    head.fields.add("retry-after", "1");
  const std::string text = fmt::format("{} {}\n", status, http::reason_of(status));
  head.fields.add("content-length", std::to_string(text.size()));
  auto sink = exchange.respond(head);
  if (!sink.has_value())
    return;
  if ((*sink)->write(std::as_bytes(std::span(text))).has_value())
    (void)(*sink)->finish(nullptr);
}

void report(http::Exchange& exchange, std::string_view what, const std::string& why) {
  log::warn(what, {{"method", exchange.request().method_text},
                   {"path", exchange.request().path},
                   {"why", why}});
}

/// Binding would say the same, but not why.
Result<> check_serves_http(const component::Component& component) {
  if (component.find_function("wasi:http/incoming-handler@0.2.0", "handle") != nullptr)
    return {};
  if (component.find_function("wasi:http/handler", "handle") != nullptr) {
    return Error{Code::unsupported,
                 "this component speaks WASI 0.3 (it exports wasi:http/handler), "
                 "which nacre does not run yet; build it for WASI 0.2"};
  }
  if (component.find_function("wasi:cli/run@0.2.0", "run") != nullptr) {
    return Error{Code::unsupported,
                 "this component does not serve HTTP: it is a command, start it with `nacre run`"};
  }
  return Error{Code::unsupported, "this component does not serve HTTP: it exports no "
                                  "wasi:http/incoming-handler (`nacre inspect` shows what it has)"};
}

} // namespace

/// A store and how often its present guest was called.
class Worker::Instance {
public:
  Instance(const component::Linked& linked, Loop& loop) : store(linked, loop) {}
  component::Store store;
  std::uint32_t calls = 0;
};

/// A request's right to run a guest.
class Worker::Turn {
public:
  explicit Turn(Worker& worker) : worker_(worker) { worker_.counters_.active.add(); }
  ~Turn() {
    worker_.counters_.active.subtract();
    if (worker_.turn_.has_waiters())
      worker_.turn_.notify();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

private:
  Worker& worker_;
};

Worker::Worker(Loop& loop, engine::Ticker& ticker, const WorkerSettings& settings)
    : loop_(loop), settings_(settings), runner_(ticker), deadlines_(settings.timeout),
      tasks_(loop) {}

Worker::~Worker() = default;

Task<std::unique_ptr<Worker>> Worker::make(Loop* loop, engine::Ticker* ticker,
                                           const engine::Engine* engine,
                                           std::shared_ptr<const component::Component> component,
                                           std::vector<capability::Capability*> capabilities,
                                           WorkerSettings settings) {
  std::unique_ptr<Worker> worker(new Worker(*loop, *ticker, settings));
  for (capability::Capability* capability : capabilities) {
    CO_TRY(auto lease, co_await capability->lease(*loop));
    CO_TRY_OK(lease->link(worker->linker_));
    worker->leases_.push_back(std::move(lease));
  }
  CO_TRY_OK(check_serves_http(*component));
  CO_TRY(worker->handler_, wasi_http_p2::IncomingHandler::bind(*component));
  CO_TRY(worker->linked_, component::Linked::link(*engine, std::move(component), worker->linker_));
  // Once before the first request, so that what no instance can do is told at the start.
  auto first = std::make_unique<Instance>(*worker->linked_, *loop);
  if (auto fault = first->store.open(settings.limits))
    co_return fault->to_error().context(fmt::format(
        "making an instance with at most {} KiB of memory", settings.limits.memory >> 10));
  first->store.close();
  worker->closed_.push_back(std::move(first));
  worker->tasks_.spawn("deadlines", worker->deadlines_.run());
  co_return worker;
}

constexpr const char* kStopping = "nacre is stopping and the request took too long";

void Worker::stop_guests() {
  stopping_ = true;
  deadlines_.end_all(kStopping);
}

Task<> Worker::close() {
  CO_TRY_OK(co_await tasks_.close());
  open_.clear();
  closed_.clear();
  for (auto& lease : leases_)
    CO_TRY_OK(co_await lease->close());
  co_return Result<>{};
}

Task<> Worker::serve(http::Exchange* exchange) {
  while (counters_.active.get() >= settings_.max_concurrency) {
    if (counters_.queued.get() >= settings_.max_queue) {
      counters_.rejected.add();
      answer(*exchange, 503, true);
      co_return Result<>{};
    }
    counters_.queued.add();
    const Result<> woken = co_await turn_.wait();
    counters_.queued.subtract();
    CO_TRY_OK(woken);
    if (exchange->is_gone())
      co_return Result<>{};
  }
  const Turn turn{*this};
  std::unique_ptr<Instance> instance = take_instance();
  if (!instance->store.is_open()) {
    counters_.instances.add();
    instance->calls = 0;
    if (auto fault = runner_.open(instance->store, settings_.limits)) {
      report(*exchange, "no instance could be made", fault->to_error().message());
      instance->store.close();
      answer(*exchange, 503, true);
      closed_.push_back(std::move(instance));
      co_return Result<>{};
    }
  }
  ++instance->calls;
  Task<> guest = run_guest(exchange, &instance->store);
  const Result<> ran = co_await std::move(guest);
  give_back(std::move(instance));
  co_return Result<>{ran};
}

Task<> Worker::run_guest(http::Exchange* exchange, component::Store* store) {
  ENSURE(handler_, "create() bound it");
  wasi_http::Serving serving{*exchange};
  const Deadlines::Entry deadline{deadlines_, *store, Clock::now()};
  Result<> ran;
  bool gone = false;
  {
    const GoneWatch watch{*exchange, *store};
    component::RunningGuest guest{*store, runner_};
    ran = co_await handler_->handle(guest, serving.request(), serving.outparam());
    gone = watch.fired();
    if (guest.fault())
      counters_.faults.add();
    if (guest.fault() && store->spent())
      counters_.cpu_stops.add();
  }
  // A guest that is not called again lets go of its body and streams before we judge what it left
  // behind.
  if (store->poisoned() || !store->interrupted().empty() || settings_.reuse <= 1)
    store->close();
  if (gone) {
    counters_.cancelled.add();
  } else if (deadline.expired()) {
    counters_.timeouts.add();
    report(*exchange, "guest stopped", stopping_ ? kStopping : deadlines_.reason());
    answer(*exchange, stopping_ ? 503 : 504, false);
  } else if (!ran.has_value()) {
    report(*exchange, "guest failed", ran.error().message());
    answer(*exchange, 500, false);
  } else if (const std::string problem = serving.problem(); !problem.empty()) {
    report(*exchange, "guest gave no proper response", problem);
    if (serving.awaits_response())
      answer(*exchange, serving.failure_status(), false);
  }
  co_return Result<>{};
}

std::unique_ptr<Worker::Instance> Worker::take_instance() {
  std::vector<std::unique_ptr<Instance>>& from = open_.empty() ? closed_ : open_;
  if (from.empty())
    return std::make_unique<Instance>(*linked_, loop_);
  std::unique_ptr<Instance> instance = std::move(from.back());
  from.pop_back();
  return instance;
}

void Worker::give_back(std::unique_ptr<Instance> instance) {
  if (instance->store.is_open() && instance->calls >= settings_.reuse)
    instance->store.close();
  (instance->store.is_open() ? open_ : closed_).push_back(std::move(instance));
}

} // namespace nacre::host
