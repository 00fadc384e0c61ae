// SPDX-License-Identifier: Apache-2.0
// ClientCall: one request of a Client, from the allow-list to the end of the response body.
#pragma once

#include "base/ensure.h"
#include "http/alarm.h"
#include "http/body_reader.h"
#include "http/client.h"
#include "http/client_pool.h"
#include "http/head_parser.h"
#include "http/output.h"
#include "loop/scope.h"
#include "net/dial.h"
#include "net/park.h"

#include <memory>
#include <set>
#include <string>

namespace nacre::http {

class ClientCall;

struct Client::State : std::enable_shared_from_this<Client::State> {
  State(Loop& l, ClientSettings s) : loop(l), settings(std::move(s)), pool(l, settings), scope(l) {}

  Loop& loop;
  ClientSettings settings;
  BufferPool buffers;
  ClientPool pool;
  std::shared_ptr<const net::TlsContext> tls;
  std::set<ClientCall*> calls;
  bool closed = false;
  Scope scope;
};

/// Shared by the caller's ClientExchange and the task that connects and reads the head.
class ClientCall final : public std::enable_shared_from_this<ClientCall>,
                         private BodyReader::Owner,
                         private Output::Owner,
                         private Waiter {
public:
  ClientCall(std::shared_ptr<Client::State> client, Timeouts timeouts);
  ~ClientCall() override;

  /// Checks and takes the head; what is wrong shows in failure().
  void begin(const RequestHead& head);
  static Task<> run(std::shared_ptr<ClientCall> self);
  /// The caller has lost interest.
  void abandon();
  void fail(Failure failure, Error error);

  Output& out() { return out_; }
  BodyReader& body() { return body_; }
  const ResponseHead* head() const { return has_head_ ? &head_ : nullptr; }
  Signal& head_signal() { return head_signal_; }
  Failure failure() const { return failure_; }
  const Error& error() const {
    ENSURE(error_, "a call that failed says why");
    return *error_;
  }

private:
  Result<> take_head(const RequestHead& head);
  void write_head();
  Task<> connect();
  Task<> dial(net::DialReport* report);
  Task<> read_head();
  enum class Step : std::uint8_t { again, wait, done };
  Step read_step();
  void take_response();
  bool can_repeat() const;
  bool retry();
  void use(std::unique_ptr<net::Stream> stream);
  void drop_stream();
  void release_if_done();
  void watch_time();
  void arm();

  void wake() override;
  void on_alarm();
  void body_pulled() override {}
  void body_waits() override;
  void body_over() override;
  bool may_hold(bool) const override { return !turned_; }
  void output_pending() override;
  void output_moved() override;
  void output_broken() override;

  struct AlarmBell final : Waiter {
    explicit AlarmBell(ClientCall& owner) : call(owner) {}
    void wake() override { call.on_alarm(); }
    ClientCall& call;
  };

  std::shared_ptr<Client::State> client_;
  Timeouts timeouts_;
  HeadLimits limits_;
  // The request.
  std::string text_; // the head without framing
  std::string key_;
  net::Address to_;
  bool tls_ = false;
  Method method_ = Method::get;
  OutputShape shape_;
  // The connection.
  std::unique_ptr<net::Stream> stream_;
  Buffer in_;
  Output out_;
  BodyReader body_;
  net::Park park_;
  // The response.
  HeadScanner scanner_;
  ResponseHead head_;
  HeadFraming framing_;
  Signal head_signal_;
  AlarmBell bell_{*this};
  Alarm alarm_;

  Failure failure_ = Failure::none;
  std::optional<Error> error_;
  unsigned interim_ = 0;
  bool has_head_ = false;
  bool reused_ = false;
  bool got_bytes_ = false;
  bool turned_ = false;
  bool turn_posted_ = false;
  bool armed_ = false;
  bool abandoned_ = false;
  bool repeat_ = false;
};

} // namespace nacre::http
