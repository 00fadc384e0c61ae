// SPDX-License-Identifier: Apache-2.0
#include "loop/scope.h"

#include "base/ensure.h"
#include "base/log.h"
#include "loop/loop.h"
#include "loop/signal.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/system/system_error.hpp>

#include <atomic>
#include <list>

namespace nacre {
namespace asio = boost::asio;
namespace {

std::atomic<std::uint64_t> bugs{0};

/// What a task ended with, as a Result: our cancellation is Asio's exception, a Bug is counted here
/// and nowhere else.
Result<> outcome(std::string_view name, const std::exception_ptr& thrown, Result<> result) {
  if (!thrown)
    return result;
  try {
    std::rethrow_exception(thrown);
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted)
      return Error{Code::cancelled, "cancelled"};
    return Error{Code::internal, error.what()};
  } catch (const std::exception& bug) {
    bugs.fetch_add(1, std::memory_order_relaxed);
    log::error("task ended with a bug", {{"task", name}, {"what", bug.what()}});
    return Error{Code::internal, bug.what()};
  }
}

} // namespace

struct Scope::State {
  struct Running {
    asio::cancellation_signal cancel;
  };
  std::list<Running> running;
  bool closed = false;
  Signal ended;
};

Scope::Scope(Loop& loop) : loop_(loop), state_(std::make_shared<State>()) {}
Scope::~Scope() {
  cancel();
}

void Scope::spawn(std::string_view name, Task<> task) {
  spawn(name, std::move(task), [name](const Result<>& result) {
    if (!result.has_value() && result.error().code() != Code::cancelled) {
      log::warn("task failed", {{"task", name}, {"error", result.error().message()}});
    }
  });
}

void Scope::spawn(std::string_view name, Task<> task, std::function<void(Result<>)> done) {
  auto entry = state_->running.emplace(state_->running.end());
  auto finish = [state = state_, entry, name, done = std::move(done)](
                    const std::exception_ptr& thrown, Result<> result) mutable {
    state->running.erase(entry);
    done(outcome(name, thrown, std::move(result)));
    if (state->running.empty())
      state->ended.notify();
  };
  asio::co_spawn(loop_.executor(), std::move(task),
                 asio::bind_cancellation_slot(entry->cancel.slot(), std::move(finish)));
  if (state_->closed)
    entry->cancel.emit(asio::cancellation_type::terminal);
}

void Scope::cancel() {
  state_->closed = true;
  // Emitting may end a task at once and erase its entry: step before the call.
  for (auto it = state_->running.begin(); it != state_->running.end();) {
    auto here = it++;
    here->cancel.emit(asio::cancellation_type::terminal);
  }
}

Task<> Scope::close() {
  auto state = state_;
  cancel();
  while (!state->running.empty())
    CO_TRY_OK(co_await state->ended.wait());
  co_return Result<>{};
}

std::size_t Scope::running() const {
  return state_->running.size();
}
std::uint64_t bugs_seen() {
  return bugs.load(std::memory_order_relaxed);
}

} // namespace nacre
