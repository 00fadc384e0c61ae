// SPDX-License-Identifier: Apache-2.0
#include "http/client.h"

#include "http/client_call.h"

#include <array>
#include <utility>

namespace nacre::http {
namespace {

Task<const ResponseHead*> wait_for_head(std::shared_ptr<ClientCall> call) {
  while (call->head() == nullptr && call->failure() == Failure::none)
    CO_TRY_OK(co_await call->head_signal().wait());
  if (call->head() == nullptr)
    co_return call->error();
  co_return call->head();
}

class Handle final : public ClientExchange {
public:
  explicit Handle(std::shared_ptr<ClientCall> call) : call_(std::move(call)) {}
  ~Handle() override { call_->abandon(); }

  BodySink& body() override { return call_->out(); }
  Task<const ResponseHead*> response() override { return wait_for_head(call_); }
  const ResponseHead* response_now() const override { return call_->head(); }
  Signal& response_signal() override { return call_->head_signal(); }
  BodySource& response_body() override { return call_->body(); }
  Failure failure() const override { return call_->failure(); }
  const Error& error() const override { return call_->error(); }

private:
  std::shared_ptr<ClientCall> call_;
};

constexpr std::array<std::string_view, 18> kFailures{"none",
                                                     "bad request",
                                                     "denied",
                                                     "DNS failed",
                                                     "DNS timeout",
                                                     "refused",
                                                     "unreachable",
                                                     "connect timeout",
                                                     "TLS certificate",
                                                     "TLS failed",
                                                     "first-byte timeout",
                                                     "between-bytes timeout",
                                                     "connection closed",
                                                     "response incomplete",
                                                     "head too large",
                                                     "protocol",
                                                     "pool exhausted",
                                                     "body mismatch"};

} // namespace

std::string_view to_string(Failure failure) {
  const auto index = static_cast<std::size_t>(failure);
  return index < kFailures.size() ? kFailures[index] : "cancelled";
}

Client::Client(Loop& loop, ClientSettings settings)
    : state_(std::make_shared<State>(loop, std::move(settings))) {}

namespace {

void stop(Client::State& state) {
  state.closed = true;
  state.pool.clear();
  // A call may take itself, and others, off the list when it hears of it.
  const auto calls = std::exchange(state.calls, {});
  std::vector<std::shared_ptr<ClientCall>> kept;
  for (ClientCall* call : calls) {
    if (auto self = call->weak_from_this().lock())
      kept.push_back(std::move(self));
  }
  for (const auto& call : kept)
    call->fail(Failure::cancelled, {Code::cancelled, "the client is closing"});
}

} // namespace

Client::~Client() {
  stop(*state_);
  state_->scope.cancel();
}

std::unique_ptr<ClientExchange> Client::request(const RequestHead& head, Timeouts timeouts) {
  auto call = std::make_shared<ClientCall>(state_, timeouts);
  call->begin(head);
  if (state_->closed)
    call->fail(Failure::cancelled, {Code::cancelled, "the client is closed"});
  if (call->failure() == Failure::none)
    state_->scope.spawn("http request", ClientCall::run(call));
  return std::make_unique<Handle>(std::move(call));
}

Task<> Client::close() {
  const auto state = state_;
  stop(*state);
  co_return co_await state->scope.close();
}

std::size_t Client::idle_connections() const {
  return state_->pool.idle();
}
std::size_t Client::open_connections() const {
  return state_->pool.open();
}

} // namespace nacre::http
