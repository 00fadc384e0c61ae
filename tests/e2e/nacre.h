// SPDX-License-Identifier: Apache-2.0
// Nacre: the program itself, run as a user runs it: as a server with a guest of tests/guests, or
// for one command.
#pragma once

#include "e2e/process.h"
#include "e2e/wire.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nacre::e2e {

/// The file of a guest of tests/guests, or of an example.
std::string guest(std::string_view name);

/// All of a file.
std::string bytes_of(const std::string& path);

/// A folder that lives as long as this, writable by nobody else.
class Scratch {
public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string path(std::string_view name = {}) const;
  /// Writes a file and returns its path.
  std::string file(std::string_view name, std::string_view text) const;
  std::string file(std::string_view name, std::span<const std::byte> bytes) const;

private:
  std::filesystem::path folder_;
};

struct Ran {
  int code = -1;
  std::string output;
  std::string errors;
};
/// `nacre ARGUMENTS…` to its end. Compiled code is kept in a cache that all tests share.
Ran nacre(const std::vector<std::string>& arguments, std::string input = {},
          std::vector<std::pair<std::string, std::string>> environment = {});

/// `nacre serve WHAT --addr 127.0.0.1:0 --admin 127.0.0.1:0 FLAGS…`, ready to be asked.
class Served {
public:
  explicit Served(const std::string& what, const std::vector<std::string>& flags = {});

  std::uint16_t port() const { return port_; }
  std::uint16_t admin_port() const { return admin_port_; }
  Process& process() { return process_; }
  Response get(std::string_view target, const Fields& fields = {}) const {
    return e2e::get(port_, target, fields);
  }

  /// What a metric says now; with labels as they are shown.
  double metric(std::string_view name) const;
  /// Asks again until the metric has that value; false after a very long time.
  bool reaches(std::string_view name, double value) const;
  /// SIGTERM, and the exit code at the end of it.
  int stop();

private:
  Process process_;
  std::uint16_t port_ = 0;
  std::uint16_t admin_port_ = 0;
};

} // namespace nacre::e2e
