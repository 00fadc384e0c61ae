// SPDX-License-Identifier: Apache-2.0
// Pollable: the guest's handle to a Readiness, and poll, which waits for many at once.
#pragma once

#include "bindings/wasi_io_p2.h"
#include "loop/async.h"
#include "loop/signal.h"
#include "streams/readiness.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace nacre::streams {

/// The only implementation of `pollable`: every capability makes its pollables of this class, so
/// that poll() may take any of them for one. May outlive what it came from.
class Pollable final : public wasi_io_p2::Pollable {
public:
  explicit Pollable(std::shared_ptr<Readiness> readiness) : readiness_(std::move(readiness)) {}

  Result<bool> ready(component::HostCall& call) override;
  Async<> block(component::HostCall& call) override;

  Readiness& readiness() { return *readiness_; }

private:
  friend class Watched;
  /// Stands in the readiness's signal while a poll waits; so waiting costs no allocation for each.
  class Bell final : public Waiter {
  public:
    void wake() override { rings->notify(); }
    Signal* rings = nullptr;
  };

  std::shared_ptr<Readiness> readiness_;
  Bell bell_;
};

/// The most entries of one poll: looking at more would hold the loop for too long.
inline constexpr std::size_t kMostPolled = 100'000;

/// Which of `in` are ready, waiting for the first if none is (wasi:io/poll). The pollables must
/// live until the answer is there: they are borrowed by the guest's call. Fails on an empty or
/// overlong list.
Async<std::vector<std::uint32_t>> poll(std::span<wasi_io_p2::Pollable* const> in);

inline std::unique_ptr<wasi_io_p2::Pollable> make_pollable(std::shared_ptr<Readiness> readiness) {
  return std::make_unique<Pollable>(std::move(readiness));
}

} // namespace nacre::streams
