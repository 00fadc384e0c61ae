// SPDX-License-Identifier: Apache-2.0
// From start to end: where it listens, what is compiled once and kept, and how it goes down.
#include "e2e/nacre.h"

#include <chrono>
#include <csignal>
#include <gmock/gmock.h>
#include <map>
#include <sys/stat.h>

namespace nacre::e2e {
namespace {

using ::testing::HasSubstr;

/// Every loop has a listener of its own to close.
bool refuses(std::uint16_t port) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (reachable(port)) {
    if (std::chrono::steady_clock::now() > limit)
      return false;
  }
  return true;
}

/// A request under way that goes on when the test says so.
class Underway {
public:
  explicit Underway(const Served& echo) : wire_(echo.port()) {
    wire_.send_head("POST", "/", {{"content-length", "8"}});
    wire_.send("half");
    answer_ = wire_.read_head();
    half_ = wire_.read_raw(4);
  }
  std::string finish() {
    wire_.send("full");
    return half_ + wire_.read_raw(4);
  }
  bool closed() { return wire_.closed(); }
  int status() const { return answer_.status; }

private:
  Wire wire_;
  Response answer_;
  std::string half_;
};

TEST(Ending, FinishesWhatRunsAndTakesNothingNew) {
  Served echo{guest("echo"), {"--timeout", "1h", "--drain", "1h"}};
  Underway request{echo};
  ASSERT_EQ(request.status(), 200);
  Wire idle{echo.port()};
  echo.process().signal(SIGTERM);
  ASSERT_TRUE(echo.process().says("terminated: finishing running requests"));
  EXPECT_TRUE(idle.closed());
  EXPECT_TRUE(refuses(echo.port()));
  const Response ready = get(echo.admin_port(), "/-/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.body, "draining\n");
  EXPECT_EQ(get(echo.admin_port(), "/-/healthz").status, 200);

  EXPECT_EQ(request.finish(), "halffull");
  EXPECT_EQ(echo.process().wait(), 0);
  EXPECT_THAT(echo.process().output(), HasSubstr("POST / 200 8B"));
}

TEST(Ending, DoesNotWaitLongerThanAsked) {
  Served echo{guest("echo"), {"--timeout", "1h", "--drain", "100ms"}};
  Underway request{echo};
  ASSERT_EQ(request.status(), 200);
  EXPECT_EQ(echo.stop(), 0);
  EXPECT_TRUE(request.closed());
  EXPECT_THAT(echo.process().errors(),
              HasSubstr("nacre is stopping and the request took too long"));
}

TEST(Ending, AnswersThoseWhoseGuestHasNot) {
  Served traps{guest("traps"), {"--timeout", "1h", "--drain", "100ms"}};
  Wire wire{traps.port()};
  wire.send_head("GET", "/sleep?ms=3600000");
  ASSERT_TRUE(traps.reaches("nacre_guests_active", 1));
  traps.process().signal(SIGTERM);
  EXPECT_EQ(wire.read().status, 503);
  EXPECT_EQ(traps.process().wait(), 0);
}

TEST(Ending, ASecondSignalEndsAtOnce) {
  Served echo{guest("echo"), {"--timeout", "1h", "--drain", "1h"}};
  Underway request{echo};
  ASSERT_EQ(request.status(), 200);
  echo.process().signal(SIGINT);
  ASSERT_TRUE(echo.process().says("interrupted: finishing running requests"));
  echo.process().signal(SIGINT);
  EXPECT_EQ(echo.process().wait(), 128 + SIGINT);
}

TEST(Ending, WithNothingUnderWayIsAtOnce) {
  Served hello{guest("hello"), {"--drain", "1h"}};
  EXPECT_EQ(hello.get("/").status, 200);
  EXPECT_EQ(hello.stop(), 0);
}

TEST(Address, InUseIsSaid) {
  const Served hello{guest("hello")};
  const std::string address = "127.0.0.1:" + std::to_string(hello.port());
  const Ran ran = nacre({"serve", guest("hello"), "--addr", address});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.errors, HasSubstr(address + " is in use by another process"));
}

TEST(Address, OfAdministrationInUseIsSaid) {
  const Served hello{guest("hello")};
  const std::string address = "127.0.0.1:" + std::to_string(hello.admin_port());
  const Ran ran = nacre({"serve", guest("hello"), "--addr", "127.0.0.1:0", "--admin", address});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.errors, HasSubstr(address + " is in use by another process"));
}

/// Every file below a folder, with its inode and when it was last written.
std::map<std::string, std::pair<ino_t, std::int64_t>> files_below(const std::string& folder) {
  std::map<std::string, std::pair<ino_t, std::int64_t>> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    struct stat about{};
    if (entry.is_regular_file() && ::stat(entry.path().c_str(), &about) == 0) {
      out[entry.path().string()] = {about.st_ino,
                                    about.st_mtim.tv_sec * 1'000'000'000 + about.st_mtim.tv_nsec};
    }
  }
  return out;
}

TEST(CodeCache, TheSecondStartDoesNotCompile) {
  const Scratch scratch;
  const std::vector<std::string> flags{"--cache-dir", scratch.path("code")};
  EXPECT_EQ((Served{guest("hello"), flags}.get("/").status), 200);
  const auto compiled = files_below(scratch.path("code"));
  EXPECT_FALSE(compiled.empty());
  EXPECT_EQ((Served{guest("hello"), flags}.get("/").status), 200);
  EXPECT_EQ(files_below(scratch.path("code")), compiled);
}

TEST(CodeCache, CompileFillsItForServe) {
  const Scratch scratch;
  const Ran ran = nacre({"compile", guest("hello"), "--cache-dir", scratch.path("code")});
  EXPECT_EQ(ran.code, 0) << ran.errors;
  EXPECT_THAT(ran.output, ::testing::StartsWith("sha256:"));
  const auto compiled = files_below(scratch.path("code"));
  EXPECT_FALSE(compiled.empty());
  const Served hello{guest("hello"), {"--cache-dir", scratch.path("code")}};
  EXPECT_EQ(hello.get("/").status, 200);
  EXPECT_EQ(files_below(scratch.path("code")), compiled);
}

TEST(CodeCache, ADamagedEntryIsCompiledAgain) {
  const Scratch scratch;
  const std::vector<std::string> flags{"--cache-dir", scratch.path("code")};
  EXPECT_EQ((Served{guest("hello"), flags}.get("/").status), 200);
  for (const auto& [path, about] : files_below(scratch.path("code")))
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  EXPECT_EQ((Served{guest("hello"), flags}.get("/").status), 200);
}

TEST(CodeCache, WhatOthersMayWriteIsRefused) {
  const Scratch scratch;
  std::filesystem::create_directory(scratch.path("code"));
  std::filesystem::permissions(scratch.path("code"), std::filesystem::perms::all);
  const Ran ran = nacre({"serve", guest("hello"), "--cache-dir", scratch.path("code")});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.errors, HasSubstr("others may write into the code cache " + scratch.path("code") +
                                    ": run `chmod go-w "));
}

} // namespace
} // namespace nacre::e2e
