// SPDX-License-Identifier: Apache-2.0
// The entries of a directory, one after the other; read from the system in batches, off the loop.
#pragma once

#include "capabilities/wasi_filesystem/node.h"
#include "loop/task.h"
#include "streams/quota.h"

#include <memory>

namespace nacre::wasi_filesystem {

/// A stream of its own that starts at the first entry. `.` and `..` are left out, and names that
/// are no UTF-8, which a guest could not say back.
Task<Answer<std::unique_ptr<wasi_filesystem_p2::DirectoryEntryStream>>>
open_directory_stream(NodePtr directory, streams::Ticket ticket);

} // namespace nacre::wasi_filesystem
