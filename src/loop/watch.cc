// SPDX-License-Identifier: Apache-2.0
#include "loop/watch.h"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <cerrno>
#include <cstring>
#include <sys/epoll.h>
#include <utility>

namespace nacre {
namespace asio = boost::asio;

// An epoll set with one member stands in for the descriptor: Asio may set its own flags on the set.
struct Watch::State {
  State(Loop& loop, int set) : descriptor(loop.executor(), set) {}
  asio::posix::stream_descriptor descriptor;
  Signal* signal = nullptr;
  bool always_ready = false;
};

Watch::Watch(std::shared_ptr<State> state) : state_(std::move(state)) {}
Watch::Watch(Watch&&) noexcept = default;

Watch::~Watch() {
  if (state_ == nullptr)
    return;
  state_->signal = nullptr;
  boost::system::error_code ignored;
  [[maybe_unused]] const auto closed = state_->descriptor.close(ignored);
}

Result<Watch> Watch::open(Loop& loop, int fd, For what) {
  const int set = ::epoll_create1(EPOLL_CLOEXEC);
  if (set < 0)
    return Error{Code::exhausted, std::strerror(errno)};
  auto state = std::make_shared<State>(loop, set);
  epoll_event event{};
  event.events = what == For::reading ? EPOLLIN | EPOLLRDHUP : EPOLLOUT;
  if (::epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) != 0) {
    if (errno != EPERM)
      return Error{Code::internal, std::strerror(errno)};
    state->always_ready = true;
  }
  return Watch{std::move(state)};
}

bool Watch::always_ready() const {
  return state_->always_ready;
}

void Watch::arm(Signal& signal) {
  if (state_->always_ready) {
    signal.notify();
    return;
  }
  if (std::exchange(state_->signal, &signal) != nullptr)
    return;
  state_->descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                [state = state_](const boost::system::error_code&) {
                                  if (Signal* rings = std::exchange(state->signal, nullptr))
                                    rings->notify();
                                });
}

} // namespace nacre
