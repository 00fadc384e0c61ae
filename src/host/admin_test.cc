// SPDX-License-Identifier: Apache-2.0
#include "host/admin.h"
#include "http/testing/fake_exchange.h"

#include <array>
#include <gmock/gmock.h>

namespace nacre::host {
namespace {

using ::testing::HasSubstr;

class AdminTest : public testing::Test {
protected:
  struct Answer {
    int status = 0;
    std::string text;
    std::string type;
  };

  Answer ask(std::string_view path) {
    http::testing::FakeExchange exchange;
    exchange.head.path = path;
    EXPECT_TRUE(loop_.block_on(admin_.handle(exchange)).has_value());
    return {exchange.status, exchange.sink.text(),
            std::string(exchange.fields.find("content-type").value_or(""))};
  }

  Loop loop_;
  std::array<Counters, 2> counters_;
  Admin admin_{{&counters_[0], &counters_[1]}};
};

TEST_F(AdminTest, IsHealthyAsLongAsItAnswers) {
  admin_.set_ready(false);
  EXPECT_EQ(ask("/-/healthz").status, 200);
  EXPECT_EQ(ask("/-/healthz?probe=1").text, "ok\n");
}

TEST_F(AdminTest, IsReadyUntilItDrains) {
  EXPECT_EQ(ask("/-/readyz").status, 200);
  EXPECT_EQ(ask("/-/readyz").text, "ready\n");
  admin_.set_ready(false);
  EXPECT_EQ(ask("/-/readyz").status, 503);
  EXPECT_EQ(ask("/-/readyz").text, "draining\n");
}

TEST_F(AdminTest, ElsewhereSaysWhatThereIs) {
  const Answer answer = ask("/");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.text, "here are /-/healthz, /-/readyz and /metrics\n");
}

TEST_F(AdminTest, MetricsAddUpTheLoops) {
  counters_[0].responses.at(2).add(3);
  counters_[1].responses.at(2).add(4);
  counters_[0].responses.at(0).add();
  counters_[1].active.add(2);
  counters_[1].active.subtract();
  counters_[0].instances.add(7);
  counters_[0].cpu_stops.add();
  counters_[1].cancelled.add(5);
  const Answer answer = ask("/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.type, "text/plain; version=0.0.4; charset=utf-8");
  for (const char* line :
       {"nacre_http_responses_total{class=\"2xx\"} 7\n",
        "nacre_http_responses_total{class=\"none\"} 1\n", "nacre_guests_active 1\n",
        "nacre_instances_total 7\n", "nacre_guest_cpu_stops_total 1\n",
        "nacre_guest_cancelled_total 5\n", "# TYPE nacre_guests_active gauge\n"}) {
    EXPECT_THAT(answer.text, HasSubstr(line));
  }
  EXPECT_EQ(ask("/-/metrics").text, answer.text);
}

} // namespace
} // namespace nacre::host
