// SPDX-License-Identifier: Apache-2.0
#include "http/client_pool.h"

namespace nacre::http {

ClientPool::ClientPool(Loop& loop, const ClientSettings& settings)
    : settings_(settings), alarm_(loop, *this) {}

std::unique_ptr<net::Stream> ClientPool::take(const std::string& key) {
  const auto found = idle_.find(key);
  if (found == idle_.end())
    return nullptr;
  // The youngest is the likeliest to stand. Peers close idle connections as they like; and one that
  // spoke unasked must not be used: its words would pass for the next request's answer.
  auto& list = found->second;
  std::unique_ptr<net::Stream> out;
  while (!list.empty() && out == nullptr) {
    out = std::move(list.back().stream);
    list.pop_back();
    --idle_count_;
    std::byte probe{};
    if (out->read({&probe, 1}).state != net::Transfer::State::would_block) {
      out.reset();
      --open_;
    }
  }
  if (list.empty())
    idle_.erase(found);
  return out;
}

void ClientPool::give(const std::string& key, std::unique_ptr<net::Stream> stream) {
  auto& list = idle_[key];
  if (list.size() >= settings_.idle_per_authority) {
    --open_;
    if (list.empty())
      idle_.erase(key);
    return;
  }
  list.push_back({std::move(stream), Clock::now()});
  if (++idle_count_ == 1)
    alarm_.set(settings_.idle);
}

bool ClientPool::reserve() {
  if (open_ >= settings_.connections && idle_count_ > 0)
    drop_oldest();
  if (open_ >= settings_.connections)
    return false;
  ++open_;
  return true;
}

void ClientPool::drop_oldest() {
  auto oldest = idle_.begin();
  for (auto at = idle_.begin(); at != idle_.end(); ++at) {
    if (at->second.front().since < oldest->second.front().since)
      oldest = at;
  }
  oldest->second.erase(oldest->second.begin());
  if (oldest->second.empty())
    idle_.erase(oldest);
  --idle_count_;
  --open_;
}

// Some connection has been idle for long enough.
void ClientPool::wake() {
  const auto now = Clock::now();
  Clock::time_point next = Clock::time_point::max();
  for (auto at = idle_.begin(); at != idle_.end();) {
    const auto dropped = std::erase_if(
        at->second, [&](const Idle& idle) { return now - idle.since >= settings_.idle; });
    idle_count_ -= dropped;
    open_ -= dropped;
    if (!at->second.empty())
      next = std::min(next, at->second.front().since + settings_.idle);
    at = at->second.empty() ? idle_.erase(at) : std::next(at);
  }
  if (idle_count_ > 0)
    alarm_.set(std::max(next - now, Duration{1}));
}

void ClientPool::clear() {
  open_ -= idle_count_;
  idle_count_ = 0;
  idle_.clear();
}

} // namespace nacre::http
