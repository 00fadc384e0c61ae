// SPDX-License-Identifier: Apache-2.0
#include "cli/load.h"

#include "base/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <future>
#include <unistd.h>

namespace nacre::cli {
namespace fs = std::filesystem;
namespace {

/// Where build tools leave components, best first.
constexpr std::array kBuildFolders{"target/wasm32-wasip2/release", "target/wasm32-wasip2/debug",
                                   "build", "dist", "."};

std::vector<fs::path> wasm_files(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".wasm")
      out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

/// The first eight bytes tell a component from a core module and from everything else.
Result<> check_header(const std::string& path, std::span<const std::byte> bytes) {
  constexpr std::array<std::byte, 4> kMagic{std::byte{0}, std::byte{'a'}, std::byte{'s'},
                                            std::byte{'m'}};
  if (bytes.size() < 8 || !std::equal(kMagic.begin(), kMagic.end(), bytes.begin())) {
    return Error{Code::invalid, fmt::format("{} is not a WebAssembly file", path)};
  }
  if (bytes[6] == std::byte{1})
    return {};
  return Error{Code::invalid, fmt::format("{} is a core module, not a component: build it for "
                                          "wasm32-wasip2, or make a component of it with "
                                          "`wasm-tools component new`",
                                          path)};
}

std::string this_program() {
  std::array<char, 4096> buffer{};
  const ssize_t length = ::readlink("/proc/self/exe", buffer.data(), buffer.size());
  return length > 0 ? std::string(buffer.data(), static_cast<std::size_t>(length)) : std::string{};
}

} // namespace

Result<std::string> find_component(const std::string& what) {
  std::error_code error;
  if (!fs::is_directory(what, error))
    return what;
  for (const char* folder : kBuildFolders) {
    const auto files = wasm_files(fs::path(what) / folder);
    if (files.size() == 1)
      return files.front().string();
    if (files.size() > 1) {
      return Error{Code::invalid,
                   fmt::format("{} has several components ({} and {}): name one of them",
                               (fs::path(what) / folder).string(), files[0].filename().string(),
                               files[1].filename().string())};
    }
  }
  return Error{Code::not_found, fmt::format("no built component in {}: build it first (Rust: cargo "
                                            "build --release --target wasm32-wasip2)",
                                            what)};
}

Result<std::vector<std::byte>> read_component(const std::string& path) {
  TRY(auto bytes, read_file(path));
  TRY_OK(check_header(path, bytes));
  return bytes;
}

Result<std::shared_ptr<const component::Component>> load_component(const engine::Engine& engine,
                                                                   const std::string& path,
                                                                   const std::string& cache_dir) {
  TRY(const auto bytes, read_component(path));
  TRY(const auto cache,
      component::CodeCache::open(
          engine, {.directory = cache_dir, .program = this_program(), .limits = {}}));
  auto loading = std::async(std::launch::async, [&] { return cache->load(bytes); });
  if (loading.wait_for(std::chrono::seconds(1)) != std::future_status::ready) {
    fmt::print(stderr, "compiling {} (kept for the next start) …\n", path);
  }
  auto loaded = loading.get();
  if (!loaded.has_value())
    return std::move(loaded.error()).context(path);
  return std::move(loaded->component);
}

} // namespace nacre::cli
