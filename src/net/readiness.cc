// SPDX-License-Identifier: Apache-2.0
// Speaks to Asio's reactor below its socket classes: those try a read first and so pay a failing
// system call for every wait, or an epoll_ctl for every async_wait.
#include "net/readiness.h"

#include "base/ensure.h"

#include <boost/asio/detail/epoll_reactor.hpp>
#include <boost/asio/detail/reactor_op.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/version.hpp>

#include <utility>

namespace nacre::net {
namespace asio = boost::asio;
using Reactor = asio::detail::epoll_reactor;
using ReactorOp = asio::detail::reactor_op;

struct Readiness::State {
  // An operation that is done as soon as the reactor has an edge to tell, and that uses the edge
  // up.
  struct Op : ReactorOp {
    Op(State* owner, int kind)
        : ReactorOp(boost::system::error_code{}, &perform_edge, &complete), state(owner),
          type(kind) {}
    static status perform_edge(ReactorOp*) { return done_and_exhausted; }
    static void complete(void* scheduler, asio::detail::operation* base,
                         const boost::system::error_code&, std::size_t) {
      auto& op = *static_cast<Op*>(base);
      State& state = *op.state;
      op.queued = false;
      Waiter* waiter = std::exchange(op.waiter, nullptr);
      const bool live = scheduler != nullptr && !state.closed;
      state.release();
      if (!live)
        return;
      if (waiter != nullptr)
        waiter->wake();
    }
    State* state;
    Waiter* waiter = nullptr;
    int type;
    bool queued = false;
  };

  State(Loop& loop, int fd)
      : reactor(asio::use_service<Reactor>(loop.executor().context())), descriptor(fd),
        read(this, Reactor::read_op), write(this, Reactor::write_op) {
    reactor.init_task();
    const int error = reactor.register_descriptor(descriptor, data);
    ENSURE(error == 0, "the reactor takes every socket");
  }

  void wait(Op& op, Waiter& waiter) {
    op.waiter = &waiter;
    if (op.queued)
      return;
    op.queued = true;
    ++references;
#if BOOST_ASIO_VERSION >= 102700
    reactor.start_op(op.type, descriptor, data, &op, false, true,
                     &Reactor::call_post_immediate_completion, &reactor);
#else
    reactor.start_op(op.type, descriptor, data, &op, false, true);
#endif
  }

  void release() {
    if (--references == 0)
      delete this;
  }

  Reactor& reactor;
  Reactor::per_descriptor_data data{};
  int descriptor;
  Op read;
  Op write;
  int references = 1; // the Readiness and each queued operation
  bool closed = false;
};

Readiness::Readiness(Loop& loop, int descriptor) : state_(new State(loop, descriptor)) {}

Readiness::~Readiness() {
  state_->closed = true;
  state_->read.waiter = state_->write.waiter = nullptr;
  state_->reactor.deregister_descriptor(state_->descriptor, state_->data, true);
  state_->reactor.cleanup_descriptor_data(state_->data);
  state_->release();
}

void Readiness::wait_readable(Waiter& waiter) {
  state_->wait(state_->read, waiter);
}
void Readiness::wait_writable(Waiter& waiter) {
  state_->wait(state_->write, waiter);
}

} // namespace nacre::net
