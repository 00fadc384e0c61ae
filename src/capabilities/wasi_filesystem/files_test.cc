// SPDX-License-Identifier: Apache-2.0
// What files and directories do when all is well: each function of wasi:filesystem on a real tree.
#include "capabilities/wasi_filesystem/testing/box.h"
#include "component/typed/bytes.h"

#include <fcntl.h>
#include <limits>

namespace nacre::wasi_filesystem {
namespace {

using namespace testing; // NOLINT(google-build-using-namespace): the fixture is the vocabulary
using streams::testing::answer;
using wasi_clocks_p2::Datetime;
using wasi_filesystem_p2::Advice;
using wasi_filesystem_p2::DescriptorType;
using wasi_filesystem_p2::NewTimestamp;

class FilesTest : public BoxTest {
protected:
  FilesTest() { open_box(true); }

  std::vector<std::string> list(wasi_filesystem_p2::Descriptor& directory) {
    std::vector<std::string> names;
    const auto stream = run(directory.read_directory(*call)).value();
    while (auto entry = run(stream->read_directory_entry(*call)).value())
      names.push_back(entry->name + " " + std::to_string(static_cast<int>(entry->type)));
    std::sort(names.begin(), names.end());
    return names;
  }
  std::string drain(wasi_io_p2::InputStream& stream) {
    std::string text;
    while (auto got = run(stream.blocking_read(*call, 7)))
      text.append(got->view().begin(), got->view().end());
    return text;
  }
};

TEST_P(FilesTest, ReadsWhereItIsTold) {
  const Handle file = std::move(open("file").value());
  EXPECT_EQ(read(*file, 3, 2), "sid");
  EXPECT_EQ(read(*file, std::uint64_t{1} << 63, 0), "inside");
  auto end = run(file->read(*call, 10, 6)).value();
  EXPECT_TRUE(std::get<0>(end).empty());
  EXPECT_TRUE(std::get<1>(end));
  EXPECT_FALSE(std::get<1>(run(file->read(*call, 0, 0)).value()));
  EXPECT_EQ(error_of(read(*file, 10, std::numeric_limits<std::uint64_t>::max())),
            ErrorCode::invalid);
}

TEST_P(FilesTest, OneReadIsBounded) {
  put(box / "big", std::string(300'000, 'x'));
  const Handle file = std::move(open("big").value());
  EXPECT_EQ(read(*file, std::numeric_limits<std::uint64_t>::max(), 0)->size(), 64U * 1024);
}

TEST_P(FilesTest, WritesWhereItIsTold) {
  const Handle file = std::move(open("new", kRead | kWrite, OpenFlags::kCreate).value());
  EXPECT_EQ(write(*file, "abc", 2), 3U);
  EXPECT_EQ(write(*file, "", 100), 0U);
  EXPECT_EQ(read(*file), (std::string{"\0\0abc", 5}));
  EXPECT_EQ(error_of(write(*file, "x", std::numeric_limits<std::uint64_t>::max())),
            ErrorCode::invalid);
  EXPECT_TRUE(run(file->set_size(*call, 3)).has_value());
  EXPECT_EQ(run(file->stat(*call))->size, 3U);
  EXPECT_EQ(error_of(run(file->set_size(*call, std::uint64_t{1} << 63))),
            ErrorCode::file_too_large);
  EXPECT_TRUE(run(file->sync(*call)).has_value());
  EXPECT_TRUE(run(file->sync_data(*call)).has_value());
  EXPECT_TRUE(run(file->advise(*call, 0, 10, Advice::will_need)).has_value());
  EXPECT_EQ(error_of(run(file->advise(*call, std::uint64_t{1} << 63, 1, Advice::normal))),
            ErrorCode::invalid);
}

TEST_P(FilesTest, OpenFlagsMeanWhatTheySay) {
  EXPECT_EQ(error_of(open("none")), ErrorCode::no_entry);
  EXPECT_EQ(error_of(open("file", kWrite, OpenFlags::kCreate | OpenFlags::kExclusive)),
            ErrorCode::exist);
  EXPECT_EQ(error_of(open("new", kWrite, OpenFlags::kCreate | OpenFlags::kDirectory)),
            ErrorCode::invalid);
  EXPECT_TRUE(open("new", kWrite, OpenFlags::kCreate | OpenFlags::kExclusive).has_value());
  EXPECT_TRUE(open("file", kRead, OpenFlags::kExclusive).has_value()) << "alone it says nothing";
  const DescriptorFlags sync = DescriptorFlags::kDataIntegritySync;
  const Handle careful = std::move(open("file", kWrite | sync).value());
  EXPECT_EQ(run(careful->get_flags(*call)).value(), kWrite | sync);
  EXPECT_EQ(write(*careful, "IN"), 2U);
  EXPECT_EQ(get(box / "file"), "INside");
}

TEST_P(FilesTest, ReadStreamEndsWithTheFile) {
  const Handle file = std::move(open("file").value());
  const auto stream = file->read_via_stream(*call, 2).value().value();
  EXPECT_TRUE(run(stream->subscribe(*call).value()->block(*call).ready() ? Async<bool>{true}
                                                                         : Async<bool>{true}));
  EXPECT_EQ(drain(*stream), "side");
  const auto past = file->read_via_stream(*call, 1000).value().value();
  EXPECT_EQ(drain(*past), "");
}

TEST_P(FilesTest, BigFileStreamsWhole) {
  std::string text;
  for (int i = 0; i < 50'000; ++i)
    text += std::to_string(i) + "\n";
  const Handle file = std::move(open("big", kRead | kWrite, OpenFlags::kCreate).value());
  {
    const auto out = file->write_via_stream(*call, 0).value().value();
    for (std::size_t at = 0; at < text.size(); at += 4096)
      ASSERT_TRUE(run(out->blocking_write_and_flush(*call, bytes(text.substr(at, 4096)))));
  }
  EXPECT_TRUE(get(box / "big") == text);
  const auto in = file->read_via_stream(*call, 0).value().value();
  std::string back;
  while (auto got = run(in->blocking_read(*call, std::uint64_t{1} << 40)))
    back.append(got->view().begin(), got->view().end());
  EXPECT_TRUE(back == text);
}

TEST_P(FilesTest, StreamsKeepPositionsOfTheirOwn) {
  const Handle file = std::move(open("file", kRead | kWrite).value());
  const auto one = file->read_via_stream(*call, 0).value().value();
  const auto two = file->read_via_stream(*call, 3).value().value();
  const auto out = file->write_via_stream(*call, 0).value().value();
  ASSERT_TRUE(run(out->blocking_write_and_flush(*call, bytes("IN"))));
  ASSERT_TRUE(run(out->blocking_write_and_flush(*call, bytes("SI"))));
  EXPECT_EQ(drain(*one), "INSIde");
  EXPECT_EQ(drain(*two), "Ide");
}

TEST_P(FilesTest, AppendFindsTheEnd) {
  const Handle file = std::move(open("file", kWrite).value());
  const auto one = file->append_via_stream(*call).value().value();
  const auto two = file->append_via_stream(*call).value().value();
  ASSERT_TRUE(run(one->blocking_write_and_flush(*call, bytes("+1"))));
  ASSERT_TRUE(run(two->blocking_write_and_flush(*call, bytes("+2"))));
  ASSERT_TRUE(run(one->blocking_write_and_flush(*call, bytes("+3"))));
  EXPECT_EQ(get(box / "file"), "inside+1+2+3");
}

TEST_P(FilesTest, WhatAStreamTookIsWrittenThoughItsGuestIsGone) {
  {
    const Handle file = std::move(open("file", kWrite).value());
    const auto out = file->append_via_stream(*call).value().value();
    ASSERT_GT(out->check_write(*call).value().value(), 0U);
    ASSERT_TRUE(out->write(*call, bytes(" and out")).value().has_value());
  }
  close();
  EXPECT_EQ(get(box / "file"), "inside and out");
}

TEST_P(FilesTest, FailureOfAStreamHasACode) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  if (full < 0)
    GTEST_SKIP() << "no /dev/full here";
  ::close(full);
  box = "/dev";
  open_box(true);
  const auto file = run(root->open_at(*call, kFollow, "full", {}, kWrite));
  ASSERT_TRUE(file.has_value());
  const auto out = (*file)->write_via_stream(*call, 0).value().value();
  auto failed = run(out->blocking_write_and_flush(*call, bytes("x")));
  ASSERT_FALSE(failed.has_value());
  auto* error = failed.error().if_last_operation_failed();
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(code_of(**error), ErrorCode::insufficient_space);
  auto after = out->check_write(*call).value();
  ASSERT_FALSE(after.has_value());
  EXPECT_TRUE(after.error().is(wasi_io_p2::StreamError::Case::closed));
}

TEST_P(FilesTest, DirectoriesListTheirEntries) {
  fs::create_symlink("file", box / "link");
  put(box / "\xff", "a name that is no text");
  EXPECT_EQ(list(*root), (std::vector<std::string>{"file 6", "link 5", "sub 3"}));
  const Handle sub = std::move(open("sub", kRead, OpenFlags::kDirectory).value());
  EXPECT_EQ(list(*sub), (std::vector<std::string>{"deep 3", "file 6"}));
  EXPECT_EQ(list(*sub), (std::vector<std::string>{"deep 3", "file 6"})) << "from the start again";
}

TEST_P(FilesTest, BigDirectoriesListWhole) {
  fs::create_directory(box / "many");
  for (int i = 0; i < 1000; ++i)
    put(box / "many" / std::to_string(i), "");
  const Handle many = std::move(open("many").value());
  EXPECT_EQ(list(*many).size(), 1000U);
}

TEST_P(FilesTest, LinksInsideAreFollowedWhenAsked) {
  fs::create_symlink("sub", box / "to_sub");
  fs::create_symlink("to_sub/../file", box / "to_file");
  fs::create_symlink("sub/new", box / "to_new");
  EXPECT_EQ(read(**open("to_file")), "inside");
  EXPECT_EQ(read(**open("to_sub/file")), "below");
  EXPECT_EQ(read(**open("sub/deep/../file")), "below");
  EXPECT_EQ(error_of(open("to_file", kRead, {}, kNoFollow)), ErrorCode::loop);
  EXPECT_TRUE(open("to_sub/", kRead, OpenFlags::kDirectory, kNoFollow).has_value());
  EXPECT_TRUE(open("to_sub", kRead, OpenFlags::kDirectory).has_value());
  EXPECT_TRUE(open("to_new", kWrite, OpenFlags::kCreate).has_value());
  EXPECT_TRUE(fs::exists(box / "sub/new"));
  EXPECT_EQ(run(root->stat_at(*call, kFollow, "to_sub"))->type, DescriptorType::directory);
  EXPECT_EQ(run(root->stat_at(*call, kNoFollow, "to_sub"))->type, DescriptorType::symbolic_link);
  EXPECT_EQ(run(root->stat_at(*call, kNoFollow, "to_sub"))->size, 3U);
  EXPECT_EQ(run(root->readlink_at(*call, "to_file")).value(), "to_sub/../file");
  EXPECT_EQ(error_of(run(root->readlink_at(*call, "file"))), ErrorCode::invalid);
}

TEST_P(FilesTest, EntriesAreMadeMovedAndRemoved) {
  ASSERT_TRUE(run(root->create_directory_at(*call, "dir/")).has_value());
  EXPECT_EQ(error_of(run(root->create_directory_at(*call, "dir"))), ErrorCode::exist);
  ASSERT_TRUE(run(root->rename_at(*call, "file", *root, "dir/moved")).has_value());
  EXPECT_EQ(get(box / "dir/moved"), "inside");
  EXPECT_EQ(error_of(run(root->remove_directory_at(*call, "dir"))), ErrorCode::not_empty);
  ASSERT_TRUE(run(root->link_at(*call, kNoFollow, "dir/moved", *root, "again")).has_value());
  EXPECT_EQ(run(root->stat_at(*call, kFollow, "again"))->link_count, 2U);
  ASSERT_TRUE(run(root->symlink_at(*call, "again", "soft")).has_value());
  ASSERT_TRUE(run(root->link_at(*call, kFollow, "soft", *root, "third")).has_value());
  EXPECT_EQ(run(root->stat_at(*call, kNoFollow, "third"))->link_count, 3U);
  ASSERT_TRUE(run(root->unlink_file_at(*call, "dir/moved")).has_value());
  ASSERT_TRUE(run(root->unlink_file_at(*call, "soft")).has_value());
  EXPECT_EQ(get(box / "again"), "inside") << "the link went, not what it named";
  ASSERT_TRUE(run(root->remove_directory_at(*call, "dir/")).has_value());
  EXPECT_EQ(error_of(run(root->unlink_file_at(*call, "dir"))), ErrorCode::no_entry);
  EXPECT_EQ(error_of(run(root->unlink_file_at(*call, "sub"))), ErrorCode::is_directory);
  EXPECT_EQ(error_of(run(root->remove_directory_at(*call, "again"))), ErrorCode::not_directory);
  EXPECT_EQ(error_of(run(root->link_at(*call, kNoFollow, "sub", *root, "sub2"))),
            ErrorCode::not_permitted);
  EXPECT_EQ(error_of(run(root->link_at(*call, kNoFollow, "none", *root, "x"))),
            ErrorCode::no_entry);
  EXPECT_EQ(error_of(run(root->link_at(*call, kNoFollow, "again", *root, "third"))),
            ErrorCode::exist);
}

TEST_P(FilesTest, RenameBetweenDirectories) {
  const Handle sub = std::move(open("sub", kRead, OpenFlags::kDirectory).value());
  ASSERT_TRUE(run(root->rename_at(*call, "file", *sub, "deep/file")).has_value());
  EXPECT_EQ(get(box / "sub/deep/file"), "inside");
  ASSERT_TRUE(run(sub->rename_at(*call, "deep/file", *root, "back")).has_value());
  EXPECT_EQ(get(box / "back"), "inside");
  EXPECT_EQ(error_of(run(root->rename_at(*call, "sub", *root, "sub/deep/x"))), ErrorCode::invalid);
}

TEST_P(FilesTest, TrailingSlashMeansADirectory) {
  EXPECT_EQ(error_of(open("file/")), ErrorCode::not_directory);
  EXPECT_EQ(error_of(run(root->stat_at(*call, kFollow, "file/"))), ErrorCode::not_directory);
  EXPECT_EQ(error_of(run(root->unlink_file_at(*call, "file/"))), ErrorCode::not_directory);
  EXPECT_EQ(error_of(run(root->unlink_file_at(*call, "sub/"))), ErrorCode::is_directory);
  EXPECT_EQ(error_of(run(root->rename_at(*call, "file/", *root, "x"))), ErrorCode::not_directory);
  EXPECT_EQ(error_of(run(root->rename_at(*call, "file", *root, "x/"))), ErrorCode::not_directory);
  EXPECT_EQ(error_of(run(root->symlink_at(*call, "file", "x/"))), ErrorCode::no_entry);
  EXPECT_EQ(error_of(run(root->link_at(*call, kNoFollow, "file", *root, "x/"))),
            ErrorCode::no_entry);
  EXPECT_EQ(error_of(run(root->link_at(*call, kNoFollow, "file/", *root, "x"))),
            ErrorCode::not_directory);
  EXPECT_TRUE(run(root->rename_at(*call, "sub/", *root, "sub2/")).has_value());
  EXPECT_TRUE(fs::exists(box / "sub2/file"));
}

TEST_P(FilesTest, TimestampsComeAndGo) {
  const NewTimestamp at = NewTimestamp::timestamp({1'000'000'000, 5});
  ASSERT_TRUE(run(root->set_times_at(*call, kFollow, "file", NewTimestamp::no_change(), at)));
  EXPECT_EQ(run(root->stat_at(*call, kFollow, "file"))->data_modification_timestamp,
            (Datetime{1'000'000'000, 5}));
  const Handle file = std::move(open("file").value());
  ASSERT_TRUE(run(file->set_times(*call, at, NewTimestamp::now())));
  const auto stat = run(file->stat(*call)).value();
  EXPECT_EQ(stat.data_access_timestamp, (Datetime{1'000'000'000, 5}));
  EXPECT_GT(stat.data_modification_timestamp->seconds, 1'000'000'000U);
  fs::create_symlink("file", box / "link");
  ASSERT_TRUE(run(root->set_times_at(*call, kNoFollow, "link", at, at)));
  EXPECT_EQ(run(root->stat_at(*call, kNoFollow, "link"))->data_modification_timestamp,
            (Datetime{1'000'000'000, 5}));
  EXPECT_GT(run(file->stat(*call))->data_modification_timestamp->seconds, 1'000'000'000U);
}

TEST_P(FilesTest, TimestampsThatAreNoneAreRefused) {
  const Handle file = std::move(open("file").value());
  for (const std::uint32_t nanos : {1'000'000'000U, 0x3fffffffU, 0x3ffffffeU, 0xffffffffU}) {
    const NewTimestamp bad = NewTimestamp::timestamp({1, nanos});
    EXPECT_EQ(error_of(run(file->set_times(*call, bad, bad))), ErrorCode::invalid) << nanos;
  }
  const NewTimestamp never = NewTimestamp::timestamp({std::uint64_t{1} << 63, 0});
  EXPECT_EQ(error_of(run(file->set_times(*call, never, never))), ErrorCode::overflow);
}

TEST_P(FilesTest, TimesBefore1970AreLeftOut) {
  const timespec old[] = {{-86400, 0}, {-1, 999'999'999}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (box / "file").c_str(), old, 0), 0);
  const auto stat = run(root->stat_at(*call, kFollow, "file")).value();
  EXPECT_EQ(stat.data_access_timestamp, std::nullopt);
  EXPECT_EQ(stat.data_modification_timestamp, std::nullopt);
  EXPECT_TRUE(stat.status_change_timestamp.has_value());
  EXPECT_TRUE(run(root->metadata_hash_at(*call, kFollow, "file")).has_value());
}

TEST_P(FilesTest, HashesTellChanges) {
  const Handle file = std::move(open("file", kWrite).value());
  const auto before = run(file->metadata_hash(*call)).value();
  EXPECT_EQ(run(root->metadata_hash_at(*call, kFollow, "file")).value(), before);
  EXPECT_EQ(run(file->metadata_hash(*call)).value(), before);
  EXPECT_NE(run(root->metadata_hash_at(*call, kFollow, "sub/file")).value(), before);
  ASSERT_TRUE(run(file->set_size(*call, 100)).has_value());
  EXPECT_NE(run(file->metadata_hash(*call)).value(), before);
}

TEST_P(FilesTest, SameObjectUnderTwoNamesIsTheSame) {
  fs::create_hard_link(box / "file", box / "twin");
  const Handle file = std::move(open("file").value());
  const Handle twin = std::move(open("twin").value());
  const Handle other = std::move(open("sub/file").value());
  EXPECT_TRUE(run(file->is_same_object(*call, *twin)));
  EXPECT_FALSE(run(file->is_same_object(*call, *other)));
  EXPECT_EQ(run(file->get_type(*call)).value(), DescriptorType::regular_file);
  EXPECT_EQ(run(root->get_type(*call)).value(), DescriptorType::directory);
}

TEST_P(FilesTest, DescriptorWorksWhenItsNameIsGone) {
  const Handle file = std::move(open("file").value());
  const Handle sub = std::move(open("sub").value());
  ASSERT_TRUE(run(root->unlink_file_at(*call, "file")).has_value());
  fs::remove_all(box / "sub");
  EXPECT_EQ(read(*file), "inside");
  EXPECT_EQ(error_of(run(sub->create_directory_at(*call, "x"))), ErrorCode::no_entry);
  EXPECT_TRUE(list(*sub).empty());
}

NACRE_WITH_EACH_RESOLVER(FilesTest);

} // namespace
} // namespace nacre::wasi_filesystem
