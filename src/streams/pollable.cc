// SPDX-License-Identifier: Apache-2.0
#include "streams/pollable.h"

#include <fmt/format.h>

#include <utility>

namespace nacre::streams {

Task<> wait_ready(std::shared_ptr<Readiness> readiness) {
  while (!readiness->ready()) {
    readiness->arm();
    if (readiness->ready())
      break;
    CO_TRY_OK(co_await readiness->signal().wait());
  }
  co_return Result<>{};
}

Result<bool> Pollable::ready(component::HostCall& /*call*/) {
  return readiness_->ready();
}

Async<> Pollable::block(component::HostCall& /*call*/) {
  if (readiness_->ready())
    return Result<>{};
  return wait_ready(readiness_);
}

/// Pollables that ring one bell; leaves their signals when it goes.
class Watched {
public:
  explicit Watched(std::span<wasi_io_p2::Pollable* const> in) {
    pollables_.reserve(in.size());
    for (wasi_io_p2::Pollable* pollable : in)
      pollables_.push_back(static_cast<Pollable*>(pollable));
  }
  Watched(Watched&&) noexcept = default;
  Watched& operator=(Watched&&) = delete;
  ~Watched() {
    for (Pollable* pollable : pollables_)
      pollable->bell_.leave();
  }

  void watch(Signal& rung) {
    for (Pollable* pollable : pollables_) {
      if (pollable->bell_.waiting())
        continue; // since the last round, or because the list names it twice
      pollable->readiness_->arm();
      pollable->bell_.rings = &rung;
      pollable->readiness_->signal().add(pollable->bell_);
    }
  }
  std::vector<std::uint32_t> ready() const {
    std::vector<std::uint32_t> found;
    for (std::size_t i = 0; i < pollables_.size(); ++i) {
      if (pollables_[i]->readiness_->ready())
        found.push_back(static_cast<std::uint32_t>(i));
    }
    return found;
  }

private:
  std::vector<Pollable*> pollables_;
};

namespace {

Task<std::vector<std::uint32_t>> poll_later(Watched watched) {
  Signal rung;
  Watched mine = std::move(watched); // its bells leave before the signal they ring goes
  for (;;) {
    mine.watch(rung);
    std::vector<std::uint32_t> found = mine.ready();
    if (!found.empty())
      co_return found;
    CO_TRY_OK(co_await rung.wait());
  }
}

} // namespace

Async<std::vector<std::uint32_t>> poll(std::span<wasi_io_p2::Pollable* const> in) {
  if (in.empty())
    return Error{Code::invalid, "poll needs at least one pollable"};
  if (in.size() > kMostPolled)
    return Error{Code::exhausted,
                 fmt::format("poll of {} pollables, the limit is {}", in.size(), kMostPolled)};
  std::vector<std::uint32_t> found;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (static_cast<Pollable*>(in[i])->readiness().ready())
      found.push_back(static_cast<std::uint32_t>(i));
  }
  if (!found.empty())
    return found;
  Watched watched{in};
  return poll_later(std::move(watched));
}

} // namespace nacre::streams
