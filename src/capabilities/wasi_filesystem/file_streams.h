// SPDX-License-Identifier: Apache-2.0
// Streams over an open file: what is in the page cache is read at once, everything else off the
// loop.
#pragma once

#include "capabilities/wasi_filesystem/node.h"
#include "streams/background.h"
#include "streams/input_stream.h"
#include "streams/output_stream.h"
#include "streams/quota.h"

#include <cstdint>
#include <memory>
#include <optional>

namespace nacre::wasi_filesystem {

/// Reads from `offset` on; ends at the end of the file as it is when it gets there. `background`
/// outlives it.
std::shared_ptr<streams::Source> make_file_source(NodePtr file, std::uint64_t offset,
                                                  streams::Ticket ticket,
                                                  streams::Background& background);

/// Writes from `offset` on, or at the end of the file, wherever that is then. What it took is
/// written even if the guest drops the stream.
std::shared_ptr<streams::Sink> make_file_sink(NodePtr file, std::optional<std::uint64_t> offset,
                                              streams::Ticket ticket,
                                              streams::Background& background);

} // namespace nacre::wasi_filesystem
