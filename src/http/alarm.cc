// SPDX-License-Identifier: Apache-2.0
#include "http/alarm.h"

#include <boost/asio/steady_timer.hpp>

#include <optional>

namespace nacre::http {
namespace asio = boost::asio;

struct Alarm::State : std::enable_shared_from_this<Alarm::State> {
  State(Loop& loop, Waiter& waiter) : timer(loop.executor()), target(&waiter) {}

  // The timer runs to the earliest deadline that was asked for; it looks again when it gets there.
  void run_to(Clock::time_point at) {
    running_to = at;
    timer.expires_at(at);
    timer.async_wait([self = shared_from_this(), at](const boost::system::error_code& error) {
      if (!error && self->running_to == at)
        self->arrive();
    });
  }

  void arrive() {
    running_to.reset();
    if (target == nullptr || !deadline)
      return;
    if (Clock::now() < *deadline)
      return run_to(*deadline);
    deadline.reset();
    target->wake();
  }

  asio::steady_timer timer;
  Waiter* target;
  std::optional<Clock::time_point> deadline;
  std::optional<Clock::time_point> running_to;
};

Alarm::Alarm(Loop& loop, Waiter& target) : state_(std::make_shared<State>(loop, target)) {}

Alarm::~Alarm() {
  state_->target = nullptr;
  state_->timer.cancel();
}

void Alarm::set(Duration from_now) {
  if (from_now == Duration::zero())
    return clear();
  state_->deadline = Clock::now() + from_now;
  if (!state_->running_to || *state_->running_to > *state_->deadline)
    state_->run_to(*state_->deadline);
}

void Alarm::clear() {
  state_->deadline.reset();
}

} // namespace nacre::http
