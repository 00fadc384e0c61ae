// SPDX-License-Identifier: Apache-2.0
#include "host/deadlines.h"

#include "component/store.h"

#include <fmt/format.h>

namespace nacre::host {
namespace {

/// How late a deadline may be noticed.
constexpr std::chrono::milliseconds kTick{100};

} // namespace

Deadlines::Deadlines(Duration limit)
    : limit_(limit), reason_(fmt::format("the request took longer than {:g} s",
                                         std::chrono::duration<double>(limit).count())) {}

Deadlines::Entry::Entry(Deadlines& deadlines, component::Store& store, Clock::time_point now)
    : deadlines_(deadlines), store_(store), due_(now + deadlines.limit_),
      previous_(deadlines.last_) {
  (previous_ != nullptr ? previous_->next_ : deadlines.first_) = this;
  deadlines.last_ = this;
}

Deadlines::Entry::~Entry() {
  if (linked_)
    deadlines_.unlink(*this);
}

void Deadlines::unlink(Entry& entry) {
  (entry.previous_ != nullptr ? entry.previous_->next_ : first_) = entry.next_;
  (entry.next_ != nullptr ? entry.next_->previous_ : last_) = entry.previous_;
  entry.linked_ = false;
}

void Deadlines::tick(Clock::time_point now) {
  while (first_ != nullptr && first_->due_ <= now) {
    Entry& entry = *first_;
    unlink(entry);
    entry.expired_ = true;
    entry.store_.interrupt(reason_);
  }
}

void Deadlines::end_all(const std::string& reason) {
  while (first_ != nullptr) {
    Entry& entry = *first_;
    unlink(entry);
    entry.expired_ = true;
    entry.store_.interrupt(reason);
  }
}

Task<> Deadlines::run() {
  for (;;) {
    CO_TRY_OK(co_await sleep_for(kTick));
    tick(Clock::now());
  }
}

} // namespace nacre::host
