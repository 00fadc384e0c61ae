// SPDX-License-Identifier: Apache-2.0
// Limits that a user sets: time, memory, how many at once; and clients that go away.
#include "e2e/nacre.h"

#include <gmock/gmock.h>

namespace nacre::e2e {
namespace {

using ::testing::HasSubstr;

/// Longer than any test.
constexpr const char* kForEver = "/sleep?ms=3600000";

TEST(Limits, ARequestThatTakesTooLongIsStopped) {
  Served traps{guest("traps"), {"--timeout", "100ms"}};
  const Response answer = traps.get(kForEver);
  EXPECT_EQ(answer.status, 504);
  EXPECT_EQ(answer.body, "504 Gateway Timeout\n");
  EXPECT_EQ(traps.metric("nacre_guest_timeouts_total"), 1);
  EXPECT_EQ(traps.get("/fine").status, 200);
  EXPECT_TRUE(traps.process().says("the request took longer than 0.1 s"));
}

TEST(Limits, ASpinningGuestIsStoppedAtItsDeadlineToo) {
  Served traps{guest("traps"), {"--timeout", "100ms", "--cpu-budget", "1h"}};
  EXPECT_EQ(traps.get("/loop").status, 504);
  EXPECT_TRUE(traps.process().says("the request took longer than 0.1 s"));
}

TEST(Limits, MemoryIsWhatWasGranted) {
  const Served compute{guest("compute"), {"--max-memory", "16MiB"}};
  EXPECT_EQ(post(compute.port(), "/", std::string(1 << 20, 'x')).status, 200);
  EXPECT_EQ(post(compute.port(), "/", std::string(32 << 20, 'x')).status, 500);
  EXPECT_EQ(post(compute.port(), "/", "small").status, 200);
}

TEST(Limits, TooLittleMemoryToStartIsToldAtTheStart) {
  const Ran ran =
      nacre({"serve", guest("traps"), "--addr", "127.0.0.1:0", "--max-memory", "64KiB"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.errors, HasSubstr("making an instance with at most 64 KiB of memory: "));
}

TEST(Limits, BeyondTheQueueIs503) {
  Served traps{guest("traps"),
               {"--loops", "1", "--max-concurrency", "1", "--max-queue", "1", "--timeout", "1h"}};
  Wire first{traps.port()};
  first.send_head("GET", kForEver);
  ASSERT_TRUE(traps.reaches("nacre_guests_active", 1));
  Wire second{traps.port()};
  second.send_head("GET", "/fine");
  ASSERT_TRUE(traps.reaches("nacre_requests_queued", 1));

  const Response refused = traps.get("/fine");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.field("retry-after"), "1");
  EXPECT_EQ(refused.body, "503 Service Unavailable\n");
  EXPECT_EQ(traps.metric("nacre_requests_rejected_total"), 1);

  first.close(); // its guest ends, and the one that waited has its turn
  EXPECT_EQ(second.read().body, "fine\n");
  EXPECT_EQ(traps.metric("nacre_guest_cancelled_total"), 1);
  EXPECT_TRUE(traps.reaches("nacre_requests_queued", 0));
}

TEST(Limits, ABodyBeyondTheLimitIs413) {
  const Served echo{guest("echo_copy"), {"--max-body", "1k"}};
  EXPECT_EQ(post(echo.port(), "/", std::string(1024, 'x')).status, 200);
  EXPECT_EQ(post(echo.port(), "/", std::string(1025, 'x')).status, 413);
}

TEST(ClientGone, WhileTheGuestWaits) {
  Served traps{guest("traps"), {"--timeout", "1h"}};
  Wire wire{traps.port()};
  wire.send_head("GET", kForEver);
  ASSERT_TRUE(traps.reaches("nacre_guests_active", 1));
  wire.close();
  EXPECT_TRUE(traps.reaches("nacre_guest_cancelled_total", 1));
  EXPECT_TRUE(traps.reaches("nacre_guests_active", 0));
  EXPECT_EQ(traps.stop(), 0);
  EXPECT_THAT(traps.process().errors(), ::testing::Not(HasSubstr("warn")));
}

TEST(ClientGone, InTheMiddleOfItsBody) {
  for (const char* name : {"echo", "echo_copy"}) {
    Served echo{guest(name), {"--timeout", "1h"}};
    Wire wire{echo.port()};
    wire.send_head("POST", "/", {{"content-length", "1000"}});
    wire.send("half of it");
    EXPECT_EQ(wire.read_head().status, 200) << name;
    wire.close();
    EXPECT_TRUE(echo.reaches("nacre_guest_cancelled_total", 1)) << name;
    EXPECT_TRUE(echo.reaches("nacre_guests_active", 0)) << name;
    EXPECT_EQ(echo.metric("nacre_bugs_total"), 0) << name;
  }
}

} // namespace
} // namespace nacre::e2e
