// SPDX-License-Identifier: Apache-2.0
#include "base/files.h"
#include "cli/download.h"
#include "cli/load.h"

#include <array>
#include <filesystem>
#include <gmock/gmock.h>
#include <unistd.h>

namespace nacre::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr std::array kComponent{std::byte{0},  std::byte{'a'}, std::byte{'s'}, std::byte{'m'},
                                std::byte{13}, std::byte{0},   std::byte{1},   std::byte{0}};

class Load : public ::testing::Test {
protected:
  Load() : folder_(fs::temp_directory_path() / ("load_test-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~Load() override { fs::remove_all(folder_); }

  std::string put(const std::string& name, std::span<const std::byte> bytes = kComponent) {
    fs::create_directories((folder_ / name).parent_path());
    EXPECT_TRUE(write_file(folder_ / name, bytes).has_value());
    return folder_ / name;
  }

  fs::path folder_;
};

TEST_F(Load, AFileIsItself) {
  const std::string path = put("app.v2.wasm");
  const auto source = open_component(path);
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(source->path, path);
  EXPECT_EQ(source->name, "app.v2");
  EXPECT_EQ(source->bytes.size(), kComponent.size());
}

TEST_F(Load, AProjectIsItsOneBuiltComponent) {
  EXPECT_EQ(find_component(folder_).error().code(), Code::not_found);
  const std::string debug = put("target/wasm32-wasip2/debug/app.wasm");
  EXPECT_EQ(*find_component(folder_), debug);
  const std::string release = put("target/wasm32-wasip2/release/app.wasm");
  EXPECT_EQ(*find_component(folder_), release) << "what is optimised comes first";
  put("target/wasm32-wasip2/release/other.wasm");
  EXPECT_EQ(find_component(folder_).error().message(),
            (folder_ / "target/wasm32-wasip2/release").string() +
                " has several components (app.wasm and other.wasm): name one of them");
}

TEST_F(Load, OtherToolsLeaveTheirsElsewhere) {
  for (const char* place : {"build/app.wasm", "dist/app.wasm", "app.wasm"}) {
    const std::string path = put(place);
    EXPECT_EQ(*find_component(folder_), path);
    fs::remove(path);
  }
}

TEST_F(Load, OnlyComponentsAreTaken) {
  const auto refusal = [](const std::string& path) {
    const auto source = open_component(path);
    return source.has_value() ? std::string() : source.error().message();
  };
  auto bytes = kComponent;
  EXPECT_THAT(refusal(put("short.wasm", std::span(bytes).first(7))),
              HasSubstr("short.wasm is not a WebAssembly file"));
  bytes[4] = std::byte{1};
  bytes[6] = std::byte{0};
  EXPECT_THAT(refusal(put("core.wasm", bytes)),
              HasSubstr("core.wasm is a core module, not a component"));
  bytes[0] = std::byte{'<'};
  EXPECT_THAT(refusal(put("page.wasm", bytes)), HasSubstr("page.wasm is not a WebAssembly file"));
  EXPECT_THAT(refusal(folder_ / "none"), HasSubstr("No such file or directory"));
}

TEST(Url, IsTakenApart) {
  const auto parts = split_url("https://example.com:8443/a/b.wasm?v=1#top");
  ASSERT_TRUE(parts.has_value());
  EXPECT_EQ(parts->scheme, "https");
  EXPECT_EQ(parts->authority, "example.com:8443");
  EXPECT_EQ(parts->path, "/a/b.wasm?v=1");
  EXPECT_EQ(split_url("http://host")->path, "/");
  EXPECT_EQ(split_url("http://host?q")->path, "/?q");
  EXPECT_EQ(split_url("http://host#x")->authority, "host");
  for (const char* text : {"ftp://host/x", "http:///x", "http://user:secret@host/x", "file.wasm"})
    EXPECT_FALSE(split_url(text).has_value()) << text;
  EXPECT_THAT(split_url("http://me:secret@host/").error().message(),
              ::testing::Not(HasSubstr("secret")));
}

TEST(Url, OfARedirectIsResolved) {
  const UrlParts from{"https", "a.example", "/dir/app.wasm?x=/y/"};
  EXPECT_EQ(resolve_url(from, "http://b.example/z"), "http://b.example/z");
  EXPECT_EQ(resolve_url(from, "//b.example/z"), "https://b.example/z");
  EXPECT_EQ(resolve_url(from, "/z"), "https://a.example/z");
  EXPECT_EQ(resolve_url(from, "z"), "https://a.example/dir/z");
}

} // namespace
} // namespace nacre::cli
