// SPDX-License-Identifier: Apache-2.0
// ServerConnection: one client of a Server: reads heads, runs the handler, keeps the connection's
// bounds.
#pragma once

#include "http/answer_batch.h"
#include "http/body_reader.h"
#include "http/head_parser.h"
#include "http/output.h"
#include "http/server.h"
#include "net/park.h"

#include <exception>
#include <memory>
#include <string>
#include <vector>

namespace nacre::http {

/// What the connections of one server share; lives as long as any of them.
struct ServerShared {
  ServerLimits limits;
  Handler handler;
  AccessHook access;
  BufferPool pool;
  /// As of the last tick: what timeouts count from, at no clock read per request.
  Clock::time_point now;
  std::string date;
  bool draining = false;
  std::size_t active = 0;
  /// Called once per loop turn for the connections in `pending`.
  std::function<void()> schedule_turns;
  std::vector<class ServerConnection*> pending;
  AnswerBatch batch;
};

/// Used again for connection after connection; never destroyed while its task runs.
class ServerConnection final : public Exchange,
                               private BodyReader::Owner,
                               private Output::Owner,
                               private Waiter {
public:
  explicit ServerConnection(ServerShared& shared);

  /// The connection's whole life; open() comes before it and shut() after it, however it ended.
  void open(std::unique_ptr<net::Stream> stream);
  Task<> run();
  void shut();

  /// Enforces the timeouts as of shared.now.
  void tick();
  /// Ends it if it is idle; otherwise its answer will say Connection: close.
  void drain();
  /// Resets it; a running handler sees gone().
  void abort(std::string_view why);
  /// The loop's turn: what was written since goes out.
  void turn();
  /// What an AnswerBatch held goes out; nothing else happens.
  void send_held();

  const RequestHead& request() const override { return request_; }
  BodySource& body() override { return body_; }
  Result<BodySink*> respond(const ResponseHead& head) override;
  bool responded() const override { return responded_; }
  Signal& gone() override { return gone_signal_; }
  bool is_gone() const override { return gone_; }
  const net::Address& peer() const override { return stream_->peer(); }

private:
  enum class Phase : std::uint8_t { closed, head, idle, handling, ending, lingering };
  enum class Next : std::uint8_t { ready, wait, close };

  // Reading heads.
  Next read_head();
  Next take_head();
  Next refuse(const HeadProblem& problem);
  void start_exchange();

  // Ending exchanges.
  void end_exchange(const Result<>& result, bool bug);
  void answer_failure();
  bool may_go_on() const;
  Task<> finish_exchange();
  Task<> linger();
  void record(std::uint16_t status);

  void resume();
  void after_slice();
  void arm();
  void mark_gone();
  void enter(Phase phase);
  bool expired(Duration limit, Clock::time_point since) const;

  void wake() override;
  void body_pulled() override;
  void body_waits() override;
  void body_over() override;
  bool may_hold(bool finished) const override;
  void output_pending() override;
  void output_moved() override;
  void output_broken() override;

  ServerShared& shared_;
  HeadLimits head_limits_;
  std::unique_ptr<net::Stream> stream_;
  Buffer in_;
  HeadScanner scanner_;
  RequestHead request_;
  HeadFraming framing_;
  BodyReader body_;
  Output out_;
  net::Park park_;
  Signal gone_signal_;

  Phase phase_ = Phase::closed;
  Clock::time_point since_;
  Clock::time_point read_since_;
  Clock::time_point write_since_;
  Clock::time_point started_;
  std::uint64_t requests_ = 0;
  std::uint16_t status_ = 0;
  unsigned streak_ = 0;    // requests since the loop last had its turn
  bool armed_ = false;     // waiting for the stream to become readable
  bool own_stack_ = false; // running below resume()
  bool suspended_ = false; // the handler has let the loop go on once
  bool responded_ = false;
  bool gone_ = false;
  bool broken_ = false; // no byte may follow: reset
  bool stop_ = false;   // end as soon as the task looks
  bool close_ = false;  // after this exchange
  bool expects_continue_ = false;
  bool pending_ = false;     // in shared_.pending
  bool held_ = false;        // in shared_.batch
  bool hold_answer_ = false; // the answer may wait for those of other connections
  bool checked_half_close_ = false;
};

} // namespace nacre::http
