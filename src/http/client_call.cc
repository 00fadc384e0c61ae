// SPDX-License-Identifier: Apache-2.0
#include "http/client_call.h"

#include "http/chars.h"
#include "http/head_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace nacre::http {
namespace {

constexpr unsigned kMostInterim = 32;
constexpr std::size_t kHeadRead = 4096;

bool carries_a_body(Method method) {
  return method == Method::post || method == Method::put || method == Method::patch ||
         method == Method::other;
}

bool may_repeat(Method method) {
  return method == Method::get || method == Method::head || method == Method::options ||
         method == Method::put || method == Method::delete_;
}

/// What a step that took too long is called.
Failure timeout_of(const net::DialReport& report) {
  return report.step == net::DialReport::Step::lookup ? Failure::dns_timeout
                                                      : Failure::connect_timeout;
}

Failure failure_of(const net::DialReport& report) {
  switch (report.failure) {
  case net::DialFailure::lookup:
    return Failure::dns_failed;
  case net::DialFailure::refused:
    return Failure::refused;
  case net::DialFailure::certificate:
    return Failure::tls_certificate;
  case net::DialFailure::handshake:
    return Failure::tls_failed;
  default:
    return report.step == net::DialReport::Step::tls ? Failure::tls_failed : Failure::unreachable;
  }
}

} // namespace

ClientCall::ClientCall(std::shared_ptr<Client::State> client, Timeouts timeouts)
    : client_(std::move(client)), timeouts_(timeouts),
      limits_{client_->settings.header_count, client_->settings.head_bytes,
              client_->settings.head_bytes},
      in_(client_->buffers), out_(*this, client_->buffers, client_->settings.output_bytes),
      body_(*this, client_->buffers), alarm_(client_->loop, bell_) {
  client_->calls.insert(this);
}

ClientCall::~ClientCall() {
  client_->calls.erase(this);
  drop_stream();
}

// ---- The request

void ClientCall::begin(const RequestHead& head) {
  auto taken = take_head(head);
  write_head();
  if (!taken.has_value()) {
    const auto why = taken.error().code() == Code::denied ? Failure::denied : Failure::bad_request;
    fail(why, std::move(taken.error()));
  }
}

Result<> ClientCall::take_head(const RequestHead& head) {
  const auto method = head.method == Method::other ? head.method_text : to_string(head.method);
  method_ = head.method == Method::other ? parse_method(method) : head.method;
  if (!valid_name(method) || method_ == Method::connect)
    return Error{Code::invalid, "the method cannot be sent"};
  tls_ = head.scheme == "https";
  if (!tls_ && head.scheme != "http")
    return Error{Code::invalid, fmt::format("scheme '{}' is not served", head.scheme)};
  TRY(to_, net::parse_authority(head.authority, tls_ ? 443 : 80).context("reading the authority"));
  const std::string_view path = head.path.empty() ? "/" : head.path;
  const bool good_path = path.front() == '/' || (path == "*" && method_ == Method::options);
  if (!good_path || !std::ranges::all_of(path, [](char c) { return of_byte(kTargetByte, c); }))
    return Error{Code::invalid, "the path cannot be sent"};
  TRY(const auto demands, check_fields(head.fields));
  if (!client_->settings.allow.allows(head.scheme, to_.host, to_.port))
    return Error{Code::denied, fmt::format("{}://{} is not on the list of allowed hosts",
                                           head.scheme, net::to_string(to_))};

  key_ = fmt::format("{}://{}", head.scheme, net::to_string(to_));
  text_ = fmt::format("{} {} HTTP/1.1\r\nhost: {}\r\n", method, path, head.authority);
  text_.reserve(text_.size() + demands.bytes);
  for (const Field& line : head.fields.lines()) {
    if (is_connection_field(line.name) || same_text(line.name, "host"))
      continue;
    text_.append(line.name).append(": ").append(line.value).append("\r\n");
  }
  shape_.length = demands.length;
  shape_.silent_when_empty = !carries_a_body(method_);
  return {};
}

void ClientCall::write_head() {
  out_.begin(text_.size()).append(text_);
  out_.head(shape_);
  output_pending();
}

// ---- Connecting

Task<> ClientCall::run(std::shared_ptr<ClientCall> self) {
  ClientCall& call = *self;
  do {
    CO_TRY_OK(co_await call.connect());
    if (call.failure_ == Failure::none)
      CO_TRY_OK(co_await call.read_head());
  } while (call.retry());
  co_return Result<>{};
}

Task<> ClientCall::connect() {
  reused_ = false;
  if (auto idle = client_->pool.take(key_)) {
    reused_ = true;
    use(std::move(idle));
    co_return Result<>{};
  }
  if (!client_->pool.reserve()) {
    fail(Failure::pool_exhausted, {Code::exhausted, "too many connections are open"});
    co_return Result<>{};
  }
  net::DialReport report;
  Task<> dialing = dial(&report);
  Result<> dialed;
  if (timeouts_.connect == Duration::zero())
    dialed = co_await std::move(dialing);
  else
    dialed = co_await within(timeouts_.connect, "connecting", std::move(dialing));
  if (dialed.has_value())
    co_return Result<>{};
  client_->pool.closed();
  if (dialed.error().code() == Code::cancelled)
    fail(Failure::cancelled, std::move(dialed.error()));
  else if (dialed.error().code() == Code::timeout)
    fail(timeout_of(report), std::move(dialed.error()));
  else
    fail(failure_of(report), std::move(dialed.error()));
  co_return Result<>{};
}

namespace {

Task<std::shared_ptr<const net::TlsContext>> tls_context(std::shared_ptr<Client::State> client) {
  if (!client->tls) {
    net::TlsSettings settings{client->settings.extra_roots, client->settings.system_roots};
    CO_TRY(client->tls, co_await net::make_tls_context(std::move(settings)));
  }
  co_return client->tls;
}

} // namespace

Task<> ClientCall::dial(net::DialReport* report) {
  const auto self = shared_from_this();
  net::Address to = to_;
  CO_TRY(auto stream, co_await net::dial(&client_->loop, std::move(to), report));
  if (tls_) {
    report->step = net::DialReport::Step::tls;
    CO_TRY(auto context, co_await tls_context(client_));
    std::string host = to_.host;
    CO_TRY(stream,
           co_await net::start_tls(std::move(stream), std::move(context), std::move(host), report));
  }
  use(std::move(stream));
  co_return Result<>{};
}

void ClientCall::use(std::unique_ptr<net::Stream> stream) {
  if (abandoned_ || client_->closed || failure_ != Failure::none) {
    if (client_->closed)
      client_->pool.closed();
    else
      client_->pool.give(key_, std::move(stream));
    return;
  }
  stream_ = std::move(stream);
  armed_ = false;
  out_.attach(stream_.get());
  alarm_.set(timeouts_.first_byte);
  if (turned_)
    out_.turn(true);
}

void ClientCall::drop_stream() {
  if (!stream_)
    return;
  alarm_.clear();
  out_.attach(nullptr);
  stream_.reset();
  client_->pool.closed();
}

// A kept connection may die just as we use it; a request without a body that does no harm twice is
// repeated on another one.
bool ClientCall::can_repeat() const {
  return reused_ && !got_bytes_ && may_repeat(method_) && out_.bytes() == 0 && out_.finished();
}

bool ClientCall::retry() {
  if (!std::exchange(repeat_, false) || failure_ != Failure::none)
    return false;
  in_.release();
  scanner_.reset();
  out_.reset();
  turned_ = false;
  write_head();
  static_cast<void>(out_.finish(nullptr));
  turned_ = true;
  return true;
}

// ---- The response's head

Task<> ClientCall::read_head() {
  for (;;) {
    if (failure_ != Failure::none || !stream_)
      co_return Result<>{};
    switch (read_step()) {
    case Step::again:
      continue;
    case Step::done:
      co_return Result<>{};
    case Step::wait:
      arm();
      CO_TRY_OK(co_await park_.wait());
      break;
    }
  }
}

ClientCall::Step ClientCall::read_step() {
  if (!in_.empty()) {
    if (!in_.text().starts_with(std::string_view{"HTTP/"}.substr(0, in_.size()))) {
      fail(Failure::protocol, {Code::invalid, "the peer does not speak HTTP/1.x"});
      return Step::done;
    }
    switch (scanner_.scan(in_.text(), limits_)) {
    case HeadScanner::State::complete:
      take_response();
      return failure_ != Failure::none || has_head_ ? Step::done : Step::again;
    case HeadScanner::State::bad: {
      const auto& problem = scanner_.problem();
      fail(problem.status == 431 ? Failure::head_too_large : Failure::protocol,
           {Code::invalid, fmt::format("the response is malformed: {}", problem.what)});
      return Step::done;
    }
    case HeadScanner::State::more:
      break;
    }
  }
  if (!stream_->may_read())
    return Step::wait;
  in_.reserve(kHeadRead);
  const auto moved = stream_->read(in_.writable());
  switch (moved.state) {
  case net::Transfer::State::ok:
    got_bytes_ = true;
    in_.commit(moved.bytes);
    return Step::again;
  case net::Transfer::State::would_block:
    return Step::wait;
  default:
    if (can_repeat()) {
      repeat_ = true;
      drop_stream();
      return Step::done;
    }
    fail(Failure::connection_closed,
         {Code::unavailable, "the peer closed the connection before it answered"});
    return Step::done;
  }
}

void ClientCall::take_response() {
  char* const start = reinterpret_cast<char*>(in_.data()) + in_.begin();
  const auto problem = parse_response_head({start, scanner_.size()}, limits_, head_, framing_);
  if (problem) {
    return fail(problem.status == 431 ? Failure::head_too_large : Failure::protocol,
                {Code::invalid, fmt::format("the response is malformed: {}", problem.what)});
  }
  in_.consume(scanner_.size());
  scanner_.reset();
  if (head_.status < 200) {
    if (head_.status == 101 || ++interim_ > kMostInterim)
      fail(Failure::protocol, {Code::invalid, "an interim response that nobody asked for"});
    return;
  }
  BodyShape shape;
  if (method_ == Method::head || head_.status == 204 || head_.status == 304)
    shape.kind = BodyKind::none;
  else if (framing_.chunked)
    shape.kind = BodyKind::chunked;
  else if (framing_.length)
    shape.kind = BodyKind::length;
  else
    shape.kind = BodyKind::until_close;
  shape.length = framing_.length.value_or(0);
  shape.chunks.trailer_count = limits_.header_count;
  has_head_ = true;
  body_.begin(shape, in_, *stream_);
  watch_time();
  const auto self = shared_from_this();
  head_signal_.notify();
  release_if_done();
}

// ---- The rest

void ClientCall::release_if_done() {
  if (!stream_ || !has_head_ || body_.state() != BodySource::State::ended || !out_.finished() ||
      !out_.idle() || out_.failed())
    return;
  alarm_.clear();
  out_.attach(nullptr);
  const bool keep = framing_.keep_alive && body_.kind() != BodyKind::until_close &&
                    !body_.has_leftover() && !client_->closed && !armed_;
  if (keep)
    client_->pool.give(key_, std::move(stream_));
  else
    drop_stream();
}

void ClientCall::fail(Failure failure, Error error) {
  if (failure_ != Failure::none || abandoned_)
    return;
  const auto self = weak_from_this().lock();
  failure_ = failure;
  error_ = error;
  if (stream_)
    stream_->reset_on_close();
  drop_stream();
  if (body_.state() == BodySource::State::open)
    body_.fail(error);
  if (!out_.finished() && !out_.failed())
    out_.abort(error);
  park_.wake();
  head_signal_.notify();
}

void ClientCall::abandon() {
  if (abandoned_)
    return;
  const auto self = shared_from_this();
  abandoned_ = true;
  if (failure_ == Failure::none)
    failure_ = Failure::cancelled;
  if (stream_)
    stream_->reset_on_close();
  drop_stream();
  park_.wake();
}

void ClientCall::watch_time() {
  if (!has_head_)
    return;
  if (body_.waiting() || out_.blocked())
    alarm_.set(timeouts_.between_bytes);
  else
    alarm_.clear();
}

void ClientCall::on_alarm() {
  if (!has_head_)
    return fail(Failure::first_byte_timeout, {Code::timeout, "the response took too long"});
  fail(Failure::between_bytes_timeout, {Code::timeout, "the connection stalled for too long"});
}

void ClientCall::arm() {
  if (armed_)
    return;
  armed_ = true;
  stream_->wait_readable(*this);
}

void ClientCall::wake() {
  const auto self = shared_from_this();
  armed_ = false;
  if (!has_head_)
    return park_.wake();
  body_.on_readable();
  watch_time();
}

void ClientCall::body_waits() {
  arm();
  watch_time();
}

void ClientCall::body_over() {
  if (body_.state() == BodySource::State::ended)
    return release_if_done();
  if (failure_ != Failure::none)
    return;
  const auto& why = body_.error();
  failure_ = why.code() == Code::cancelled ? Failure::response_incomplete : Failure::protocol;
  error_ = why;
  drop_stream();
}

void ClientCall::output_pending() {
  if (turn_posted_)
    return;
  turn_posted_ = true;
  client_->loop.post([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self)
      return;
    self->turn_posted_ = false;
    self->turned_ = true;
    // Until the connection stands there is time to learn the length.
    if (self->stream_)
      self->out_.turn(true);
  });
}

void ClientCall::output_moved() {
  watch_time();
  release_if_done();
}

void ClientCall::output_broken() {
  // The peer may have answered before it stopped listening: its answer is what counts.
  if (!out_.peer_failed())
    fail(Failure::body_mismatch, out_.error());
}

} // namespace nacre::http
