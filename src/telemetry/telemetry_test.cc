// SPDX-License-Identifier: Apache-2.0
#include "telemetry/exposition.h"
#include "telemetry/line_writer.h"

#include <gtest/gtest.h>

#include <unistd.h>

namespace nacre::telemetry {
namespace {

TEST(LineWriter, WritesEveryLineInOrder) {
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  {
    LineWriter writer{pipe[1]};
    writer.add("first");
    writer.add("second");
  }
  char buffer[64];
  const ssize_t got = ::read(pipe[0], buffer, sizeof buffer);
  ASSERT_GT(got, 0);
  EXPECT_EQ(std::string_view(buffer, static_cast<std::size_t>(got)), "first\nsecond\n");
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST(Exposition, HasHelpTypeAndLabels) {
  const std::string text = to_prometheus_text({{"nacre_requests_total",
                                                "Requests answered.",
                                                MetricKind::counter,
                                                {{{{"class", "2xx"}}, 3}}}});
  EXPECT_NE(text.find("# HELP nacre_requests_total Requests answered.\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("# TYPE nacre_requests_total counter\n"), std::string::npos) << text;
  EXPECT_NE(text.find("nacre_requests_total{class=\"2xx\"} 3"), std::string::npos) << text;
}

} // namespace
} // namespace nacre::telemetry
