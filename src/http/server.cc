// SPDX-License-Identifier: Apache-2.0
#include "http/server.h"

#include "base/log.h"
#include "http/head_text.h"
#include "http/server_connection.h"
#include "loop/scope.h"
#include "net/park.h"

#include <algorithm>
#include <ctime>

namespace nacre::http {

struct Server::State : std::enable_shared_from_this<Server::State> {
  State(Loop& l, net::Listener from, ServerLimits limits, Handler handler)
      : loop(l), listener(std::move(from)), address(listener->address()), scope(l) {
    shared.limits = limits;
    shared.handler = std::move(handler);
    shared.now = Clock::now();
    shared.date = date_line(std::time(nullptr));
    shared.batch.schedule_with(
        [this] { loop.post([self = shared_from_this()] { self->shared.batch.flush_at_turn(); }); });
    shared.schedule_turns = [this] {
      loop.post([self = shared_from_this()] { self->run_turns(); });
    };
  }

  void start(std::unique_ptr<net::Stream> stream) {
    if (idle.empty()) {
      all.push_back(std::make_unique<ServerConnection>(shared));
      idle.push_back(all.back().get());
    }
    ServerConnection* connection = idle.back();
    idle.pop_back();
    connection->open(std::move(stream));
    scope.spawn("http connection", connection->run(),
                [self = shared_from_this(), connection](const Result<>&) {
                  connection->shut();
                  self->ended(connection);
                });
  }

  void ended(ServerConnection* connection) {
    idle.push_back(connection);
    if (open() == 0)
      all_ended.notify();
    accept_park.wake(); // in case it waited for a free place
  }

  std::size_t open() const { return all.size() - idle.size(); }

  void run_turns() {
    auto round = std::exchange(shared.pending, {});
    for (ServerConnection* connection : round)
      connection->turn();
    round.clear();
    if (shared.pending.empty())
      shared.pending = std::move(round); // keeps its capacity
  }

  // Connections may end, and new ones start, while they are told.
  template <class F> void each(F tell) {
    for (std::size_t i = 0; i < all.size(); ++i)
      tell(*all[i]);
  }

  void tick(Clock::time_point now) {
    shared.now = std::max(shared.now, now);
    shared.date = date_line(std::time(nullptr));
    each([](ServerConnection& connection) { connection.tick(); });
    if (short_of_descriptors) {
      short_of_descriptors = false;
      accept_park.wake();
    }
  }

  void stop_accepting() {
    shared.draining = true;
    listener.reset();
    accept_park.wake();
  }

  Loop& loop;
  std::optional<net::Listener> listener;
  net::Address address;
  ServerShared shared;
  std::vector<std::unique_ptr<ServerConnection>> all;
  std::vector<ServerConnection*> idle;
  net::Park accept_park;
  Signal all_ended;
  bool short_of_descriptors = false;
  Scope scope; // first to go
};

Server::Server(Loop& loop, net::Listener listener, ServerLimits limits, Handler handler)
    : state_(std::make_shared<State>(loop, std::move(listener), limits, std::move(handler))) {}

Server::~Server() {
  state_->stop_accepting();
  state_->each([](ServerConnection& connection) { connection.abort("the server is gone"); });
  state_->scope.cancel();
}

void Server::on_access(AccessHook hook) {
  state_->shared.access = std::move(hook);
}

namespace {

template <class State> Task<> tick_every_second(std::weak_ptr<State> watched) {
  for (;;) {
    CO_TRY_OK(co_await sleep_for(std::chrono::seconds(1)));
    const auto state = watched.lock();
    if (!state)
      co_return Result<>{};
    state->tick(Clock::now());
  }
}

} // namespace

Task<> Server::run() {
  const auto state = state_;
  Task<> ticker = tick_every_second(std::weak_ptr<State>{state});
  state->scope.spawn("http ticker", std::move(ticker));
  while (!state->shared.draining) {
    if (state->open() >= state->shared.limits.connections || state->short_of_descriptors) {
      CO_TRY_OK(co_await state->accept_park.wait());
      continue;
    }
    auto accepted = state->listener->accept();
    if (!accepted.has_value()) {
      // Out of descriptors: those who wait in the queue get their turn when some are free again.
      log::warn("cannot accept", {{"error", accepted.error().message()}});
      state->short_of_descriptors = true;
      continue;
    }
    if (*accepted == nullptr) {
      state->listener->wait(state->accept_park);
      CO_TRY_OK(co_await state->accept_park.wait());
      continue;
    }
    state->start(std::move(*accepted));
  }
  co_return Result<>{};
}

namespace {

template <class State> Task<> all_ended(std::shared_ptr<State> state) {
  while (state->open() != 0)
    CO_TRY_OK(co_await state->all_ended.wait());
  co_return Result<>{};
}

} // namespace

Task<> Server::drain(Duration deadline) {
  const auto state = state_;
  state->stop_accepting();
  state->each([](ServerConnection& connection) { connection.drain(); });
  Task<> ended = all_ended(state);
  auto in_time = co_await within(deadline, "draining", std::move(ended));
  if (!in_time.has_value() && in_time.error().code() != Code::timeout)
    co_return in_time;
  co_return co_await close();
}

Task<> Server::close() {
  const auto state = state_;
  state->stop_accepting();
  state->each([](ServerConnection& connection) { connection.abort("the server is closing"); });
  co_return co_await state->scope.close();
}

void Server::tick(Clock::time_point now) {
  state_->tick(now);
}
const net::Address& Server::address() const {
  return state_->address;
}
std::size_t Server::connections() const {
  return state_->open();
}
std::size_t Server::active() const {
  return state_->shared.active;
}

} // namespace nacre::http
