// SPDX-License-Identifier: Apache-2.0
// OutputStream: every method of `wasi:io/streams.output-stream` on top of a Sink, which only knows
// room, write and flush.
#pragma once

#include "bindings/wasi_io_p2.h"
#include "streams/input_stream.h"
#include "streams/io_error.h"
#include "streams/readiness.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace nacre::streams {

/// The most bytes of one blocking write (wasi:io).
inline constexpr std::size_t kMostBlockingWrite = 4096;

/// Where an output stream puts its bytes. ready(): room() is not 0, or there is a failure or an
/// end. All functions answer at once. A failure may be told again and again: the stream makes it
/// `closed` after the first time.
class Sink : public Readiness {
public:
  /// How many bytes write() takes now; 0 when it is full, or a flush is under way. A failure of
  /// bytes taken earlier shows here; closed() means that all of them arrived and no more can.
  virtual Outcome<std::size_t> room() = 0;
  /// Takes all of `bytes`: copies them; 1 to room() of them.
  virtual Outcome<> write(std::span<const std::byte> bytes) = 0;
  /// Asks that all bytes taken so far leave; room() is 0 until they have.
  virtual Outcome<> flush() = 0;
};

/// The only base of `output-stream`. Belongs to the guest's handle table; its coroutines use
/// `this`, which the guest's call keeps borrowed while it waits.
class OutputStream : public wasi_io_p2::OutputStream {
public:
  explicit OutputStream(std::shared_ptr<Sink> sink) : sink_(std::move(sink)) {}

  Result<Outcome<std::uint64_t>> check_write(component::HostCall& call) override;
  /// Traps (an Error) on more bytes than check_write permitted and no write used since.
  Result<Outcome<>> write(component::HostCall& call,
                          std::span<const std::uint8_t> contents) override;
  Async<Outcome<>> blocking_write_and_flush(component::HostCall& call,
                                            std::span<const std::uint8_t> contents) override;
  Result<Outcome<>> flush(component::HostCall& call) override;
  Async<Outcome<>> blocking_flush(component::HostCall& call) override;
  Result<std::unique_ptr<wasi_io_p2::Pollable>> subscribe(component::HostCall& call) override;
  Result<Outcome<>> write_zeroes(component::HostCall& call, std::uint64_t len) override;
  Async<Outcome<>> blocking_write_zeroes_and_flush(component::HostCall& call,
                                                   std::uint64_t len) override;
  Result<Outcome<std::uint64_t>> splice(component::HostCall& call, wasi_io_p2::InputStream& src,
                                        std::uint64_t len) override;
  Async<Outcome<std::uint64_t>> blocking_splice(component::HostCall& call,
                                                wasi_io_p2::InputStream& src,
                                                std::uint64_t len) override;

  const std::shared_ptr<Sink>& sink() const { return sink_; }

private:
  Outcome<std::size_t> room();
  Outcome<> put(std::span<const std::byte> bytes);
  Outcome<> start_flush();
  /// Whether the flush has ended: nothing while it has not.
  std::optional<Outcome<>> flushed();
  Outcome<std::uint64_t> move_from(InputStream& src, std::uint64_t len);
  Task<Outcome<>> write_later(std::vector<std::byte> rest);
  Task<Outcome<>> flush_later();
  Task<Outcome<std::uint64_t>> splice_later(InputStream* src, std::uint64_t len);

  std::shared_ptr<Sink> sink_;
  std::size_t permit_ = 0;
  bool closed_ = false;
};

} // namespace nacre::streams
