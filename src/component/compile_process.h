// SPDX-License-Identifier: Apache-2.0
// compile_in_process: compilation in a child process with caps: a compile bomb costs an error
// message, not the host.
#pragma once

#include "component/code_cache.h"

namespace nacre::component {

/// Runs `program compile-worker DIRECTORY` with `bytes` on standard input and waits for its end.
/// Its standard error is the error's text. Code::exhausted when it hit a cap.
Result<> compile_in_process(const std::string& program, const CompileLimits& limits,
                            std::span<const std::byte> bytes, const std::string& directory);

/// False in a build with sanitizers: their shadow memory is more than any cap.
bool compile_caps_memory();

} // namespace nacre::component
