// SPDX-License-Identifier: Apache-2.0
#include "streams/input_stream.h"

#include "streams/pollable.h"

#include <algorithm>

namespace nacre::streams {

using component::Bytes;
using component::HostCall;

namespace {

Outcome<std::uint64_t> size_of(Outcome<Bytes> got) {
  if (!got)
    return std::unexpected{std::move(got.error())};
  return std::uint64_t{got->size()};
}

} // namespace

Outcome<Bytes> InputStream::take(std::uint64_t most) {
  if (closed_)
    return closed();
  Outcome<Bytes> got =
      source_->read(static_cast<std::size_t>(std::min<std::uint64_t>(most, kMostRead)));
  if (!got)
    closed_ = true;
  return got;
}

Result<Outcome<Bytes>> InputStream::read(HostCall& /*call*/, std::uint64_t len) {
  return take(len);
}

Async<Outcome<Bytes>> InputStream::blocking_read(HostCall& /*call*/, std::uint64_t len) {
  Outcome<Bytes> got = take(len);
  if (!got || !got->empty() || len == 0)
    return got;
  return read_later(len);
}

Task<Outcome<Bytes>> InputStream::read_later(std::uint64_t len) {
  for (;;) {
    CO_TRY_OK(co_await wait_ready(source_));
    Outcome<Bytes> got = take(len);
    if (!got || !got->empty())
      co_return got;
  }
}

Result<Outcome<std::uint64_t>> InputStream::skip(HostCall& /*call*/, std::uint64_t len) {
  return size_of(take(len));
}

Async<Outcome<std::uint64_t>> InputStream::blocking_skip(HostCall& call, std::uint64_t len) {
  Result<Outcome<std::uint64_t>> skipped = skip(call, len);
  if (!*skipped || **skipped != 0 || len == 0)
    return skipped;
  return skip_later(len);
}

Task<Outcome<std::uint64_t>> InputStream::skip_later(std::uint64_t len) {
  CO_TRY(Outcome<Bytes> got, co_await read_later(len));
  co_return size_of(std::move(got));
}

Result<std::unique_ptr<wasi_io_p2::Pollable>> InputStream::subscribe(HostCall& /*call*/) {
  return make_pollable(source_);
}

} // namespace nacre::streams
