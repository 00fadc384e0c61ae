// SPDX-License-Identifier: Apache-2.0
#include "component/linked.h"
#include "component/store.h"
#include "engine/testing/wat.h"
#include "host/deadlines.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <optional>

namespace nacre::host {
namespace {

using namespace std::chrono_literals;

/// Guests that do nothing, and a clock in the test's hand.
class DeadlinesTest : public testing::Test {
protected:
  DeadlinesTest() : engine_(engine::Engine::create({.pooling = false}).value()) {
    auto component = component::Component::compile(*engine_, engine::wat("(component)"));
    linked_ = component::Linked::link(*engine_, std::move(*component), linker_).value();
    for (auto& store : stores_)
      store = std::make_unique<component::Store>(*linked_, loop_);
  }

  component::Store& store(std::size_t index) { return *stores_.at(index); }
  bool stopped(std::size_t index) { return !store(index).interrupted().empty(); }

  std::unique_ptr<engine::Engine> engine_;
  Loop loop_;
  component::Linker linker_;
  std::unique_ptr<component::Linked> linked_;
  std::array<std::unique_ptr<component::Store>, 3> stores_;
  Clock::time_point start_ = Clock::now();
  Deadlines deadlines_{10s};
};

TEST_F(DeadlinesTest, EndsAGuestWhenItsTimeIsOver) {
  const Deadlines::Entry entry{deadlines_, store(0), start_};
  deadlines_.tick(start_ + 9999ms);
  EXPECT_FALSE(entry.expired());
  EXPECT_FALSE(stopped(0));
  deadlines_.tick(start_ + 10s);
  EXPECT_TRUE(entry.expired());
  EXPECT_EQ(store(0).interrupted(), "the request took longer than 10 s");
  EXPECT_EQ(store(0).interrupted(), deadlines_.reason());
  EXPECT_TRUE(deadlines_.empty());
}

TEST_F(DeadlinesTest, EndsOnlyThoseWhoseTimeIsOver) {
  const Deadlines::Entry first{deadlines_, store(0), start_};
  const Deadlines::Entry second{deadlines_, store(1), start_ + 1s};
  const Deadlines::Entry third{deadlines_, store(2), start_ + 5s};
  deadlines_.tick(start_ + 12s);
  EXPECT_TRUE(first.expired());
  EXPECT_TRUE(second.expired());
  EXPECT_FALSE(third.expired());
  EXPECT_FALSE(stopped(2));
  deadlines_.tick(start_ + 15s);
  EXPECT_TRUE(third.expired());
}

TEST_F(DeadlinesTest, EndsAllAtOnce) {
  const Deadlines::Entry first{deadlines_, store(0), start_};
  const Deadlines::Entry second{deadlines_, store(1), start_ + 1s};
  deadlines_.end_all("the end");
  EXPECT_TRUE(first.expired() && second.expired());
  EXPECT_EQ(store(0).interrupted(), "the end");
  EXPECT_EQ(store(1).interrupted(), "the end");
  EXPECT_TRUE(deadlines_.empty());
}

TEST_F(DeadlinesTest, ForgetsGuestsThatEndedInAnyOrder) {
  std::optional<Deadlines::Entry> first;
  std::optional<Deadlines::Entry> second;
  std::optional<Deadlines::Entry> third;
  for (const std::size_t gone : {0U, 1U, 2U}) {
    first.emplace(deadlines_, store(0), start_);
    second.emplace(deadlines_, store(1), start_);
    third.emplace(deadlines_, store(2), start_);
    (gone == 0 ? first : gone == 1 ? second : third).reset();
    deadlines_.tick(start_ + 9s);
    EXPECT_FALSE(deadlines_.empty());
    first.reset();
    second.reset();
    third.reset();
    EXPECT_TRUE(deadlines_.empty()) << gone;
  }
  deadlines_.tick(start_ + 20s);
  EXPECT_FALSE(stopped(0) || stopped(1) || stopped(2));
}

} // namespace
} // namespace nacre::host
