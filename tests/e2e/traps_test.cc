// SPDX-License-Identifier: Apache-2.0
// Guests that go wrong: the client has an answer, the log has one line that says what happened, and
// the process goes on.
#include "e2e/nacre.h"

#include <gmock/gmock.h>

namespace nacre::e2e {
namespace {

constexpr int kBroken = 0;

struct Trap {
  const char* path;
  int status;
  std::vector<std::string> words; ///< in the one log line, in this order
};

void PrintTo(const Trap& trap, std::ostream* out) {
  *out << trap.path;
}

class Traps : public ::testing::TestWithParam<Trap> {};

/// The warning about this request.
std::string warning(const std::string& errors, const std::string& path) {
  const auto at = errors.find("path=" + path);
  if (at == std::string::npos)
    return {};
  const auto start = errors.rfind('\n', at) + 1;
  return errors.substr(start, errors.find('\n', at) - start);
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

TEST_P(Traps, AreAnsweredExplainedAndSurvived) {
  const Trap& trap = GetParam();
  Served traps{guest("traps"), {"--cpu-budget", "200ms", "--max-memory", "16MiB"}};
  const Response answer = traps.get(trap.path);
  // A message of the guest's own that broke off must not look whole, as far as it came.
  EXPECT_EQ(answer.complete, trap.status != kBroken);
  if (trap.status != kBroken)
    EXPECT_EQ(answer.status, trap.status);
  EXPECT_EQ(traps.get("/fine").body, "fine\n");
  EXPECT_EQ(traps.stop(), 0);

  const std::string line = warning(traps.process().errors(), trap.path);
  std::size_t at = 0;
  for (const std::string& word : trap.words) {
    at = line.find(word, at);
    EXPECT_NE(at, std::string::npos) << "no \"" << word << "\" in: " << line;
  }
  EXPECT_EQ(count(traps.process().errors(), "warn: "), 1U) << traps.process().errors();
}

INSTANTIATE_TEST_SUITE_P(
    EveryWay, Traps,
    ::testing::Values(
        Trap{"/panic", 500, {"guest failed", "unreachable", "std::panicking", "handle"}},
        Trap{"/unreachable", 500, {"guest failed", "unreachable", "at traps::unreachable"}},
        Trap{"/loop", 500, {"guest failed", "used up its CPU budget"}},
        Trap{"/oom", 500, {"guest failed", "unreachable", "traps::exhaust_memory"}},
        Trap{"/stack",
             500,
             {"guest failed", "out of bounds memory access", "traps::overflow_own_stack"}},
        Trap{"/deep", 500, {"guest failed", "call stack exhausted", "traps::recurse_without_end"}},
        Trap{"/no-response",
             500,
             {"guest gave no proper response", "ended without setting a response"}},
        Trap{"/partial", kBroken, {"guest failed", "unreachable", "traps::unreachable"}},
        Trap{"/unfinished",
             kBroken,
             {"guest gave no proper response", "the response body broke off"}},
        Trap{"/short", kBroken, {"guest gave no proper response", "the response body broke off"}},
        Trap{"/exit?code=0", 500, {"guest failed", "exited with status 0"}},
        Trap{"/exit?code=3", 500, {"guest failed", "exited with status 1"}}),
    [](const auto& info) {
      std::string name;
      for (const char c : std::string_view(info.param.path)) {
        if (std::isalnum(static_cast<unsigned char>(c)))
          name.push_back(c);
      }
      return name;
    });

TEST(TrapsMetrics, CountWhatHappened) {
  const Served traps{guest("traps"), {"--cpu-budget", "100ms"}};
  traps.get("/unreachable");
  traps.get("/loop");
  traps.get("/unfinished");
  EXPECT_TRUE(traps.reaches("nacre_guest_faults_total", 2));
  EXPECT_TRUE(traps.reaches("nacre_guest_cpu_stops_total", 1));
  EXPECT_EQ(traps.metric("nacre_guest_cancelled_total"), 0);
  EXPECT_TRUE(traps.reaches("nacre_guests_active", 0));
  EXPECT_EQ(traps.metric("nacre_bugs_total"), 0);
}

TEST(TrapsNeighbours, AreAnsweredWhileAGuestSpins) {
  Served traps{guest("traps"), {"--loops", "1", "--cpu-budget", "1h", "--timeout", "1h"}};
  Wire spinning{traps.port()};
  spinning.send_head("GET", "/loop");
  ASSERT_TRUE(traps.reaches("nacre_guests_active", 1));
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(traps.get("/fine").body, "fine\n");
  spinning.close();
  EXPECT_TRUE(traps.reaches("nacre_guest_cancelled_total", 1));
  EXPECT_TRUE(traps.reaches("nacre_guests_active", 0));
}

} // namespace
} // namespace nacre::e2e
