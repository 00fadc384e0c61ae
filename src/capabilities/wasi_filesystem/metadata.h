// SPDX-License-Identifier: Apache-2.0
// What the system knows about a file, as wasi:filesystem tells it.
#pragma once

#include "bindings/wasi_filesystem_p2.h"

#include <sys/stat.h>

namespace nacre::wasi_filesystem {

/// Times before 1970 have no place in an unsigned count of seconds: they are left out.
wasi_filesystem_p2::DescriptorStat to_descriptor_stat(const struct stat& info);

/// Of device, inode, size and modification, with a secret of this process: guests learn whether a
/// file is the same and unchanged, and nothing else.
wasi_filesystem_p2::MetadataHashValue hash_of(const struct stat& info);

} // namespace nacre::wasi_filesystem
