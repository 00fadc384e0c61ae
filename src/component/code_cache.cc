// SPDX-License-Identifier: Apache-2.0
#include "component/code_cache.h"

#include "base/files.h"
#include "base/log.h"
#include "base/sha256.h"
#include "component/compile_process.h"
#include "component/plan_reader.h"
#include "component/planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sys/stat.h>
#include <unistd.h>

namespace nacre::component {
namespace fs = std::filesystem;
namespace {

/// Part of every key: raise it when the meaning of an entry's files changes.
constexpr int kEntryVersion = 1;

std::string default_directory() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/')
    return std::string(cache) + "/nacre";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
    return std::string(home) + "/.cache/nacre";
  return fmt::format("/tmp/nacre-cache-{}", ::geteuid());
}

/// Whoever can write here can run code as us: nobody else may.
Result<> check_private(const std::string& directory) {
  struct stat status{};
  if (::lstat(directory.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
    return Error{Code::invalid, fmt::format("the code cache {} is not a directory", directory)};
  }
  if (status.st_uid != ::geteuid()) {
    return Error{
        Code::denied,
        fmt::format("the code cache {} belongs to another user; choose one with --cache-dir",
                    directory)};
  }
  if ((status.st_mode & 022) != 0) {
    return Error{Code::denied,
                 fmt::format("others may write into the code cache {}: run `chmod go-w {}`",
                             directory, directory)};
  }
  return {};
}

std::string module_file(std::size_t index) {
  return fmt::format("module{}", index);
}

/// "checksum  name" per line.
Result<std::map<std::string, std::string>> read_sums(const std::string& path) {
  TRY(const std::string text, read_text_file(path));
  std::map<std::string, std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    const auto space = line.find("  ");
    if (space == std::string::npos)
      return Error{Code::invalid, "damaged list of checksums"};
    out[line.substr(space + 2)] = line.substr(0, space);
    at = end + 1;
  }
  return out;
}

Result<> check_sum(const std::map<std::string, std::string>& sums, const std::string& name,
                   std::span<const std::byte> bytes) {
  const auto found = sums.find(name);
  if (found == sums.end() || found->second != sha256_hex(bytes)) {
    return Error{Code::invalid, fmt::format("{} does not match its checksum", name)};
  }
  return {};
}

/// Modules that instantiation uses; what the planner made superfluous is not compiled.
std::vector<bool> used_modules(const Plan& plan) {
  std::vector<bool> used(plan.modules.size(), false);
  for (const Plan::Initializer& initializer : plan.initializers) {
    if (const auto* step = std::get_if<Plan::Instantiate>(&initializer))
      used[step->module] = true;
  }
  return used;
}

} // namespace

std::string digest_of(std::span<const std::byte> bytes) {
  return sha256_hex(bytes);
}

Result<std::unique_ptr<CodeCache>> CodeCache::open(const engine::Engine& engine,
                                                   CacheSettings settings) {
  if (settings.directory.empty())
    settings.directory = default_directory();
  std::error_code error;
  fs::create_directories(fs::path(settings.directory).parent_path(), error);
  if (::mkdir(settings.directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return Error{Code::unavailable, fmt::format("cannot make the code cache {}: {}",
                                                settings.directory, std::strerror(errno))};
  }
  TRY_OK(check_private(settings.directory));
  return std::unique_ptr<CodeCache>(new CodeCache(engine, std::move(settings)));
}

std::string CodeCache::entry_name(std::span<const std::byte> bytes) const {
  return fmt::format("{}/{}-{:016x}-{}", settings_.directory, digest_of(bytes),
                     engine_.fingerprint(), kEntryVersion);
}

Result<CodeCache::Loaded> CodeCache::load(std::span<const std::byte> bytes) const {
  const std::string path = entry_name(bytes);
  std::error_code ignored;
  if (fs::exists(path, ignored)) {
    auto found = read_entry(path);
    if (found.has_value())
      return Loaded{std::move(*found), false};
    log::warn("damaged entry in the code cache, compiling again",
              {{"entry", path}, {"why", found.error().message()}});
    fs::remove_all(path, ignored);
  }
  TRY_OK(write_entry(bytes, path));
  TRY(auto made, read_entry(path));
  return Loaded{std::move(made), true};
}

Result<std::shared_ptr<const Component>> CodeCache::read_entry(const std::string& path) const {
  TRY_OK(check_private(path));
  TRY(const auto sums, read_sums(path + "/sums"));
  TRY(const auto plan_bytes, read_file(path + "/plan"));
  TRY_OK(check_sum(sums, "plan", plan_bytes));
  TRY(auto plan, read_plan(plan_bytes));
  std::vector<engine::Module> modules(plan.modules.size());
  const std::vector<bool> used = used_modules(plan);
  for (std::size_t i = 0; i < modules.size(); ++i) {
    // The core modules themselves are compiled: their bytes need not stay in memory.
    std::vector<std::byte>().swap(plan.modules[i].bytes);
    if (!used[i])
      continue;
    const std::string file = path + "/" + module_file(i);
    TRY(const MappedFile mapped, MappedFile::open(file));
    TRY_OK(check_sum(sums, module_file(i), mapped.bytes()));
    TRY(modules[i], engine_.load_file(file).context("loading compiled code"));
  }
  return std::make_shared<const Component>(std::move(plan), std::move(modules));
}

Result<> CodeCache::write_entry(std::span<const std::byte> bytes, const std::string& path) const {
  static std::atomic<unsigned> counter{0};
  const std::string aside = fmt::format("{}/tmp-{}-{}", settings_.directory, ::getpid(), counter++);
  if (::mkdir(aside.c_str(), 0700) != 0) {
    return Error{Code::unavailable, fmt::format("cannot write to the code cache {}: {}",
                                                settings_.directory, std::strerror(errno))};
  }
  Result<> made = settings_.program.empty()
                      ? compile_entry(engine_, bytes, aside)
                      : compile_in_process(settings_.program, settings_.limits, bytes, aside);
  std::error_code error;
  if (made.has_value()) {
    fs::rename(aside, path, error);
    // Another process may have been faster; its entry is as good.
    if (!error || fs::exists(path)) {
      fs::remove_all(aside, error);
      return {};
    }
    made = Error{Code::unavailable, fmt::format("cannot keep compiled code in {}: {}",
                                                settings_.directory, error.message())};
  }
  fs::remove_all(aside, error);
  return made;
}

Result<> compile_entry(const engine::Engine& engine, std::span<const std::byte> bytes,
                       const std::string& directory) {
  TRY(const auto plan_bytes, make_plan(bytes));
  TRY(const auto plan, read_plan(plan_bytes));
  std::string sums = fmt::format("{}  plan\n", sha256_hex(plan_bytes));
  TRY_OK(write_file(directory + "/plan", plan_bytes));
  const std::vector<bool> used = used_modules(plan);
  for (std::size_t i = 0; i < plan.modules.size(); ++i) {
    if (!used[i])
      continue;
    TRY(const auto code, engine.compile(plan.modules[i].bytes).context("compiling a core module"));
    TRY_OK(write_file(directory + "/" + module_file(i), code));
    sums += fmt::format("{}  {}\n", sha256_hex(code), module_file(i));
  }
  return write_file(directory + "/sums", std::as_bytes(std::span(sums)));
}

} // namespace nacre::component
