// SPDX-License-Identifier: Apache-2.0
#include "streams/background.h"

#include <gtest/gtest.h>

namespace nacre::streams {
namespace {

Task<> wait_then_set(Signal* signal, bool* done) {
  CO_TRY_OK(co_await signal->wait());
  *done = true;
  co_return Result<>{};
}

TEST(Background, CloseWaitsForWhatIsUnderWay) {
  Loop loop;
  Background background{loop};
  Signal signal;
  bool done = false;
  background.run("writing", wait_then_set(&signal, &done));
  loop.poll();
  loop.post([&] { signal.notify(); });
  EXPECT_TRUE(loop.block_on(background.close(std::chrono::hours{1})).has_value());
  EXPECT_TRUE(done);
}

TEST(Background, CloseCancelsWhatTakesTooLong) {
  Loop loop;
  Background background{loop};
  Signal signal;
  bool done = false;
  background.run("stuck", wait_then_set(&signal, &done));
  loop.poll();
  EXPECT_TRUE(loop.block_on(background.close(std::chrono::milliseconds{1})).has_value());
  EXPECT_FALSE(done);
  EXPECT_FALSE(signal.has_waiters());
}

TEST(Background, CloseOfAnIdleOneIsAtOnce) {
  Loop loop;
  Background background{loop};
  EXPECT_TRUE(loop.block_on(background.close(std::chrono::hours{1})).has_value());
}

} // namespace
} // namespace nacre::streams
