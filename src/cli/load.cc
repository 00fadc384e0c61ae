// SPDX-License-Identifier: Apache-2.0
#include "cli/load.h"

#include "base/files.h"
#include "cli/download.h"

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

constexpr std::string_view kHandler = "wasi:http/incoming-handler@0.2.0";
constexpr std::string_view kCommand = "wasi:cli/run@0.2.0";

/// Where build tools leave components, best first.
constexpr std::array kBuildFolders{"target/wasm32-wasip2/release", "target/wasm32-wasip2/debug",
                                   "build", "dist", ""};

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
    const fs::path place = *folder == '\0' ? fs::path(what) : fs::path(what) / folder;
    const auto files = wasm_files(place);
    if (files.size() == 1)
      return files.front().string();
    if (files.size() > 1) {
      return Error{Code::invalid,
                   fmt::format("{} has several components ({} and {}): name one of them",
                               place.string(), files[0].filename().string(),
                               files[1].filename().string())};
    }
  }
  return Error{Code::not_found, fmt::format("no built component in {}: build it first (Rust: cargo "
                                            "build --release --target wasm32-wasip2)",
                                            what)};
}

Result<Source> open_component(const std::string& what) {
  Source out;
  if (is_url(what)) {
    out.path = what;
    TRY(out.bytes, download(what).context(what));
    TRY_OK(check_header(what, out.bytes));
    fmt::print(stderr, "downloaded {}: {} bytes, sha256:{}\n", what, out.bytes.size(),
               component::digest_of(out.bytes));
    out.name = fs::path(what.substr(0, what.find_first_of("?#"))).stem().string();
  } else {
    TRY(out.path, find_component(what));
    TRY(out.bytes, read_file(out.path));
    TRY_OK(check_header(out.path, out.bytes));
    out.name = fs::path(out.path).stem().string();
  }
  if (out.name.empty())
    out.name = "component";
  return out;
}

Result<std::shared_ptr<const component::Component>>
load_component(const engine::Engine& engine, const Source& source, const std::string& cache_dir) {
  TRY(const auto cache,
      component::CodeCache::open(
          engine, {.directory = cache_dir, .program = this_program(), .limits = {}}));
  auto loading = std::async(std::launch::async, [&] { return cache->load(source.bytes); });
  if (loading.wait_for(std::chrono::seconds(1)) != std::future_status::ready)
    fmt::print(stderr, "compiling {} (kept for the next start) …\n", source.path);
  auto loaded = loading.get();
  if (!loaded.has_value())
    return std::move(loaded.error()).context(source.path);
  if (loaded->component->plan().concurrent) {
    return Error{Code::unsupported,
                 fmt::format("{}: this component speaks WASI 0.3 (asynchronous functions), which "
                             "nacre does not run yet; build it for WASI 0.2",
                             source.path)};
  }
  return std::move(loaded->component);
}

Result<> require_command(const component::Component& component) {
  if (component.find_function(kCommand, "run") != nullptr)
    return {};
  return Error{Code::not_found,
               component.find_function(kHandler, "handle") != nullptr
                   ? "this component is no command: it answers HTTP, start it with `nacre serve`"
                   : "this component is no command: it exports no wasi:cli/run; call one of its "
                     "functions with --invoke (`nacre inspect` shows them)"};
}

} // namespace nacre::cli
