// SPDX-License-Identifier: Apache-2.0
// Rights: what a read-only directory allows, what a descriptor was opened for, and how much a guest
// may open.
#include "capabilities/wasi_filesystem/testing/box.h"

#include <fcntl.h>
#include <unistd.h>

namespace nacre::wasi_filesystem {
namespace {

using namespace testing; // NOLINT(google-build-using-namespace): the fixture is the vocabulary
using wasi_filesystem_p2::NewTimestamp;

class RightsTest : public BoxTest {
protected:
  const NewTimestamp now = NewTimestamp::now();
};

TEST_P(RightsTest, ReadOnlyDirectoryCannotBeChanged) {
  open_box(false);
  const auto before = snapshot(box);
  const DescriptorFlags mutate = DescriptorFlags::kMutateDirectory;
  EXPECT_EQ(run(root->get_flags(*call)).value(), kRead);
  for (const auto& [what, error] : std::vector<std::pair<std::string, std::optional<ErrorCode>>>{
           {"write", error_of(open("file", kWrite))},
           {"read and write", error_of(open("file", kRead | kWrite))},
           {"truncate", error_of(open("file", kWrite, OpenFlags::kTruncate))},
           {"truncate for a reader", error_of(open("file", kRead, OpenFlags::kTruncate))},
           {"truncate for nobody", error_of(open("file", {}, OpenFlags::kTruncate))},
           {"create", error_of(open("new", kRead, OpenFlags::kCreate))},
           {"create what is there", error_of(open("file", kRead, OpenFlags::kCreate))},
           {"mutate", error_of(open("sub", kRead | mutate, OpenFlags::kDirectory))},
           {"mkdir", error_of(run(root->create_directory_at(*call, "new")))},
           {"rmdir", error_of(run(root->remove_directory_at(*call, "sub/deep")))},
           {"unlink", error_of(run(root->unlink_file_at(*call, "file")))},
           {"symlink", error_of(run(root->symlink_at(*call, "file", "new")))},
           {"rename", error_of(run(root->rename_at(*call, "file", *root, "new")))},
           {"link", error_of(run(root->link_at(*call, kNoFollow, "file", *root, "new")))},
           {"times at", error_of(run(root->set_times_at(*call, kFollow, "file", now, now)))},
           {"times", error_of(run(root->set_times(*call, now, now)))},
       })
    EXPECT_EQ(error, ErrorCode::read_only) << what;
  EXPECT_EQ(snapshot(box), before);
  EXPECT_EQ(read(**open("file")), "inside");
}

TEST_P(RightsTest, NothingBelowAReadOnlyDirectoryGainsRights) {
  open_box(false);
  const auto before = snapshot(box);
  const Handle sub = std::move(open("sub", kRead, OpenFlags::kDirectory).value());
  EXPECT_EQ(run(sub->get_flags(*call)).value(), kRead);
  EXPECT_EQ(error_of(run(sub->open_at(*call, kFollow, "file", {}, kWrite))), ErrorCode::read_only);
  EXPECT_EQ(error_of(run(sub->unlink_file_at(*call, "file"))), ErrorCode::read_only);
  EXPECT_EQ(error_of(run(sub->rename_at(*call, "file", *sub, "new"))), ErrorCode::read_only);
  const Handle file = std::move(open("file").value());
  EXPECT_EQ(error_of(write(*file, "x")), ErrorCode::bad_descriptor);
  EXPECT_EQ(error_of(run(file->set_size(*call, 0))), ErrorCode::bad_descriptor);
  EXPECT_EQ(error_of(run(file->set_times(*call, now, now))), ErrorCode::read_only);
  EXPECT_EQ(error_of(file->write_via_stream(*call, 0).value()), ErrorCode::bad_descriptor);
  EXPECT_EQ(error_of(file->append_via_stream(*call).value()), ErrorCode::bad_descriptor);
  EXPECT_TRUE(run(file->sync(*call)).has_value()) << "no effect, and no error";
  EXPECT_EQ(snapshot(box), before);
}

TEST_P(RightsTest, WritableBoxIsNoWayIntoAReadOnlyOne) {
  fs::create_directory(top / "scratch");
  capability = make_wasi_filesystem({.preopens = {{box.string(), "/ro", false},
                                                  {(top / "scratch").string(), "/rw", true}},
                                     .resolver = GetParam()})
                   .value();
  lease = loop.block_on(capability->lease(loop)).value();
  ASSERT_TRUE(lease->link(linker).has_value());
  const auto both = directories();
  ASSERT_EQ(both.size(), 2U);
  const auto before = snapshot(box);
  auto& read_only = *both[0];
  auto& writable = *both[1];
  ASSERT_TRUE(
      run(writable.open_at(*call, kFollow, "mine", OpenFlags::kCreate, kWrite)).has_value());
  // A hard link or a rename would give the guest a writable name for a read-only file.
  EXPECT_EQ(error_of(run(read_only.link_at(*call, kNoFollow, "file", writable, "file"))),
            ErrorCode::read_only);
  EXPECT_EQ(error_of(run(read_only.rename_at(*call, "file", writable, "file"))),
            ErrorCode::read_only);
  EXPECT_EQ(error_of(run(writable.rename_at(*call, "mine", read_only, "file"))),
            ErrorCode::read_only);
  EXPECT_EQ(error_of(run(writable.link_at(*call, kNoFollow, "mine", read_only, "new"))),
            ErrorCode::read_only);
  EXPECT_EQ(snapshot(box), before);
}

TEST_P(RightsTest, FileDoesWhatItWasOpenedFor) {
  open_box(true);
  const Handle reader = std::move(open("file", kRead).value());
  const Handle writer = std::move(open("file", kWrite).value());
  const Handle neither = std::move(open("file", {}).value());
  EXPECT_EQ(read(*reader), "inside");
  EXPECT_EQ(error_of(write(*reader, "x")), ErrorCode::bad_descriptor);
  EXPECT_EQ(error_of(run(reader->set_size(*call, 1))), ErrorCode::bad_descriptor);
  EXPECT_EQ(error_of(read(*writer)), ErrorCode::bad_descriptor);
  EXPECT_EQ(error_of(writer->read_via_stream(*call, 0).value()), ErrorCode::bad_descriptor);
  EXPECT_EQ(write(*writer, "INS"), 3U);
  EXPECT_EQ(read(*reader), "INSide");
  EXPECT_EQ(error_of(read(*neither)), ErrorCode::bad_descriptor);
  EXPECT_EQ(error_of(write(*neither, "x")), ErrorCode::bad_descriptor);
  EXPECT_EQ(run(neither->stat(*call)).value().size, 6U);
  EXPECT_EQ(run(reader->get_flags(*call)).value(), kRead);
  EXPECT_EQ(run(writer->get_flags(*call)).value(), kWrite);
  EXPECT_EQ(run(neither->get_flags(*call)).value(), DescriptorFlags{});
}

TEST_P(RightsTest, TruncatingNeedsTheRightToWrite) {
  open_box(true);
  EXPECT_EQ(error_of(open("file", kRead, OpenFlags::kTruncate)), ErrorCode::invalid);
  EXPECT_EQ(get(box / "file"), "inside");
  EXPECT_TRUE(open("file", kWrite, OpenFlags::kTruncate).has_value());
  EXPECT_EQ(get(box / "file"), "");
}

TEST_P(RightsTest, FilesDoWhatFilesDo) {
  open_box(true);
  const Handle file = std::move(open("file").value());
  EXPECT_EQ(error_of(run(file->open_at(*call, kFollow, "x", {}, kRead))), ErrorCode::not_directory);
  EXPECT_EQ(error_of(run(file->stat_at(*call, kFollow, "x"))), ErrorCode::not_directory);
  EXPECT_EQ(error_of(run(file->read_directory(*call))), ErrorCode::not_directory);
  EXPECT_EQ(error_of(run(root->rename_at(*call, "sub", *file, "x"))), ErrorCode::not_directory);
  EXPECT_EQ(error_of(read(*root)), ErrorCode::is_directory);
  EXPECT_EQ(error_of(write(*root, "x")), ErrorCode::is_directory);
  EXPECT_EQ(error_of(open("sub", kWrite)), ErrorCode::is_directory);
  EXPECT_EQ(error_of(open("file", kRead, OpenFlags::kDirectory)), ErrorCode::not_directory);
}

TEST_P(RightsTest, GuestOpensNoMoreThanItMay) {
  open_box(true, 4); // the root is one
  Handle one = std::move(open("file").value());
  Handle two = std::move(open("file").value());
  auto stream = one->read_via_stream(*call, 0).value().value();
  EXPECT_EQ(error_of(open("file")), ErrorCode::insufficient_memory);
  EXPECT_EQ(error_of(open("new", kWrite, OpenFlags::kCreate)), ErrorCode::insufficient_memory);
  EXPECT_FALSE(fs::exists(box / "new"));
  EXPECT_EQ(error_of(one->read_via_stream(*call, 0).value()), ErrorCode::insufficient_memory);
  EXPECT_EQ(error_of(run(root->read_directory(*call))), ErrorCode::insufficient_memory);
  EXPECT_FALSE(preopens().get_directories(*call).has_value()) << "a trap";
  two.reset();
  EXPECT_TRUE(open("file").has_value());
  stream.reset();
  EXPECT_TRUE(open("file").has_value());
}

TEST_P(RightsTest, EachGuestHasAQuotaOfItsOwn) {
  open_box(true, 2);
  const Handle mine = std::move(open("file").value());
  EXPECT_EQ(error_of(open("file")), ErrorCode::insufficient_memory);
  streams::testing::FakeCall other;
  auto theirs = preopens().get_directories(*other).value();
  auto& directory = *std::get<0>(theirs.front());
  EXPECT_TRUE(run(directory.open_at(*other, kFollow, "file", {}, kRead)).has_value());
}

TEST_P(RightsTest, WaitingForAPipeIsNobodysBusiness) {
  ASSERT_EQ(::mkfifo((box / "pipe").c_str(), 0600), 0);
  open_box(true);
  auto reader = open("pipe"); // would wait for a writer
  ASSERT_TRUE(reader.has_value());
  EXPECT_EQ(error_of(open("pipe2")), ErrorCode::no_entry);
  EXPECT_TRUE(error_of(read(**reader)).has_value());
}

NACRE_WITH_EACH_RESOLVER(RightsTest);

TEST(WasiFilesystem, PreopenThatIsNoDirectoryIsASentence) {
  const auto missing = make_wasi_filesystem({.preopens = {{"/nowhere/at/all", "/", false}}});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().message(), "directory /nowhere/at/all: No such file or directory");
  EXPECT_FALSE(make_wasi_filesystem({.preopens = {{"/dev/null", "/", false}}}).has_value());
  EXPECT_FALSE(make_wasi_filesystem({.preopens = {{"/tmp", "\xff", false}}}).has_value());
  EXPECT_TRUE(make_wasi_filesystem({}).has_value());
}

} // namespace
} // namespace nacre::wasi_filesystem
