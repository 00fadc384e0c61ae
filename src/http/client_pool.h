// SPDX-License-Identifier: Apache-2.0
// ClientPool: the open connections of one client: counts them all, keeps idle ones per authority.
#pragma once

#include "http/alarm.h"
#include "http/client.h"
#include "net/stream.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace nacre::http {

class ClientPool final : private Waiter {
public:
  ClientPool(Loop& loop, const ClientSettings& settings);

  /// An idle connection that still stands; null if there is none. `key` is scheme and authority.
  std::unique_ptr<net::Stream> take(const std::string& key);
  /// Keeps it for the next one, or closes it.
  void give(const std::string& key, std::unique_ptr<net::Stream> stream);
  /// Counts a connection that is about to be made; makes room by closing an idle one. False when
  /// all are in use.
  bool reserve();
  /// One that was counted is gone.
  void closed() { --open_; }

  void clear();
  std::size_t idle() const { return idle_count_; }
  std::size_t open() const { return open_; }

private:
  struct Idle {
    std::unique_ptr<net::Stream> stream;
    Clock::time_point since;
  };
  void wake() override;
  void drop_oldest();

  const ClientSettings& settings_;
  std::map<std::string, std::vector<Idle>> idle_; // oldest first
  std::size_t idle_count_ = 0;
  std::size_t open_ = 0;
  Alarm alarm_;
};

} // namespace nacre::http
