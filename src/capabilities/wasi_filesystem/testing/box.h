// SPDX-License-Identifier: Apache-2.0
// Box: a directory that a guest gets, next to one that it must never reach; with a guest's calls,
// made short.
#pragma once

#include "bindings/wasi_filesystem_p2.h"
#include "capabilities/wasi_filesystem/error_code.h"
#include "capabilities/wasi_filesystem/wasi_filesystem.h"
#include "component/linker.h"
#include "streams/testing/fake_call.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <vector>

namespace nacre::wasi_filesystem::testing {

namespace fs = std::filesystem;
using wasi_filesystem_p2::DescriptorFlags;
using wasi_filesystem_p2::OpenFlags;
using wasi_filesystem_p2::PathFlags;
using Handle = std::unique_ptr<wasi_filesystem_p2::Descriptor>;

inline constexpr PathFlags kFollow = PathFlags::kSymlinkFollow;
inline constexpr PathFlags kNoFollow{};
inline constexpr DescriptorFlags kRead = DescriptorFlags::kRead;
inline constexpr DescriptorFlags kWrite = DescriptorFlags::kWrite;

inline void put(const fs::path& path, std::string_view text) {
  std::ofstream{path} << text;
}
inline std::string get(const fs::path& path) {
  std::ostringstream out;
  out << std::ifstream{path}.rdbuf();
  return out.str();
}

/// Everything about a tree that a guest could have changed, one line per entry.
inline std::vector<std::string> snapshot(const fs::path& root) {
  std::vector<std::string> lines;
  for (const auto& entry : fs::recursive_directory_iterator{root}) {
    struct stat info{};
    EXPECT_EQ(::lstat(entry.path().c_str(), &info), 0);
    std::ostringstream line;
    line << entry.path().string() << ' ' << info.st_mode << ' ' << info.st_ino << ' '
         << info.st_nlink << ' ' << info.st_size << ' ' << info.st_mtim.tv_sec << '.'
         << info.st_mtim.tv_nsec;
    if (entry.is_regular_file() && !entry.is_symlink())
      line << ' ' << get(entry.path());
    lines.push_back(line.str());
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

class BoxTest : public ::testing::TestWithParam<Resolver> {
protected:
  BoxTest() {
    char name[] = "/tmp/nacre_box_XXXXXX";
    top = ::mkdtemp(name);
    box = top / "box";
    outside = top / "outside";
    fs::create_directories(box / "sub/deep");
    fs::create_directories(outside / "empty");
    put(box / "file", "inside");
    put(box / "sub/file", "below");
    put(outside / "secret", "secret");
  }
  ~BoxTest() override {
    close();
    std::error_code ignored;
    fs::remove_all(top, ignored);
  }

  /// Leases the box; `root` is its descriptor.
  void open_box(bool writable, std::uint32_t max_open = 64) {
    close();
    capability = make_wasi_filesystem({.preopens = {{box.string(), "/", writable}},
                                       .max_open = max_open,
                                       .resolver = GetParam()})
                     .value();
    lease = loop.block_on(capability->lease(loop)).value();
    ASSERT_TRUE(lease->link(linker).has_value());
    root = directories().front();
  }
  void close() {
    root.reset();
    linker = {};
    if (lease != nullptr) {
      EXPECT_TRUE(loop.block_on(lease->close()).has_value());
    }
    lease.reset();
  }
  wasi_filesystem_p2::PreopensHost& preopens() {
    return *static_cast<wasi_filesystem_p2::PreopensHost*>(
        linker.find("wasi:filesystem/preopens@0.2.0")->functions.begin()->second.self);
  }
  std::vector<std::shared_ptr<wasi_filesystem_p2::Descriptor>> directories() {
    std::vector<std::shared_ptr<wasi_filesystem_p2::Descriptor>> all;
    auto given = preopens().get_directories(*call);
    for (auto& [descriptor, name] : *given)
      all.push_back(std::move(descriptor));
    return all;
  }

  template <class T> T run(Async<T> async) {
    return streams::testing::answer(loop, std::move(async)).value();
  }
  Answer<Handle> open(std::string_view path, DescriptorFlags flags = kRead, OpenFlags how = {},
                      PathFlags follow = kFollow) {
    return run(root->open_at(*call, follow, path, how, flags));
  }
  Answer<std::string> read(wasi_filesystem_p2::Descriptor& file, std::uint64_t length = 1000,
                           std::uint64_t offset = 0) {
    auto got = run(file.read(*call, length, offset));
    if (!got)
      return std::unexpected{got.error()};
    const auto view = std::get<0>(*got).view();
    return std::string{view.begin(), view.end()};
  }
  Answer<std::uint64_t> write(wasi_filesystem_p2::Descriptor& file, std::string_view text,
                              std::uint64_t offset = 0) {
    return run(file.write(*call, bytes(text), offset));
  }
  static std::span<const std::uint8_t> bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  }

  Loop loop;
  streams::testing::FakeCall call;
  fs::path top;
  fs::path box;
  fs::path outside;
  std::unique_ptr<capability::Capability> capability;
  std::unique_ptr<capability::Lease> lease;
  component::Linker linker;
  std::shared_ptr<wasi_filesystem_p2::Descriptor> root;
};

/// Nothing where it went well.
template <class T> std::optional<ErrorCode> error_of(const Answer<T>& answer) {
  return answer ? std::nullopt : std::optional{answer.error()};
}

inline std::string resolver_name(const ::testing::TestParamInfo<Resolver>& info) {
  return info.param == Resolver::kernel ? "kernel" : "walk";
}

} // namespace nacre::wasi_filesystem::testing

/// Every test of the suite with each way to resolve paths.
#define NACRE_WITH_EACH_RESOLVER(suite)                                                            \
  INSTANTIATE_TEST_SUITE_P(Each, suite,                                                            \
                           ::testing::Values(::nacre::wasi_filesystem::Resolver::kernel,           \
                                             ::nacre::wasi_filesystem::Resolver::walk),            \
                           ::nacre::wasi_filesystem::testing::resolver_name)
