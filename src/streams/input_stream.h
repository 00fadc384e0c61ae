// SPDX-License-Identifier: Apache-2.0
// InputStream: every method of `wasi:io/streams.input-stream` on top of a Source, which only knows
// how to hand over bytes.
#pragma once

#include "bindings/wasi_io_p2.h"
#include "component/typed/bytes.h"
#include "streams/io_error.h"
#include "streams/readiness.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace nacre::streams {

/// The most bytes one call reads, whatever the guest asks for: nothing is allocated by a guest's
/// word.
inline constexpr std::size_t kMostRead = 64 * 1024;

/// Where an input stream takes its bytes from. ready(): a read brings bytes, the end or a failure.
class Source : public Readiness {
public:
  /// Up to `most` (at most kMostRead) bytes that are here now; empty when there are none yet.
  /// `most` may be 0: empty while the stream is open. At the end: closed(). A failure may be told
  /// again and again: the stream makes it `closed` after the first time. Lent bytes must stay until
  /// they are released, which is before the next call on the same stream.
  virtual Outcome<component::Bytes> read(std::size_t most) = 0;
};

/// The only base of `input-stream`: splice takes any of them for one. Belongs to the guest's handle
/// table.
class InputStream : public wasi_io_p2::InputStream {
public:
  explicit InputStream(std::shared_ptr<Source> source) : source_(std::move(source)) {}

  Result<Outcome<component::Bytes>> read(component::HostCall& call, std::uint64_t len) override;
  Async<Outcome<component::Bytes>> blocking_read(component::HostCall& call,
                                                 std::uint64_t len) override;
  Result<Outcome<std::uint64_t>> skip(component::HostCall& call, std::uint64_t len) override;
  Async<Outcome<std::uint64_t>> blocking_skip(component::HostCall& call,
                                              std::uint64_t len) override;
  Result<std::unique_ptr<wasi_io_p2::Pollable>> subscribe(component::HostCall& call) override;

  /// As read, without a guest: what splice uses.
  Outcome<component::Bytes> take(std::uint64_t most);
  const std::shared_ptr<Source>& source() const { return source_; }

private:
  Task<Outcome<component::Bytes>> read_later(std::uint64_t len);
  Task<Outcome<std::uint64_t>> skip_later(std::uint64_t len);

  std::shared_ptr<Source> source_;
  bool closed_ = false;
};

} // namespace nacre::streams
