// SPDX-License-Identifier: Apache-2.0
// wasi:io 0.2: errors, pollables and streams; what other capabilities hand out, this one makes
// callable.
#pragma once

#include "capability/capability.h"

#include <memory>

namespace nacre::wasi_io {

std::unique_ptr<capability::Capability> make_wasi_io();

} // namespace nacre::wasi_io
