// SPDX-License-Identifier: Apache-2.0
#include "loop/alarm.h"

#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace nacre {

struct Alarm::State {
  explicit State(Loop& loop) : timer(loop.executor()) {}
  boost::asio::steady_timer timer;
  Signal* signal = nullptr;
  std::uint64_t round = 0; ///< which set() the handler that runs belongs to
};

Alarm::Alarm(Loop& loop) : state_(std::make_shared<State>(loop)) {}
Alarm::~Alarm() {
  clear();
}

void Alarm::set(Clock::time_point when, Signal& signal) {
  state_->signal = &signal;
  state_->timer.expires_at(when);
  state_->timer.async_wait(
      [state = state_, round = ++state_->round](const boost::system::error_code& error) {
        if (error || round != state->round || state->signal == nullptr)
          return;
        std::exchange(state->signal, nullptr)->notify();
      });
}

void Alarm::clear() {
  if (std::exchange(state_->signal, nullptr) != nullptr)
    state_->timer.cancel();
}

} // namespace nacre
