// SPDX-License-Identifier: Apache-2.0
#include "base/files.h"
#include "base/sha256.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <unistd.h>

namespace nacre {
namespace {

std::string temp_file() {
  std::string path = testing::TempDir() + "nacre_files_test_XXXXXX";
  ::close(::mkstemp(path.data()));
  return path;
}

TEST(Files, WhatIsWrittenIsReadAndMapped) {
  const std::string path = temp_file();
  const std::string text = "three\nlines\nhere";
  ASSERT_TRUE(write_file(path, std::as_bytes(std::span(text))).has_value());
  EXPECT_EQ(read_text_file(path).value(), text);
  auto mapped = MappedFile::open(path);
  ASSERT_TRUE(mapped.has_value());
  EXPECT_EQ(sha256_hex(mapped->bytes()), sha256_hex(std::as_bytes(std::span(text))));
}

TEST(Files, FailureNamesPathAndReason) {
  auto missing = read_file("/nonexistent/file");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code(), Code::not_found);
  EXPECT_EQ(missing.error().message(), "cannot open /nonexistent/file: No such file or directory");
  EXPECT_EQ(read_file("/").error().code(), Code::invalid);
}

TEST(Files, TooLargeIsExhausted) {
  const std::string path = temp_file();
  const std::string text(100, 'x');
  ASSERT_TRUE(write_file(path, std::as_bytes(std::span(text))).has_value());
  EXPECT_EQ(read_text_file(path, 99).error().code(), Code::exhausted);
  EXPECT_TRUE(read_text_file(path, 100).has_value());
}

TEST(Sha256, KnownAnswers) {
  EXPECT_EQ(sha256_hex({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const std::string abc = "abc";
  EXPECT_EQ(sha256_hex(std::as_bytes(std::span(abc))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

} // namespace
} // namespace nacre
