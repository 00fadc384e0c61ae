// SPDX-License-Identifier: Apache-2.0
#include "e2e/nacre.h"

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

namespace nacre::e2e {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> with_program(const std::vector<std::string>& arguments) {
  std::vector<std::string> out{NACRE_PROGRAM};
  out.insert(out.end(), arguments.begin(), arguments.end());
  return out;
}

std::vector<std::pair<std::string, std::string>>
with_cache(std::vector<std::pair<std::string, std::string>> environment) {
  environment.emplace_back("XDG_CACHE_HOME", NACRE_E2E_CACHE);
  return environment;
}

std::vector<std::string> serving(const std::string& what, const std::vector<std::string>& flags) {
  std::vector<std::string> out{"serve", what, "--addr", "127.0.0.1:0", "--admin", "127.0.0.1:0"};
  out.insert(out.end(), flags.begin(), flags.end());
  return out;
}

/// The port of the URL behind `words`.
std::uint16_t port_behind(const std::string& text, std::string_view words) {
  const auto at = text.find(words);
  const auto url = text.find(" on http://127.0.0.1:", at);
  if (at == std::string::npos || url == std::string::npos)
    throw std::runtime_error("nacre did not start: " + text);
  const char* const digits = text.data() + url + 21;
  std::uint16_t port = 0;
  std::from_chars(digits, text.data() + text.size(), port);
  return port;
}

} // namespace

std::string guest(std::string_view name) {
  const char* const folder = std::getenv("NACRE_GUESTS_DIR");
  return std::string(folder == nullptr ? "" : folder) + "/" + std::string(name) + ".wasm";
}

std::string bytes_of(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>(in), {}};
}

Scratch::Scratch() {
  std::string name = (fs::temp_directory_path() / "nacre-e2e-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    throw std::runtime_error("no temporary folder");
  folder_ = name;
}

Scratch::~Scratch() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string Scratch::path(std::string_view name) const {
  return name.empty() ? folder_.string() : (folder_ / name).string();
}

std::string Scratch::file(std::string_view name, std::string_view text) const {
  return file(name, std::as_bytes(std::span(text)));
}

std::string Scratch::file(std::string_view name, std::span<const std::byte> bytes) const {
  std::ofstream out{path(name), std::ios::binary};
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  return path(name);
}

Ran nacre(const std::vector<std::string>& arguments, std::string input,
          std::vector<std::pair<std::string, std::string>> environment) {
  Process process{{.arguments = with_program(arguments),
                   .environment = with_cache(std::move(environment)),
                   .input = std::move(input)}};
  Ran out;
  out.code = process.wait();
  out.output = process.output();
  out.errors = process.errors();
  return out;
}

Served::Served(const std::string& what, const std::vector<std::string>& flags)
    : process_({.arguments = with_program(serving(what, flags)), .environment = with_cache({})}) {
  process_.says("/metrics\n");
  const std::string said = process_.errors();
  port_ = port_behind(said, "serving ");
  admin_port_ = port_behind(said, "health and metrics");
}

double Served::metric(std::string_view name) const {
  const std::string text = "\n" + e2e::get(admin_port_, "/metrics").body;
  const auto at = text.find("\n" + std::string(name) + " ");
  return at == std::string::npos ? -1 : std::strtod(text.c_str() + at + name.size() + 2, nullptr);
}

bool Served::reaches(std::string_view name, double value) const {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (metric(name) != value) {
    if (std::chrono::steady_clock::now() > limit)
      return false;
  }
  return true;
}

int Served::stop() {
  process_.signal(SIGTERM);
  return process_.wait();
}

} // namespace nacre::e2e
