// SPDX-License-Identifier: Apache-2.0
// download: a component from a web server, all of it or none.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nacre::cli {

/// Whether the user named an http:// or https:// address and not a file.
bool is_url(std::string_view text);

struct UrlParts {
  std::string scheme;    ///< "http" or "https"
  std::string authority; ///< host and port
  std::string path;      ///< with the query, without the fragment
};
/// Names in addresses (user:password@host) are refused: they end up in logs.
Result<UrlParts> split_url(std::string_view url);
/// Where a redirect leads: `location` as it stands in the answer for `from`.
std::string resolve_url(const UrlParts& from, std::string_view location);

/// Follows up to five redirects, never from https to http. `limit`: bytes at most.
Result<std::vector<std::byte>> download(const std::string& url,
                                        std::size_t limit = std::size_t{256} << 20);

} // namespace nacre::cli
