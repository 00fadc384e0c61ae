// SPDX-License-Identifier: Apache-2.0
// Outgoing: a message that the guest makes: its lines, its body on the way to the exchange, and how
// it ended.
#pragma once

#include "capabilities/wasi_http/field_list.h"
#include "capabilities/wasi_http/wire.h"
#include "loop/signal.h"
#include "streams/output_stream.h"

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <vector>

namespace nacre::wasi_http {

/// Shared by the request or response, its outgoing-body and the body's stream, so that they may go
/// in any order. A body may be written before its message is sent: up to kMostEarly bytes wait here
/// for that. As a streams::Sink it is the body's stream.
///
/// Flushing does not force a packet: written bytes leave when enough are there, at finish(), and at
/// the latest when the guest lets the loop go on. So a small answer is one packet, and a guest that
/// streams waits only where the peer does.
class Outgoing final : public streams::Sink, private Waiter {
public:
  enum class Kind : std::uint8_t { request, response };
  enum class State : std::uint8_t { open, finished, broken };
  static constexpr std::size_t kMostEarly = std::size_t{32} * 1024;

  /// `lines` are frozen and follow the rules (FieldList).
  Outgoing(Kind kind, std::shared_ptr<const FieldSource> lines);

  const std::shared_ptr<const FieldSource>& lines() const { return lines_; }
  std::optional<std::uint64_t> content_length() const { return declared_; }
  State state() const { return state_; }
  /// Whether all of it has been handed to the exchange.
  bool delivered() const { return delivered_; }
  /// Only when broken.
  const ErrorCode& failure() const { return failure_; }

  /// The message goes out over `wire`, whose sink() is open from now on: what was written so far
  /// follows, and the end if there is no body or it was finished already. The wire owns this object
  /// from now on, beside the guest, and says detach() before it or its sink goes.
  void attach(Wire& wire);
  void detach();

  /// outgoing-body.finish.
  std::expected<void, ErrorCode> finish(std::shared_ptr<const FieldSource> trailers);
  /// The body will not be finished: the peer sees a broken message.
  void abandon(ErrorCode why);

  streams::Outcome<std::size_t> room() override;
  streams::Outcome<> write(std::span<const std::byte> bytes) override;
  streams::Outcome<> flush() override;
  bool ready() override;
  Signal& signal() override;

  /// What the guest has taken so far: each once.
  struct Taken {
    bool body = false;
    bool stream = false;
    bool stream_alive = false;
  };
  Taken taken;

private:
  void wake() override { pump(); }
  http::BodySink* sink() const { return wire_ != nullptr ? wire_->sink() : nullptr; }
  std::optional<ErrorCode> trouble();
  void pump();
  void deliver_end();
  void break_off(ErrorCode why);
  ErrorCode wrong_size() const;

  const Kind kind_;
  State state_ = State::open;
  bool delivered_ = false;
  std::optional<std::uint64_t> declared_;
  std::uint64_t written_ = 0;
  std::shared_ptr<const FieldSource> lines_;
  std::shared_ptr<const FieldSource> trailers_;
  Wire* wire_ = nullptr;
  std::vector<std::byte> early_; // written before there was a wire, or room on it
  ErrorCode failure_;            // once broken
  Signal sent_;
};

} // namespace nacre::wasi_http
