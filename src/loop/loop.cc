// SPDX-License-Identifier: Apache-2.0
#include "loop/loop.h"

#include "base/ensure.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <exception>

namespace nacre {
namespace asio = boost::asio;
namespace {

thread_local Loop* current_loop = nullptr;

class Entered {
public:
  explicit Entered(Loop* loop) : before_(std::exchange(current_loop, loop)) {}
  ~Entered() { current_loop = before_; }

private:
  Loop* before_;
};

asio::thread_pool& offload_pool() {
  // Blocking work is file and name lookups: more threads than cores, since they wait rather than
  // compute.
  static asio::thread_pool pool(8);
  return pool;
}

} // namespace

struct Loop::State {
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
};

Loop::Loop() : state_(std::make_unique<State>()) {}
Loop::~Loop() {
  // Frames that are destroyed with the context may still ask for the current loop.
  const Entered entered{this};
  state_.reset();
}

void Loop::run() {
  const Entered entered{this};
  state_->io.restart();
  state_->io.run();
}

std::size_t Loop::poll() {
  const Entered entered{this};
  state_->io.restart();
  return state_->io.poll();
}

void Loop::stop() {
  state_->io.stop();
}
void Loop::post(std::function<void()> function) {
  asio::post(state_->io, std::move(function));
}
bool Loop::on_this_thread() const {
  return current_loop == this;
}
Loop* Loop::current() {
  return current_loop;
}
asio::any_io_executor Loop::executor() {
  return state_->io.get_executor();
}

Result<> Loop::drive(Task<> task) {
  const Entered entered{this};
  std::optional<Result<>> out;
  std::exception_ptr thrown;
  asio::co_spawn(state_->io, std::move(task), [&](std::exception_ptr error, Result<> result) {
    thrown = error;
    out.emplace(std::move(result));
    state_->io.stop();
  });
  while (!out) {
    state_->io.restart();
    state_->io.run();
  }
  if (thrown)
    std::rethrow_exception(thrown);
  return std::move(*out);
}

Task<> sleep_for(Duration duration) {
  asio::steady_timer timer{co_await asio::this_coro::executor, duration};
  auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (error)
    co_return Error{Code::cancelled, "cancelled while waiting"};
  co_return Result<>{};
}

Task<> yield_to_loop() {
  co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
  co_return Result<>{};
}

namespace loop_detail {

Task<> within_limit(Duration limit, std::string_view what, Task<> task) {
  using namespace asio::experimental::awaitable_operators;
  Task<> alarm = sleep_for(limit);
  auto first = co_await (std::move(task) || std::move(alarm));
  if (first.index() == 0)
    co_return std::get<0>(std::move(first));
  const double seconds = std::chrono::duration<double>(limit).count();
  co_return Error{Code::timeout, fmt::format("{} took longer than {:g} s", what, seconds)};
}

Task<> run_offloaded(std::function<void()> function) {
  auto home = co_await asio::this_coro::executor;
  auto start = [home, work = std::move(function)](auto handler) mutable {
    auto job = [home, work = std::move(work), handler = std::move(handler)]() mutable {
      std::exception_ptr thrown;
      try {
        work();
      } catch (...) {
        thrown = std::current_exception();
      }
      asio::post(home,
                 [handler = std::move(handler), thrown]() mutable { std::move(handler)(thrown); });
    };
    asio::post(offload_pool(), std::move(job));
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(
      std::move(start), asio::use_awaitable);
  co_return Result<>{};
}

} // namespace loop_detail
} // namespace nacre
