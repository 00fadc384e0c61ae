// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_http/outgoing.h"

#include "capabilities/wasi_http/http_error.h"

#include <algorithm>
#include <utility>

namespace nacre::wasi_http {

Outgoing::Outgoing(Kind kind, std::shared_ptr<const FieldSource> lines)
    : kind_(kind), lines_(std::move(lines)) {
  for (const http::Field& line : lines_->lines()) {
    if (http::same_text(line.name, "content-length"))
      declared_ = parse_content_length(line.value);
  }
}

ErrorCode Outgoing::wrong_size() const {
  return kind_ == Kind::request ? ErrorCode::http_request_body_size(written_)
                                : ErrorCode::http_response_body_size(written_);
}

/// Why nothing can be written any more.
std::optional<ErrorCode> Outgoing::trouble() {
  if (state_ == State::broken)
    return failure_;
  if (const http::BodySink* const out = sink(); out != nullptr && out->failed())
    return wire_->sink_failure();
  return std::nullopt;
}

void Outgoing::break_off(ErrorCode why) {
  state_ = State::broken;
  failure_ = std::move(why);
  early_ = {};
  leave();
  if (http::BodySink* const out = sink(); out != nullptr && !out->failed())
    out->abort(Error{Code::cancelled, to_string(failure_)});
}

void Outgoing::attach(Wire& wire) {
  wire_ = &wire;
  if (state_ == State::broken) {
    sink()->abort(Error{Code::cancelled, to_string(failure_)});
  } else {
    if (!taken.body)
      state_ = State::finished;
    pump();
  }
  sent_.notify();
}

void Outgoing::detach() {
  if (!delivered_ && state_ != State::broken)
    break_off(ErrorCode::connection_terminated());
  wire_ = nullptr;
  sent_.notify();
}

void Outgoing::pump() {
  http::BodySink* const out = sink();
  if (out == nullptr || state_ == State::broken || delivered_ || out->failed())
    return;
  if (!early_.empty()) {
    const std::size_t now = std::min(out->room(), early_.size());
    if (now != 0 && !out->write(std::span{early_}.first(now)))
      return; // room() tells why
    early_.erase(early_.begin(), early_.begin() + static_cast<std::ptrdiff_t>(now));
    if (!early_.empty()) {
      out->signal().add(*this);
      return;
    }
    early_.shrink_to_fit();
  }
  if (state_ == State::finished)
    deliver_end();
}

void Outgoing::deliver_end() {
  http::Fields lines;
  if (trailers_) {
    for (const http::Field& line : trailers_->lines()) {
      // In a trailer it says nothing and confuses those who read it as a head's (RFC 9110 6.5.1).
      if (!http::same_text(line.name, "content-length"))
        lines.add_view(line.name, line.value);
    }
  }
  delivered_ = true;
  if (const auto ended = sink()->finish(lines.empty() ? nullptr : &lines); !ended) {
    state_ = State::broken;
    failure_ = wire_->sink_failure();
  }
}

std::expected<void, ErrorCode> Outgoing::finish(std::shared_ptr<const FieldSource> trailers) {
  if (auto problem = trouble()) {
    break_off(std::move(*problem));
    return std::unexpected{failure_};
  }
  const bool may_be_empty = written_ == 0 && wire_ != nullptr && wire_->sends_no_body();
  if (declared_ && *declared_ != written_ && !may_be_empty) {
    break_off(wrong_size());
    return std::unexpected{failure_};
  }
  state_ = State::finished;
  trailers_ = std::move(trailers);
  pump();
  if (state_ == State::broken)
    return std::unexpected{failure_};
  return {};
}

void Outgoing::abandon(ErrorCode why) {
  if (state_ == State::open)
    break_off(std::move(why));
}

streams::Outcome<std::size_t> Outgoing::room() {
  if (auto problem = trouble())
    return stream_failure(std::move(*problem));
  if (state_ == State::finished)
    return streams::closed();
  if (http::BodySink* const out = sink()) {
    pump();
    return early_.empty() ? out->room() : 0;
  }
  return kMostEarly - std::min(kMostEarly, early_.size());
}

streams::Outcome<> Outgoing::write(std::span<const std::byte> bytes) {
  if (auto problem = trouble())
    return stream_failure(std::move(*problem));
  if (state_ == State::finished)
    return streams::closed();
  if (declared_ && bytes.size() > *declared_ - written_) {
    written_ += bytes.size();
    break_off(wrong_size());
    return stream_failure(failure_);
  }
  written_ += bytes.size();
  if (http::BodySink* const out = sink(); out != nullptr && early_.empty()) {
    if (!out->write(bytes))
      return stream_failure(wire_->sink_failure());
    return {};
  }
  early_.insert(early_.end(), bytes.begin(), bytes.end());
  return {};
}

streams::Outcome<> Outgoing::flush() {
  if (auto problem = trouble())
    return stream_failure(std::move(*problem));
  return {};
}

bool Outgoing::ready() {
  pump();
  if (state_ != State::open)
    return true;
  const http::BodySink* const out = sink();
  if (out == nullptr)
    return early_.size() < kMostEarly;
  return out->failed() || (early_.empty() && out->room() > 0);
}

Signal& Outgoing::signal() {
  http::BodySink* const out = sink();
  return out != nullptr ? out->signal() : sent_;
}

} // namespace nacre::wasi_http
