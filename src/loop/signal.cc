// SPDX-License-Identifier: Apache-2.0
#include "loop/signal.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace nacre {
namespace asio = boost::asio;

void Waiter::leave() {
  if (signal_ == nullptr)
    return;
  (previous_ != nullptr ? previous_->next_ : signal_->first_) = next_;
  if (next_ != nullptr)
    next_->previous_ = previous_;
  signal_ = nullptr;
  next_ = previous_ = nullptr;
}

Signal::~Signal() {
  while (first_ != nullptr) {
    Waiter& waiter = *first_;
    waiter.leave();
    waiter.wake();
  }
}

void Signal::add(Waiter& waiter) {
  waiter.leave();
  waiter.signal_ = this;
  waiter.next_ = first_;
  if (first_ != nullptr)
    first_->previous_ = &waiter;
  first_ = &waiter;
}

void Signal::notify() {
  // Those who are here now move to a list of their own: who comes back during the round waits for
  // the next one.
  Signal round;
  round.first_ = std::exchange(first_, nullptr);
  for (Waiter* waiter = round.first_; waiter != nullptr; waiter = waiter->next_)
    waiter->signal_ = &round;
  while (round.first_ != nullptr) {
    Waiter& waiter = *round.first_;
    waiter.leave();
    waiter.wake();
  }
}

namespace {

class TimerWaiter final : public Waiter {
public:
  explicit TimerWaiter(const asio::any_io_executor& executor)
      : timer(executor, asio::steady_timer::time_point::max()) {}
  void wake() override {
    woken = true;
    timer.cancel();
  }
  asio::steady_timer timer;
  bool woken = false;
};

} // namespace

Task<> Signal::wait() {
  TimerWaiter waiter{co_await asio::this_coro::executor};
  add(waiter);
  co_await waiter.timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!waiter.woken)
    co_return Error{Code::cancelled, "cancelled while waiting"};
  co_return Result<>{};
}

} // namespace nacre
