// SPDX-License-Identifier: Apache-2.0
#include "net/park.h"

#include "base/ensure.h"
#include "loop/loop.h"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace nacre::net {
namespace asio = boost::asio;

Task<> Park::wait() {
  ENSURE(!parked(), "one task parks at a time");
  auto initiate = [this](auto handler) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    resume_ = std::move(handler);
    if (!slot.is_connected())
      return;
    slot.assign([this](asio::cancellation_type) {
      if (!resume_)
        return;
      // Resuming destroys this very function object: it must have returned by then.
      auto later = [resume = std::exchange(resume_, nullptr)]() mutable {
        resume(Error{Code::cancelled, "cancelled while waiting"});
      };
      asio::post(Loop::current()->executor(), std::move(later));
    });
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void(Result<>)>(std::move(initiate),
                                                                             asio::use_awaitable);
}

void Park::wake() {
  if (auto resume = std::exchange(resume_, nullptr))
    resume(Result<>{});
}

} // namespace nacre::net
