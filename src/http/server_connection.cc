// SPDX-License-Identifier: Apache-2.0
#include "http/server_connection.h"

#include "base/log.h"
#include "http/head_text.h"

#include <fmt/format.h>

#include <utility>

namespace nacre::http {
namespace {

// After so many pipelined requests in a row the other connections get their turn.
constexpr unsigned kStreak = 32;
// An unread request body up to this size is swallowed to keep the connection.
constexpr std::size_t kSwallow = 256UL * 1024;
// Free space behind which a read of head bytes is worth its system call.
constexpr std::size_t kHeadRead = 4096;

bool has_no_body(Method method, std::uint16_t status) {
  return method == Method::head || status == 204 || status == 304;
}

} // namespace

ServerConnection::ServerConnection(ServerShared& shared)
    : shared_(shared), head_limits_{shared.limits.header_count, shared.limits.head_bytes,
                                    shared.limits.target_bytes},
      in_(shared.pool), body_(*this, shared.pool),
      out_(*this, shared.pool, shared.limits.output_bytes) {}

void ServerConnection::open(std::unique_ptr<net::Stream> stream) {
  stream_ = std::move(stream);
  out_.attach(stream_.get());
  requests_ = 0;
  streak_ = 0;
  armed_ = own_stack_ = suspended_ = responded_ = gone_ = broken_ = stop_ = close_ = false;
  // A fresh connection owes us a head: the shorter of the two limits.
  enter(Phase::head);
}

void ServerConnection::shut() {
  if (phase_ == Phase::handling)
    --shared_.active;
  phase_ = Phase::closed;
  if (std::exchange(held_, false))
    shared_.batch.forget(*this);
  if (broken_ || out_.blocked())
    stream_->reset_on_close();
  body_.end();
  out_.reset();
  stream_.reset();
  in_.release();
  scanner_.reset();
  request_.fields.clear();
}

void ServerConnection::enter(Phase phase) {
  phase_ = phase;
  since_ = shared_.now;
  checked_half_close_ = false;
}

Task<> ServerConnection::run() {
  while (!stop_ && !broken_) {
    const Next next = read_head();
    if (next == Next::close)
      break;
    if (next == Next::wait) {
      streak_ = 0;
      arm();
      CO_TRY_OK(co_await park_.wait());
      continue;
    }
    if (!own_stack_ || ++streak_ > kStreak) {
      // The handler's first suspension is seen by resume(): it must be below us on the stack.
      streak_ = 0;
      output_pending();
      CO_TRY_OK(co_await park_.wait());
      if (stop_ || broken_)
        break;
    }
    start_exchange();
    Result<> result;
    std::exception_ptr bug;
    try {
      result = co_await shared_.handler(*this);
    } catch (...) {
      bug = std::current_exception();
    }
    end_exchange(result, bug != nullptr);
    if (bug)
      std::rethrow_exception(bug); // The scope tells bugs and cancellation apart.
    if (out_.blocked() || body_.state() == BodySource::State::open)
      CO_TRY_OK(co_await finish_exchange());
    record(status_);
    body_.end();
    if (!may_go_on())
      break;
    enter(in_.empty() ? Phase::idle : Phase::head);
  }
  co_return co_await linger();
}

// ---- Reading heads

ServerConnection::Next ServerConnection::read_head() {
  for (;;) {
    // Some clients of old send an empty line after a body (RFC 9112 2.2).
    while (scanner_.size() == 0 && in_.text().starts_with("\r\n"))
      in_.consume(2);
    const auto text = in_.text();
    if (!text.empty() && text != "\r") {
      switch (scanner_.scan(text, head_limits_)) {
      case HeadScanner::State::complete:
        return take_head();
      case HeadScanner::State::bad:
        return refuse(scanner_.problem());
      case HeadScanner::State::more:
        break;
      }
    }
    // Answers that were held for more of them leave before we wait: now, or with those of others.
    if (std::exchange(hold_answer_, false) && !out_.idle() && !out_.blocked() && !broken_ &&
        !shared_.draining) {
      held_ = true;
      shared_.batch.hold(*this);
    }
    if (!held_)
      out_.turn(false);
    if (broken_ || (shared_.draining && in_.empty()))
      return Next::close;
    if (in_.empty())
      in_.set_window(0, 0);
    if (!stream_->may_read()) {
      if (in_.empty())
        in_.release();
      return Next::wait;
    }
    in_.reserve(kHeadRead);
    const auto moved = stream_->read(in_.writable());
    switch (moved.state) {
    case net::Transfer::State::ok:
      if (phase_ == Phase::idle)
        enter(Phase::head);
      in_.commit(moved.bytes);
      break;
    case net::Transfer::State::would_block:
      if (in_.empty())
        in_.release();
      return Next::wait;
    case net::Transfer::State::ended:
    case net::Transfer::State::failed:
      stop_ = true;
      return Next::close;
    }
  }
}

ServerConnection::Next ServerConnection::take_head() {
  const std::size_t size = scanner_.size();
  scanner_.reset();
  char* const start = reinterpret_cast<char*>(in_.data()) + in_.begin();
  const auto problem = parse_request_head({start, size}, head_limits_, request_, framing_);
  if (problem)
    return refuse(problem);
  if (framing_.length && *framing_.length > shared_.limits.body_bytes)
    return refuse({413, "the body is too large"});
  in_.consume(size);
  return Next::ready;
}

ServerConnection::Next ServerConnection::refuse(const HeadProblem& problem) {
  request_.fields.clear();
  request_.method = Method::other;
  request_.method_text = request_.target = {};
  request_.version = Version::http_1_1;
  if (shared_.access)
    started_ = Clock::now();
  BodyShape none;
  body_.begin(none, in_, *stream_);
  responded_ = false;
  close_ = true;
  ResponseHead head;
  head.status = problem.status;
  head.fields.add_view("content-type", "text/plain");
  if (auto sink = respond(head)) {
    const std::string_view what = problem.what;
    static_cast<void>((*sink)->write(std::as_bytes(std::span{what})));
    static_cast<void>((*sink)->finish(nullptr));
  }
  out_.turn(false);
  record(problem.status);
  in_.set_window(0, 0); // What follows has no meaning.
  return Next::close;
}

void ServerConnection::start_exchange() {
  hold_answer_ = shared_.batch.wants_next();
  enter(Phase::handling);
  ++shared_.active;
  ++requests_;
  if (shared_.access)
    started_ = Clock::now();
  BodyShape shape;
  if (framing_.chunked)
    shape.kind = BodyKind::chunked;
  else if (framing_.length)
    shape.kind = BodyKind::length;
  shape.length = framing_.length.value_or(0);
  shape.most = shared_.limits.body_bytes;
  shape.chunks.trailer_count = shared_.limits.header_count;
  body_.begin(shape, in_, *stream_);
  status_ = 0;
  suspended_ = responded_ = false;
  expects_continue_ = framing_.expect_continue && body_.state() == BodySource::State::open;
  const auto most = shared_.limits.requests_per_connection;
  close_ = !framing_.keep_alive || shared_.draining || (most != 0 && requests_ >= most);
}

// ---- Answering

Result<BodySink*> ServerConnection::respond(const ResponseHead& head) {
  if (responded_)
    return Error{Code::conflict, "the exchange has its response already"};
  if (gone_ || broken_)
    return Error{Code::cancelled, "the client is gone"};
  if (head.status < 200 || head.status > 999)
    return Error{Code::invalid, fmt::format("{} is not a final status", head.status)};
  TRY(const auto demands, check_fields(head.fields));
  if (demands.bytes > shared_.limits.head_bytes)
    return Error{Code::exhausted, "the response's fields are too large"};

  responded_ = true;
  status_ = head.status;
  // A client that still waits for 100 Continue may or may not send its body now.
  close_ = close_ || demands.close || expects_continue_ || shared_.draining;
  const bool old = request_.version == Version::http_1_0;
  OutputShape shape;
  shape.body_allowed = !has_no_body(request_.method, head.status);
  shape.framing_allowed = head.status != 204 && (head.status != 304 || demands.length.has_value());
  shape.chunked_allowed = !old;
  shape.say_keep_alive = old && !close_;
  shape.says_close = close_;
  shape.length = demands.length;

  const auto reason = reason_of(head.status);
  Buffer& out = out_.begin(demands.bytes + reason.size() + 128);
  char line[16] = "HTTP/1.1 ";
  line[9] = static_cast<char>('0' + head.status / 100);
  line[10] = static_cast<char>('0' + head.status / 10 % 10);
  line[11] = static_cast<char>('0' + head.status % 10);
  line[12] = ' ';
  out.append(std::string_view{line, 13});
  out.append(reason);
  out.append("\r\n");
  if (!demands.has_date)
    out.append(shared_.date);
  append_fields(head.fields, out);
  if (close_)
    out.append("connection: close\r\n");
  out_.head(shape);
  return &out_;
}

void ServerConnection::answer_failure() {
  ResponseHead head;
  head.status = 500;
  if (body_.state() == BodySource::State::failed) {
    if (body_.error().code() == Code::exhausted)
      head.status = 413;
    else if (body_.error().code() == Code::timeout)
      head.status = 408;
    else if (body_.error().code() == Code::invalid)
      head.status = 400;
    close_ = true;
  }
  if (auto sink = respond(head))
    static_cast<void>((*sink)->finish(nullptr));
}

void ServerConnection::end_exchange(const Result<>& result, bool bug) {
  phase_ = Phase::ending;
  --shared_.active;
  if (!responded_ && !gone_) {
    if (!bug && !result.has_value() && result.error().code() != Code::cancelled) {
      log::warn("request failed", {{"method", request_.method_text},
                                   {"target", request_.target},
                                   {"error", result.error().message()}});
    }
    answer_failure();
  } else if (responded_ && !out_.finished()) {
    // A torn answer must not look whole.
    broken_ = true;
    out_.abort(Error{Code::cancelled, "the handler ended in the middle of its response"});
  }
  if (body_.state() == BodySource::State::failed || gone_)
    close_ = true;
  if (bug)
    out_.turn(true);
}

bool ServerConnection::may_go_on() const {
  return !close_ && !broken_ && !stop_ && !gone_ && !out_.until_close() && !out_.failed();
}

// The slow end of an exchange: output that the client takes its time for, a body nobody read.
Task<> ServerConnection::finish_exchange() {
  suspended_ = true; // whatever is written from here on may leave
  out_.turn(false);
  std::size_t budget = close_ || out_.until_close() || expects_continue_ ? 0 : kSwallow;
  while (!broken_ && !stop_) {
    if (out_.blocked()) {
      CO_TRY_OK(co_await park_.wait());
      continue;
    }
    if (body_.state() != BodySource::State::open)
      break;
    const std::size_t here = body_.peek().size();
    if (here > budget || budget == 0) {
      close_ = true;
      break;
    }
    budget -= here;
    body_.consume(here);
    body_.pull();
    if (body_.waiting())
      CO_TRY_OK(co_await park_.wait());
  }
  co_return Result<>{};
}

// The connection ends. Closing with unread bytes makes the kernel send a reset, which may overtake
// our answer: so say that we are done, and read on for a while.
Task<> ServerConnection::linger() {
  out_.turn(false);
  while (!broken_ && !stop_ && out_.blocked()) {
    if (phase_ != Phase::ending)
      enter(Phase::ending);
    CO_TRY_OK(co_await park_.wait());
  }
  if (broken_ || stop_ || requests_ + (responded_ ? 1 : 0) == 0)
    co_return Result<>{};
  enter(Phase::lingering);
  stream_->shutdown_write();
  std::size_t budget = kSwallow;
  in_.set_window(0, 0);
  in_.reserve(kHeadRead);
  while (!stop_ && budget > 0) {
    if (!stream_->may_read()) {
      arm();
      CO_TRY_OK(co_await park_.wait());
      continue;
    }
    const auto moved = stream_->read(in_.writable());
    if (moved.state == net::Transfer::State::ended || moved.state == net::Transfer::State::failed)
      break;
    budget -= std::min(budget, moved.bytes);
  }
  co_return Result<>{};
}

void ServerConnection::record(std::uint16_t status) {
  if (!shared_.access)
    return;
  AccessRecord record;
  record.method = request_.method_text;
  record.target = request_.target;
  record.status = status;
  record.bytes_in = body_.bytes();
  record.bytes_out = responded_ ? out_.bytes() : 0;
  record.duration = Clock::now() - started_;
  record.peer = &stream_->peer();
  shared_.access(record);
}

// ---- Events

void ServerConnection::resume() {
  own_stack_ = true;
  park_.wake();
  own_stack_ = false;
  after_slice();
}

// The task waits now, or is gone.
void ServerConnection::after_slice() {
  if (phase_ != Phase::handling || suspended_)
    return;
  suspended_ = true;
  streak_ = 0;
  out_.turn(true);
  if (!body_.waiting())
    arm();
}

void ServerConnection::arm() {
  if (armed_)
    return;
  armed_ = true;
  stream_->wait_readable(*this);
}

// The stream is readable, or at its end.
void ServerConnection::wake() {
  armed_ = false;
  if (body_.waiting()) {
    body_.on_readable();
    if (phase_ != Phase::handling)
      return resume();
    if (!armed_ && phase_ == Phase::handling)
      arm();
    return;
  }
  if (phase_ != Phase::handling)
    return resume();
  if (stream_->peer_closed())
    return mark_gone();
  arm();
}

void ServerConnection::mark_gone() {
  if (gone_)
    return;
  gone_ = true;
  gone_signal_.notify();
}

void ServerConnection::body_pulled() {
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  if (!expects_continue_)
    return;
  // A handler that answers first and reads then: the client need not wait in vain if the answer's
  // head is still here.
  if (!responded_)
    out_.interim(kContinue);
  else if (!out_.interim_first(kContinue))
    return;
  expects_continue_ = false;
}

void ServerConnection::body_waits() {
  read_since_ = shared_.now;
  arm();
}

void ServerConnection::body_over() {
  expects_continue_ = false;
  if (body_.state() == BodySource::State::failed && body_.error().code() == Code::cancelled)
    mark_gone();
}

bool ServerConnection::may_hold(bool finished) const {
  return !suspended_ && (!finished || !in_.empty() || hold_answer_);
}

void ServerConnection::output_pending() {
  if (pending_ || (phase_ == Phase::handling && !suspended_))
    return; // after_slice() and read_head() see to it
  pending_ = true;
  if (shared_.pending.empty())
    shared_.schedule_turns();
  shared_.pending.push_back(this);
}

void ServerConnection::turn() {
  pending_ = false;
  if (phase_ == Phase::closed)
    return;
  out_.turn(phase_ == Phase::handling);
  if (phase_ != Phase::handling)
    resume();
}

void ServerConnection::send_held() {
  out_.turn(false);
  held_ = false;
}

void ServerConnection::output_moved() {
  write_since_ = shared_.now;
  if (held_)
    return; // it waits for its next head: nothing changes for it
  if (park_.parked() && !out_.blocked())
    resume();
}

void ServerConnection::output_broken() {
  broken_ = true;
  // A handler that breaks its own response off still has its client.
  if (phase_ == Phase::handling && out_.peer_failed())
    mark_gone();
}

bool ServerConnection::expired(Duration limit, Clock::time_point since) const {
  // `since` is up to one tick older than the event.
  return limit != Duration::zero() && shared_.now > since + limit + std::chrono::seconds(1);
}

void ServerConnection::tick() {
  const ServerLimits& limits = shared_.limits;
  if (phase_ == Phase::closed)
    return;
  if (out_.blocked() && expired(limits.write_stall, write_since_)) {
    out_.abort(Error{Code::timeout, "the client does not take its response"});
    return phase_ == Phase::handling ? mark_gone() : resume();
  }
  if (body_.waiting() && expired(limits.body_stall, read_since_)) {
    body_.fail(Error{Code::timeout, "the client does not send its body"});
    return phase_ == Phase::handling ? void() : resume();
  }
  switch (phase_) {
  case Phase::head:
    if (!expired(limits.head_read, since_))
      break;
    if (!in_.empty())
      refuse({408, "the request took too long to arrive"});
    stop_ = true;
    return resume();
  case Phase::idle:
    if (expired(limits.idle, since_)) {
      stop_ = true;
      return resume();
    }
    [[fallthrough]];
  case Phase::handling:
    // An end that came in one packet with the request makes no edge of its own: look once.
    if (!checked_half_close_ && shared_.now > since_) {
      checked_half_close_ = true;
      if (!stream_->peer_closed())
        return;
      if (phase_ == Phase::handling)
        return mark_gone();
      stop_ = true;
      resume();
    }
    break;
  case Phase::lingering:
    if (expired(limits.linger, since_)) {
      stop_ = true;
      resume();
    }
    break;
  default:
    break;
  }
}

void ServerConnection::drain() {
  if (phase_ == Phase::idle || (phase_ == Phase::head && in_.empty())) {
    stop_ = true;
    resume();
  }
}

void ServerConnection::abort(std::string_view why) {
  if (phase_ == Phase::closed)
    return;
  stop_ = true;
  if (body_.state() == BodySource::State::open)
    body_.fail(Error{Code::cancelled, std::string{why}});
  out_.abort(Error{Code::cancelled, std::string{why}});
  broken_ = true;
  if (phase_ == Phase::handling)
    return mark_gone();
  resume();
}

} // namespace nacre::http
