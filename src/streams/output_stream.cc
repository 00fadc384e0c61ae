// SPDX-License-Identifier: Apache-2.0
#include "streams/output_stream.h"

#include "streams/pollable.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace nacre::streams {

using component::Bytes;
using component::HostCall;

namespace {

constexpr std::array<std::byte, kMostBlockingWrite> kZeroes{};

Error over_permit(std::uint64_t asked, std::size_t permit) {
  return Error{Code::invalid,
               fmt::format("write of {} bytes, check-write permits {}", asked, permit)};
}
Error over_blocking(std::uint64_t asked) {
  return Error{Code::invalid, fmt::format("blocking write of {} bytes, the limit is {}", asked,
                                          kMostBlockingWrite)};
}

} // namespace

Outcome<std::size_t> OutputStream::room() {
  if (closed_)
    return closed();
  Outcome<std::size_t> room = sink_->room();
  if (!room)
    closed_ = true;
  return room;
}

Outcome<> OutputStream::put(std::span<const std::byte> bytes) {
  if (closed_)
    return closed();
  if (bytes.empty())
    return {};
  Outcome<> written = sink_->write(bytes);
  if (!written)
    closed_ = true;
  return written;
}

Result<Outcome<std::uint64_t>> OutputStream::check_write(HostCall& /*call*/) {
  Outcome<std::size_t> now = room();
  permit_ = now.has_value() ? *now : 0;
  return now;
}

Result<Outcome<>> OutputStream::write(HostCall& /*call*/, std::span<const std::uint8_t> contents) {
  if (closed_)
    return Outcome<>{closed()};
  if (contents.size() > permit_)
    return over_permit(contents.size(), permit_);
  permit_ -= contents.size();
  return put(std::as_bytes(contents));
}

Result<Outcome<>> OutputStream::write_zeroes(HostCall& /*call*/, std::uint64_t len) {
  if (closed_)
    return Outcome<>{closed()};
  if (len > permit_)
    return over_permit(len, permit_);
  permit_ -= len;
  Outcome<> written;
  for (std::size_t left = len; left > 0 && written;) {
    const std::size_t now = std::min(left, kZeroes.size());
    written = put(std::span{kZeroes}.first(now));
    left -= now;
  }
  return written;
}

Outcome<> OutputStream::start_flush() {
  if (closed_)
    return closed();
  permit_ = 0;
  Outcome<> started = sink_->flush();
  if (!started)
    closed_ = true;
  return started;
}

Result<Outcome<>> OutputStream::flush(HostCall& /*call*/) {
  return start_flush();
}

std::optional<Outcome<>> OutputStream::flushed() {
  Outcome<std::size_t> now = room();
  if (now)
    return *now > 0 ? std::optional{Outcome<>{}} : std::nullopt;
  // A stream that ends once everything has arrived has been flushed.
  if (now.error().is(wasi_io_p2::StreamError::Case::closed))
    return Outcome<>{};
  return Outcome<>{std::unexpected{std::move(now.error())}};
}

Async<Outcome<>> OutputStream::blocking_flush(HostCall& /*call*/) {
  Outcome<> started = start_flush();
  if (!started)
    return started;
  if (std::optional<Outcome<>> done = flushed())
    return std::move(*done);
  return flush_later();
}

Task<Outcome<>> OutputStream::flush_later() {
  for (;;) {
    CO_TRY_OK(co_await wait_ready(sink_));
    if (std::optional<Outcome<>> done = flushed())
      co_return std::move(*done);
  }
}

Async<Outcome<>> OutputStream::blocking_write_and_flush(HostCall& call,
                                                        std::span<const std::uint8_t> contents) {
  if (contents.size() > kMostBlockingWrite)
    return over_blocking(contents.size());
  permit_ = 0;
  const std::span<const std::byte> bytes = std::as_bytes(contents);
  Outcome<std::size_t> now = room();
  if (!now)
    return Outcome<>{std::unexpected{std::move(now.error())}};
  const std::size_t first = std::min(*now, bytes.size());
  if (Outcome<> written = put(bytes.first(first)); !written)
    return written;
  if (first == bytes.size())
    return blocking_flush(call);
  return write_later({bytes.begin() + static_cast<std::ptrdiff_t>(first), bytes.end()});
}

Task<Outcome<>> OutputStream::write_later(std::vector<std::byte> rest) {
  for (std::size_t done = 0; done < rest.size();) {
    CO_TRY_OK(co_await wait_ready(sink_));
    Outcome<std::size_t> now = room();
    if (!now)
      co_return Outcome<>{std::unexpected{std::move(now.error())}};
    const std::size_t next = std::min(*now, rest.size() - done);
    if (Outcome<> written = put(std::span{rest}.subspan(done, next)); !written)
      co_return written;
    done += next;
  }
  if (Outcome<> started = start_flush(); !started)
    co_return started;
  if (std::optional<Outcome<>> done = flushed())
    co_return std::move(*done);
  co_return co_await flush_later();
}

Async<Outcome<>> OutputStream::blocking_write_zeroes_and_flush(HostCall& call, std::uint64_t len) {
  if (len > kMostBlockingWrite)
    return over_blocking(len);
  const auto* zeroes = reinterpret_cast<const std::uint8_t*>(kZeroes.data());
  return blocking_write_and_flush(call, {zeroes, static_cast<std::size_t>(len)});
}

Result<std::unique_ptr<wasi_io_p2::Pollable>> OutputStream::subscribe(HostCall& /*call*/) {
  return make_pollable(sink_);
}

Outcome<std::uint64_t> OutputStream::move_from(InputStream& src, std::uint64_t len) {
  permit_ = 0;
  Outcome<std::size_t> now = room();
  if (!now)
    return std::unexpected{std::move(now.error())};
  Outcome<Bytes> got = src.take(std::min<std::uint64_t>(*now, len));
  if (!got)
    return std::unexpected{std::move(got.error())};
  if (Outcome<> written = put(std::as_bytes(got->view())); !written)
    return std::unexpected{std::move(written.error())};
  return got->size();
}

Result<Outcome<std::uint64_t>>
OutputStream::splice(HostCall& /*call*/, wasi_io_p2::InputStream& src, std::uint64_t len) {
  return move_from(static_cast<InputStream&>(src), len);
}

Async<Outcome<std::uint64_t>>
OutputStream::blocking_splice(HostCall& /*call*/, wasi_io_p2::InputStream& src, std::uint64_t len) {
  auto& from = static_cast<InputStream&>(src);
  Outcome<std::uint64_t> moved = move_from(from, len);
  if (!moved || *moved != 0 || len == 0)
    return moved;
  return splice_later(&from, len);
}

Task<Outcome<std::uint64_t>> OutputStream::splice_later(InputStream* src, std::uint64_t len) {
  for (;;) {
    CO_TRY_OK(co_await wait_ready(sink_));
    CO_TRY_OK(co_await wait_ready(src->source()));
    Outcome<std::uint64_t> moved = move_from(*src, len);
    if (!moved || *moved != 0)
      co_return moved;
  }
}

} // namespace nacre::streams
