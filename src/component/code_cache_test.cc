// SPDX-License-Identifier: Apache-2.0
#include "base/files.h"
#include "component/code_cache.h"
#include "engine/testing/wat.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace nacre::component {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSmall = R"((component
  (core module $m (func (export "f") (result i32) (i32.const 7)))
  (core instance $i (instantiate $m))
  (func (export "f") (result u32) (canon lift (core func $i "f")))))";

class CodeCacheTest : public testing::Test {
protected:
  void SetUp() override {
    engine::Settings settings;
    settings.pooling = false;
    engine = engine::Engine::create(settings).value();
    std::string pattern = testing::TempDir() + "nacre_cache_XXXXXX";
    root = ::mkdtemp(pattern.data());
    bytes = engine::wat(kSmall);
  }
  void TearDown() override { fs::remove_all(root); }

  std::unique_ptr<CodeCache> open() {
    auto cache =
        CodeCache::open(*engine, {.directory = root + "/code", .program = "", .limits = {}});
    EXPECT_TRUE(cache.has_value()) << cache.error().message();
    return std::move(*cache);
  }
  std::vector<std::string> files() const {
    std::vector<std::string> out;
    for (const auto& file : fs::recursive_directory_iterator(root + "/code")) {
      if (file.is_regular_file())
        out.push_back(file.path());
    }
    return out;
  }

  std::unique_ptr<engine::Engine> engine;
  std::string root;
  std::vector<std::byte> bytes;
};

TEST_F(CodeCacheTest, SecondLoadComesFromDisk) {
  auto cache = open();
  EXPECT_TRUE(cache->load(bytes).value().compiled);
  const auto again = cache->load(bytes);
  ASSERT_TRUE(again.has_value()) << again.error().message();
  EXPECT_FALSE(again->compiled);
  EXPECT_EQ(again->component->plan().root_exports.size(), 1U);
}

TEST_F(CodeCacheTest, DamagedFilesAreCompiledAgain) {
  auto cache = open();
  ASSERT_TRUE(cache->load(bytes).has_value());
  for (const std::string& file : files()) {
    auto content = read_file(file).value();
    content.at(content.size() / 2) ^= std::byte{1};
    ASSERT_TRUE(write_file(file, content).has_value());
    const auto again = cache->load(bytes);
    ASSERT_TRUE(again.has_value()) << file << ": " << again.error().message();
    EXPECT_TRUE(again->compiled) << file;
  }
}

TEST_F(CodeCacheTest, TruncatedFilesAreCompiledAgain) {
  auto cache = open();
  ASSERT_TRUE(cache->load(bytes).has_value());
  for (const std::string& file : files()) {
    fs::resize_file(file, 3);
    EXPECT_TRUE(cache->load(bytes).value().compiled) << file;
  }
}

TEST_F(CodeCacheTest, DirectoryThatOthersMayWriteIsRefused) {
  fs::create_directory(root + "/code");
  ASSERT_EQ(::chmod((root + "/code").c_str(), 0777), 0);
  const auto refused =
      CodeCache::open(*engine, {.directory = root + "/code", .program = "", .limits = {}});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), Code::denied);
}

TEST_F(CodeCacheTest, CompilerThatCannotStartIsAnError) {
  auto cache = CodeCache::open(
                   *engine, {.directory = root + "/code", .program = "/nonexistent", .limits = {}})
                   .value();
  const auto failed = cache->load(bytes);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().message(), "the compiling process could not be started");
}

TEST_F(CodeCacheTest, WhatTheCompilerSaysIsTheError) {
  const std::string script = root + "/compiler";
  const std::string text = "#!/bin/sh\necho 'it is all wrong' >&2\nexit 3\n";
  ASSERT_TRUE(write_file(script, std::as_bytes(std::span(text))).has_value());
  ::chmod(script.c_str(), 0700);
  auto cache =
      CodeCache::open(*engine, {.directory = root + "/code", .program = script, .limits = {}})
          .value();
  const auto failed = cache->load(bytes);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().message(), "it is all wrong");
  EXPECT_TRUE(files().empty());
}

TEST_F(CodeCacheTest, CompilerThatTakesTooLongIsStopped) {
  const std::string script = root + "/compiler";
  const std::string text = "#!/bin/sh\nexec sleep 100\n";
  ASSERT_TRUE(write_file(script, std::as_bytes(std::span(text))).has_value());
  ::chmod(script.c_str(), 0700);
  CompileLimits limits;
  limits.wall_seconds = 1;
  auto cache =
      CodeCache::open(*engine, {.directory = root + "/code", .program = script, .limits = limits})
          .value();
  const auto failed = cache->load(bytes);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code(), Code::exhausted);
}

} // namespace
} // namespace nacre::component
