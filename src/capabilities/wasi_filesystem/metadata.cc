// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_filesystem/metadata.h"

#include "base/ensure.h"
#include "capabilities/wasi_filesystem/node.h"
#include "capabilities/wasi_filesystem/siphash.h"

#include <array>
#include <optional>
#include <span>
#include <sys/random.h>

namespace nacre::wasi_filesystem {
namespace {

using wasi_clocks_p2::Datetime;
using Secret = std::array<std::uint64_t, 2>;

std::optional<Datetime> to_datetime(const timespec& time) {
  if (time.tv_sec < 0)
    return std::nullopt;
  return Datetime{static_cast<std::uint64_t>(time.tv_sec),
                  static_cast<std::uint32_t>(time.tv_nsec)};
}

const Secret& secret() {
  static const Secret kSecret = [] {
    Secret made{};
    ENSURE(::getrandom(made.data(), sizeof(made), 0) == static_cast<ssize_t>(sizeof(made)),
           "the kernel gives random bytes");
    return made;
  }();
  return kSecret;
}

} // namespace

wasi_filesystem_p2::DescriptorStat to_descriptor_stat(const struct stat& info) {
  return {.type = type_of(info.st_mode),
          .link_count = info.st_nlink,
          .size = static_cast<std::uint64_t>(info.st_size),
          .data_access_timestamp = to_datetime(info.st_atim),
          .data_modification_timestamp = to_datetime(info.st_mtim),
          .status_change_timestamp = to_datetime(info.st_ctim)};
}

wasi_filesystem_p2::MetadataHashValue hash_of(const struct stat& info) {
  const std::array<std::uint64_t, 5> input{info.st_dev, info.st_ino,
                                           static_cast<std::uint64_t>(info.st_size),
                                           static_cast<std::uint64_t>(info.st_mtim.tv_sec),
                                           static_cast<std::uint64_t>(info.st_mtim.tv_nsec)};
  const auto [lower, upper] = siphash_128(secret(), std::as_bytes(std::span{input}));
  return {lower, upper};
}

} // namespace nacre::wasi_filesystem
