// SPDX-License-Identifier: Apache-2.0
// Compile bombs: components made to cost their compiler dearly cost the host an error with a
// sentence.
#include "component/code_cache.h"
#include "component/compile_process.h"
#include "engine/testing/wat.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace nacre::component {
namespace {

namespace fs = std::filesystem;

std::vector<std::byte> component_of(const std::string& function) {
  return engine::wat(
      fmt::format("(component (core module $m {}) (core instance (instantiate $m)))", function));
}

std::string repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i)
    out += text;
  return out;
}

/// `depth` blocks in each other, with a jump to each of them.
std::vector<std::byte> many_blocks(int depth) {
  std::string labels;
  for (int i = 0; i < depth; ++i)
    labels += fmt::format("{} ", i);
  return component_of("(func (export \"f\") (param i32) (result i32) " + repeat("block ", depth) +
                      "local.get 0 br_table " + labels + repeat("end ", depth) + "i32.const 0)");
}

/// `locals` values that are all alive through `loops` loops in each other.
std::vector<std::byte> many_locals(int locals, int loops) {
  std::string body = "(func (export \"f\") (param i32) (result i32) (local " +
                     repeat("i32 ", locals) + ") " + repeat("loop ", loops);
  for (int i = 1; i <= locals; ++i)
    body += fmt::format("local.get {} local.get 0 i32.add local.set {} ", i, i % locals + 1);
  return component_of(body + repeat("local.get 0 br_if 0 end ", loops) + "local.get 1)");
}

class CompileBombTest : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "nacre_compile_XXXXXX";
    directory = ::mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(directory); }

  /// NACRE_PROGRAM in the environment names another build of it.
  static std::string program() {
    const char* asked = std::getenv("NACRE_PROGRAM");
    return asked == nullptr ? NACRE_PROGRAM : asked;
  }
  Result<> compile(const CompileLimits& limits, const std::vector<std::byte>& bytes) const {
    return compile_in_process(program(), limits, bytes, directory);
  }

  std::string directory;
};

/// Tens of seconds and gigabytes, if it were let.
std::vector<std::byte> bomb() {
  return many_locals(45'000, 2000);
}

TEST_F(CompileBombTest, IsStoppedAtItsCpuTime) {
  const auto done = compile({.cpu_seconds = 1}, bomb());
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().code(), Code::exhausted);
  EXPECT_EQ(done.error().message(), "compiling used more than 1 s of CPU and was stopped");
}

TEST_F(CompileBombTest, IsStoppedAtItsTime) {
  const auto done = compile({.wall_seconds = 1}, bomb());
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().code(), Code::exhausted);
  EXPECT_EQ(done.error().message(), "compiling took longer than 1 s and was stopped");
}

TEST_F(CompileBombTest, IsStoppedAtItsMemory) {
  if (!compile_caps_memory())
    GTEST_SKIP() << "a program with sanitizers runs without a cap on memory";
  const auto done = compile({.memory = std::uint64_t{256} << 20}, bomb());
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().code(), Code::exhausted);
  EXPECT_TRUE(done.error().message().starts_with("compiling needs more than 256 MiB of memory"))
      << done.error().message();
}

TEST_F(CompileBombTest, TooManyTargetsAreRefusedWithASentence) {
  const auto done = compile({}, many_blocks(100'000));
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().code(), Code::invalid);
  EXPECT_NE(done.error().message().find("`br_table` has 99999 targets"), std::string::npos)
      << done.error().message();
}

TEST_F(CompileBombTest, LeavesNothingInTheCacheAndTheNextComponentCompiles) {
  const auto engine = engine::Engine::create({.pooling = false}).value();
  const std::string place = directory + "/cache";
  const auto cache = CodeCache::open(*engine, {.directory = place,
                                               .program = program(),
                                               .limits = {.cpu_seconds = 1, .wall_seconds = 60}})
                         .value();
  for (int i = 0; i < 2; ++i) {
    const auto loaded = cache->load(bomb());
    ASSERT_FALSE(loaded.has_value());
    EXPECT_EQ(loaded.error().code(), Code::exhausted);
    EXPECT_TRUE(fs::is_empty(place));
  }
  const auto small = cache->load(many_blocks(3));
  ASSERT_TRUE(small.has_value()) << small.error().message();
  EXPECT_TRUE(small->compiled);
}

} // namespace
} // namespace nacre::component
