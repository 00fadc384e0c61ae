// SPDX-License-Identifier: Apache-2.0
// Deadlines: ends guests whose time is over; one coarse timer per loop instead of one per request.
#pragma once

#include "loop/loop.h"

#include <string>

namespace nacre::component {
class Store;
} // namespace nacre::component

namespace nacre::host {

/// All requests of a worker have the same limit, so the list is in order of their ends without
/// sorting.
class Deadlines {
public:
  explicit Deadlines(Duration limit);

  /// One guest's place in the list, from its start to its end.
  class Entry {
  public:
    Entry(Deadlines& deadlines, component::Store& store, Clock::time_point now);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    bool expired() const { return expired_; }

  private:
    friend class Deadlines;
    Deadlines& deadlines_;
    component::Store& store_;
    Clock::time_point due_;
    Entry* next_ = nullptr;
    Entry* previous_ = nullptr;
    bool linked_ = true;
    bool expired_ = false;
  };

  /// Interrupts every guest whose end has come.
  void tick(Clock::time_point now);
  /// Interrupts every guest.
  void end_all(const std::string& reason);
  /// Ticks for ever; runs in the worker's scope.
  Task<> run();
  /// What the guests that it ends are told.
  const std::string& reason() const { return reason_; }
  bool empty() const { return first_ == nullptr; }

private:
  void unlink(Entry& entry);

  Duration limit_;
  std::string reason_;
  Entry* first_ = nullptr;
  Entry* last_ = nullptr;
};

} // namespace nacre::host
