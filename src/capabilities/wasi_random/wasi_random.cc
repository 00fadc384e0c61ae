// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_random/wasi_random.h"

#include "bindings/wasi_random_p2.h"
#include "capabilities/wasi_random/generators.h"
#include "loop/loop.h"

#include <fmt/format.h>

#include <vector>

namespace nacre::wasi_random {
namespace {

using component::Bytes;
using component::HostCall;
using Fill = Result<> (*)(std::span<std::uint8_t> out);

/// Up to here bytes are made on the loop: some tens of microseconds.
constexpr std::uint64_t kOnLoop = 16 * 1024;

Result<> fill_insecure(std::span<std::uint8_t> out) {
  TRY(InsecureNumbers numbers, InsecureNumbers::seeded());
  numbers.fill(out);
  return {};
}

Task<Bytes> make_elsewhere(Fill fill, std::uint64_t len) {
  CO_TRY(Result<std::vector<std::uint8_t>> made,
         co_await offload([fill, len]() -> Result<std::vector<std::uint8_t>> {
           std::vector<std::uint8_t> bytes(len);
           TRY_OK(fill(bytes));
           return bytes;
         }));
  CO_TRY(std::vector<std::uint8_t> bytes, std::move(made));
  co_return Bytes{std::move(bytes)};
}

Async<Bytes> make_bytes(Fill fill, std::uint64_t len, std::uint64_t most) {
  if (len > most)
    return Error{Code::exhausted,
                 fmt::format("{} random bytes in one call, the limit is {}", len, most)};
  if (len > kOnLoop)
    return make_elsewhere(fill, len);
  std::vector<std::uint8_t> bytes(len);
  if (Result<> filled = fill(bytes); !filled)
    return filled.error();
  return Bytes{std::move(bytes)};
}

class RandomLease final : public capability::Lease,
                          wasi_random_p2::RandomHost,
                          wasi_random_p2::InsecureHost,
                          wasi_random_p2::InsecureSeedHost {
public:
  RandomLease(Settings settings, InsecureNumbers insecure)
      : settings_(settings), insecure_(insecure) {}

  Result<> link(component::Linker& linker) override {
    wasi_random_p2::link_random(linker, *this);
    wasi_random_p2::link_insecure(linker, *this);
    wasi_random_p2::link_insecure_seed(linker, *this);
    return {};
  }
  Task<> close() override { co_return Result<>{}; }

private:
  Async<Bytes> get_random_bytes(HostCall& /*call*/, std::uint64_t len) override {
    return make_bytes(fill_secure, len, settings_.max_bytes);
  }
  Result<std::uint64_t> get_random_u64(HostCall& /*call*/) override { return secure_.next(); }

  Async<Bytes> get_insecure_random_bytes(HostCall& /*call*/, std::uint64_t len) override {
    return make_bytes(fill_insecure, len, settings_.max_bytes);
  }
  Result<std::uint64_t> get_insecure_random_u64(HostCall& /*call*/) override {
    return insecure_.next();
  }

  // A seed for hash tables protects only while nobody can guess it.
  Result<std::tuple<std::uint64_t, std::uint64_t>> insecure_seed(HostCall& /*call*/) override {
    TRY(const std::uint64_t first, secure_.next());
    TRY(const std::uint64_t second, secure_.next());
    return std::tuple{first, second};
  }

  Settings settings_;
  SecureNumbers secure_;
  InsecureNumbers insecure_;
};

Result<std::unique_ptr<capability::Lease>> make_lease(Settings settings) {
  TRY(InsecureNumbers insecure, InsecureNumbers::seeded());
  return std::make_unique<RandomLease>(settings, insecure);
}

class Random final : public capability::Capability {
public:
  explicit Random(Settings settings) : settings_(settings) {}

  std::vector<std::string> interfaces() const override {
    return {"wasi:random/random@0.2.12", "wasi:random/insecure@0.2.12",
            "wasi:random/insecure-seed@0.2.12"};
  }
  Task<std::unique_ptr<capability::Lease>> lease(Loop& /*loop*/) override {
    return capability::ready_lease(make_lease(settings_));
  }

private:
  Settings settings_;
};

} // namespace

std::unique_ptr<capability::Capability> make_wasi_random(Settings settings) {
  return std::make_unique<Random>(settings);
}

} // namespace nacre::wasi_random
