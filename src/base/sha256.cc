// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.h"

#include "base/ensure.h"

#include <openssl/evp.h>

#include <array>

namespace nacre {

std::string sha256_hex(std::span<const std::byte> bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  const int done =
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr);
  ENSURE(done == 1 && length == 32, "SHA-256 is always there");
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (unsigned i = 0; i < length; ++i) {
    out.push_back(kDigits[digest.at(i) >> 4]);
    out.push_back(kDigits[digest.at(i) & 15]);
  }
  return out;
}

} // namespace nacre
