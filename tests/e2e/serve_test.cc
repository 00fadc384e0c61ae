// SPDX-License-Identifier: Apache-2.0
// Serving as it is meant to go: answers, settings that reach the guest, the log, health and
// metrics.
#include "e2e/nacre.h"

#include <gmock/gmock.h>

namespace nacre::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

TEST(Serve, HelloIsAnsweredAndLogged) {
  Served hello{guest("hello")};
  const Response answer = hello.get("/some/where?x=1");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "Hello from nacre!\n");
  EXPECT_EQ(answer.field("content-type"), "text/plain");
  EXPECT_TRUE(answer.complete);
  EXPECT_TRUE(hello.process().prints("127.0.0.1 GET /some/where?x=1 200 18B "));
  EXPECT_EQ(hello.stop(), 0);
}

TEST(Serve, AccessLogAsJson) {
  Served hello{guest("hello"), {"--access-log", "json"}};
  EXPECT_EQ(hello.get("/\x22quoted\x22").status, 200);
  ASSERT_TRUE(hello.process().prints("}\n"));
  EXPECT_THAT(hello.process().output(),
              AllOf(HasSubstr(R"("method":"GET","target":"/\"quoted\"","status":200)"),
                    HasSubstr(R"("bytes_out":18)")));
}

TEST(Serve, AccessLogCanBeOff) {
  Served hello{guest("hello"), {"--access-log", "off"}};
  EXPECT_EQ(hello.get("/").status, 200);
  EXPECT_EQ(hello.stop(), 0);
  EXPECT_EQ(hello.process().output(), "");
}

TEST(Serve, EnvironmentAndArgumentsReachTheGuest) {
  const Scratch scratch;
  const std::string file =
      scratch.file("settings.env", "# comment\n\nFROM_FILE=a b\r\nBOTH=file\n");
  const Served env{guest("env"),
                   {"--env", "MODE=test", "--env-file", file, "--env", "BOTH=flag", "--arg", "one",
                    "--arg", "--two"}};
  const std::string variables = env.get("/env").body;
  EXPECT_THAT(variables, AllOf(HasSubstr("MODE=test\n"), HasSubstr("FROM_FILE=a b\n"),
                               HasSubstr("BOTH=flag\n"), Not(HasSubstr("BOTH=file")),
                               Not(HasSubstr("PATH="))));
  EXPECT_EQ(env.get("/args").body, "env.wasm\none\n--two\n");
}

TEST(Serve, WhatTheGuestWritesIsLogged) {
  Served env{guest("env")};
  EXPECT_EQ(env.get("/out?text=to-the-log").status, 200);
  EXPECT_EQ(env.get("/err?text=an-escape-%1b[2J").status, 200);
  EXPECT_TRUE(env.process().says("line=to-the-log\n"));
  ASSERT_TRUE(env.process().says("an-escape-"));
  EXPECT_EQ(env.stop(), 0);
  EXPECT_THAT(env.process().errors(), Not(HasSubstr("\x1b")));
  EXPECT_THAT(env.process().output(), Not(HasSubstr("to-the-log\n")));
}

TEST(Serve, DirectoriesReachTheGuest) {
  const Scratch scratch;
  scratch.file("greeting.txt", "good morning");
  const Served fs{guest("fs"), {"--dir", scratch.path() + "::/data:ro"}};
  EXPECT_EQ(fs.get("/?op=read&path=greeting.txt").body, "good morning");
}

TEST(Serve, CallsToTheOutsideNeedPermission) {
  const Served hello{guest("hello")};
  const std::string authority = "127.0.0.1:" + std::to_string(hello.port());
  const std::string target = "/?url=http://" + authority + "/";

  const Served allowed{guest("outbound"), {"--allow-host", authority}};
  const Response answer = allowed.get(target);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "Hello from nacre!\n");

  const Served denied{guest("outbound")};
  const Response refused = denied.get(target);
  EXPECT_EQ(refused.status, 502);
  EXPECT_THAT(refused.body, HasSubstr("HttpRequestDenied"));
  EXPECT_EQ(hello.metric("nacre_instances_total"), 1);
}

TEST(Serve, EachRequestHasAFreshInstance) {
  const Served env{guest("env"), {"--loops", "1"}};
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(env.get("/count").body, "1\n");
  EXPECT_EQ(env.metric("nacre_instances_total"), 3);
}

TEST(Serve, ReuseKeepsAnInstanceForSoManyRequestsAndNoLonger) {
  const Served env{guest("env"), {"--reuse", "3", "--loops", "1"}};
  std::string counts;
  for (int i = 0; i < 7; ++i)
    counts += env.get("/count").body;
  EXPECT_EQ(counts, "1\n2\n3\n1\n2\n3\n1\n");
  EXPECT_EQ(env.metric("nacre_instances_total"), 3);
}

TEST(Serve, TwoLoopsAnswerOnOnePort) {
  const Served env{guest("env"), {"--loops", "2"}};
  for (int i = 0; i < 40; ++i)
    EXPECT_EQ(env.get("/count").body, "1\n");
  EXPECT_EQ(env.metric("nacre_instances_total"), 40);
}

TEST(Serve, AdministrationHasAnAddressOfItsOwn) {
  const Served hello{guest("hello")};
  EXPECT_EQ(hello.get("/-/healthz").body, "Hello from nacre!\n")
      << "the guest's address is the guest's";
  EXPECT_EQ(get(hello.admin_port(), "/-/healthz").body, "ok\n");
  EXPECT_EQ(get(hello.admin_port(), "/-/readyz").body, "ready\n");
  EXPECT_EQ(get(hello.admin_port(), "/else").status, 404);
  // An exchange counts when it has ended, which its client may see first.
  EXPECT_TRUE(hello.reaches("nacre_http_responses_total{class=\"2xx\"}", 1));
  const Response metrics = get(hello.admin_port(), "/metrics");
  EXPECT_THAT(metrics.field("content-type"), HasSubstr("text/plain; version=0.0.4"));
  EXPECT_THAT(metrics.body, HasSubstr("# TYPE nacre_http_responses_total counter\n"));
}

} // namespace
} // namespace nacre::e2e
