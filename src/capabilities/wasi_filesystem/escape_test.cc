// SPDX-License-Identifier: Apache-2.0
// Attack class A8: whatever a guest does inside its box, the tree outside stays as it is.
#include "capabilities/wasi_filesystem/testing/box.h"

#include <atomic>
#include <fcntl.h>
#include <thread>
#include <tuple>
#include <unistd.h>

namespace nacre::wasi_filesystem {
namespace {

using namespace testing; // NOLINT(google-build-using-namespace): the fixture is the vocabulary
using wasi_filesystem_p2::NewTimestamp;

class EscapeTest : public BoxTest {
protected:
  EscapeTest() {
    fs::create_symlink("../outside", box / "up");
    fs::create_symlink("../outside/secret", box / "up_file");
    fs::create_symlink(outside, box / "abs");
    fs::create_symlink(outside / "secret", box / "abs_file");
    fs::create_symlink("../../outside", box / "sub/up");
    fs::create_symlink("up", box / "to_up");
    fs::create_symlink("../outside/new", box / "dangling");
    fs::create_symlink("/proc/self/root", box / "magic");
    fs::create_symlink("sub/../../outside/secret", box / "zigzag");
    before = snapshot(outside);
    open_box(true);
  }
  ~EscapeTest() override { EXPECT_EQ(snapshot(outside), before); }

  /// Everything that can be asked of one path and leads to what it names.
  std::vector<std::pair<std::string, std::optional<ErrorCode>>> ask(const std::string& path,
                                                                    PathFlags follow) {
    const NewTimestamp now = NewTimestamp::now();
    const OpenFlags create = OpenFlags::kCreate;
    return {
        {"read", error_of(open(path, kRead, {}, follow))},
        {"write", error_of(open(path, kWrite, {}, follow))},
        {"create", error_of(open(path, kRead | kWrite, create, follow))},
        {"truncate", error_of(open(path, kWrite, OpenFlags::kTruncate, follow))},
        {"directory", error_of(open(path, kRead, OpenFlags::kDirectory, follow))},
        {"stat", error_of(run(root->stat_at(*call, follow, path)))},
        {"hash", error_of(run(root->metadata_hash_at(*call, follow, path)))},
        {"times", error_of(run(root->set_times_at(*call, follow, path, now, now)))},
    };
  }
  /// Everything that changes the entry itself.
  std::vector<std::pair<std::string, std::optional<ErrorCode>>> change(const std::string& path) {
    return {
        {"mkdir", error_of(run(root->create_directory_at(*call, path)))},
        {"rmdir", error_of(run(root->remove_directory_at(*call, path)))},
        {"unlink", error_of(run(root->unlink_file_at(*call, path)))},
        {"symlink", error_of(run(root->symlink_at(*call, "file", path)))},
        {"rename to", error_of(run(root->rename_at(*call, "file", *root, path)))},
        {"rename from", error_of(run(root->rename_at(*call, path, *root, "stolen")))},
        {"link to", error_of(run(root->link_at(*call, kNoFollow, "file", *root, path)))},
        {"link from", error_of(run(root->link_at(*call, kNoFollow, path, *root, "stolen")))},
        {"readlink", error_of(run(root->readlink_at(*call, path)))},
    };
  }

  std::vector<std::string> before;
};

TEST_P(EscapeTest, NoPathLeadsOut) {
  for (const std::string path :
       {"../outside/secret", "../outside/new", "./../outside/secret", "sub/../../outside/secret",
        "sub/deep/../../../outside/secret", "up/secret", "up/new", "abs/secret", "abs/new",
        "to_up/secret", "sub/up/secret", "sub/../up/secret", "up/../outside/secret",
        "up/empty/../secret", "../box/file", "../box/../outside/secret", "magic/etc/passwd"}) {
    for (const PathFlags follow : {kFollow, kNoFollow}) {
      for (const auto& [what, error] : ask(path, follow))
        EXPECT_EQ(error, ErrorCode::not_permitted) << what << ' ' << path;
    }
    for (const auto& [what, error] : change(path))
      EXPECT_EQ(error, ErrorCode::not_permitted) << what << ' ' << path;
  }
  EXPECT_EQ(get(box / "file"), "inside");
  EXPECT_FALSE(fs::exists(box / "stolen"));
}

TEST_P(EscapeTest, NoLinkAtTheEndLeadsOut) {
  for (const std::string path :
       {"up", "up_file", "abs", "abs_file", "to_up", "sub/up", "dangling", "zigzag", "magic"}) {
    for (const auto& [what, error] : ask(path, kFollow))
      EXPECT_EQ(error, ErrorCode::not_permitted) << what << ' ' << path;
  }
}

TEST_P(EscapeTest, TrailingSlashDoesNotTurnALinkIntoAWayOut) {
  for (const std::string path : {"up/", "up//", "abs/", "to_up/", "sub/up/", "up/.", "abs/."}) {
    for (const PathFlags follow : {kFollow, kNoFollow}) {
      for (const auto& [what, error] : ask(path, follow))
        EXPECT_TRUE(error.has_value()) << what << ' ' << path;
    }
    EXPECT_TRUE(error_of(run(root->remove_directory_at(*call, path)))) << path;
    EXPECT_TRUE(error_of(run(root->unlink_file_at(*call, path)))) << path;
    EXPECT_TRUE(error_of(run(root->create_directory_at(*call, path)))) << path;
    EXPECT_TRUE(error_of(run(root->rename_at(*call, path, *root, "stolen")))) << path;
    EXPECT_TRUE(error_of(run(root->link_at(*call, kFollow, path, *root, "stolen")))) << path;
    EXPECT_TRUE(error_of(run(root->readlink_at(*call, path)))) << path;
  }
  EXPECT_TRUE(fs::is_symlink(box / "up"));
}

TEST_P(EscapeTest, DotsAreNoNamesToChange) {
  for (const std::string path : {"..", "../", "../..", "sub/../.."}) {
    for (const auto& [what, error] : ask(path, kFollow))
      EXPECT_EQ(error, ErrorCode::not_permitted) << what << ' ' << path;
    for (const auto& [what, error] : change(path))
      EXPECT_EQ(error, ErrorCode::not_permitted) << what << ' ' << path;
  }
  for (const std::string path : {".", "sub/..", "sub/.", "./"}) {
    for (const auto& [what, error] : change(path))
      EXPECT_TRUE(error.has_value()) << what << ' ' << path;
  }
  EXPECT_TRUE(fs::exists(box / "sub/file"));
}

TEST_P(EscapeTest, SubdirectoryIsABoxOfItsOwn) {
  const Handle sub = std::move(open("sub", kRead, OpenFlags::kDirectory).value());
  for (const char* path : {"..", "../file", "deep/../../file", "up", "up/secret"}) {
    EXPECT_EQ(error_of(run(sub->open_at(*call, kFollow, path, {}, kRead))),
              ErrorCode::not_permitted)
        << path;
  }
  EXPECT_TRUE(run(sub->open_at(*call, kFollow, "deep/../file", {}, kRead)).has_value());
}

TEST_P(EscapeTest, LinksThatTheGuestMakesLeadNowhereElse) {
  EXPECT_EQ(error_of(run(root->symlink_at(*call, "/etc/passwd", "mine"))),
            ErrorCode::not_permitted);
  ASSERT_TRUE(run(root->symlink_at(*call, "../outside", "mine")).has_value());
  EXPECT_EQ(error_of(open("mine/secret")), ErrorCode::not_permitted);
  EXPECT_EQ(error_of(open("mine/new", kWrite, OpenFlags::kCreate)), ErrorCode::not_permitted);
  EXPECT_EQ(error_of(run(root->readlink_at(*call, "abs"))), ErrorCode::not_permitted);
}

TEST_P(EscapeTest, HardLinkToALinkIsTheLinkItself) {
  ASSERT_TRUE(run(root->link_at(*call, kNoFollow, "up_file", *root, "copy")).has_value());
  EXPECT_TRUE(fs::is_symlink(box / "copy"));
  EXPECT_EQ(error_of(open("copy")), ErrorCode::not_permitted);
  EXPECT_EQ(error_of(run(root->link_at(*call, kFollow, "up_file", *root, "copy2"))),
            ErrorCode::not_permitted);
}

TEST_P(EscapeTest, PathsThatAreNone) {
  for (const auto& [path, code] : {
           std::pair{std::string{}, ErrorCode::no_entry},
           std::pair{std::string{"/"}, ErrorCode::not_permitted},
           std::pair{std::string{"/etc/passwd"}, ErrorCode::not_permitted},
           std::pair{std::string{"file\0/../../outside", 20}, ErrorCode::invalid},
           std::pair{std::string(5000, 'x'), ErrorCode::name_too_long},
           std::pair{std::string(300, 'x'), ErrorCode::name_too_long},
       }) {
    for (const auto& [what, error] : ask(path, kFollow))
      EXPECT_EQ(error, code) << what << ' ' << path;
    EXPECT_EQ(error_of(run(root->create_directory_at(*call, path))), code) << path;
    EXPECT_EQ(error_of(run(root->rename_at(*call, "file", *root, path))), code) << path;
  }
}

TEST_P(EscapeTest, EndlessLinksEnd) {
  fs::create_symlink("round_b", box / "round_a");
  fs::create_symlink("round_a", box / "round_b");
  EXPECT_EQ(error_of(open("round_a")), ErrorCode::loop);
  EXPECT_EQ(error_of(open("round_a/x")), ErrorCode::loop);
  EXPECT_EQ(error_of(run(root->stat_at(*call, kFollow, "round_b"))), ErrorCode::loop);
}

TEST_P(EscapeTest, RaceOfALinkAgainstADirectoryIsLost) {
  // Another party exchanges a directory and a link to the outside, again and again.
  fs::create_directory(box / "swap");
  put(box / "swap/secret", "harmless");
  fs::create_symlink("../outside", box / "spare");
  std::atomic<bool> stop = false;
  std::thread swapper{[&] {
    while (!stop)
      ::renameat2(AT_FDCWD, (box / "swap").c_str(), AT_FDCWD, (box / "spare").c_str(),
                  RENAME_EXCHANGE);
  }};
  int reached = 0;
  for (int round = 0; round < 1000; ++round) {
    auto opened = open("swap/secret");
    if (opened) {
      EXPECT_EQ(read(**opened), "harmless");
      ++reached;
    }
    std::ignore = open("swap/new", kWrite, OpenFlags::kCreate);
    std::ignore = run(root->unlink_file_at(*call, "swap/new"));
    std::ignore = run(root->create_directory_at(*call, "swap/dir"));
    std::ignore = run(root->remove_directory_at(*call, "swap/dir"));
    std::ignore = run(root->rename_at(*call, "swap/secret", *root, "swap/secret"));
  }
  stop = true;
  swapper.join();
  EXPECT_GT(reached, 0) << "the race was run";
}

NACRE_WITH_EACH_RESOLVER(EscapeTest);

} // namespace
} // namespace nacre::wasi_filesystem
