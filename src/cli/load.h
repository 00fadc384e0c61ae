// SPDX-License-Identifier: Apache-2.0
// load: from what the user named (a file, a project directory or an address) to a compiled
// component.
#pragma once

#include "base/result.h"
#include "component/code_cache.h"
#include "engine/engine.h"

#include <memory>
#include <string>
#include <vector>

namespace nacre::cli {

/// A component as it was found.
struct Source {
  std::string path; ///< where: for messages
  std::string name; ///< the file's name without folder and suffix
  std::vector<std::byte> bytes;
};

/// The component file that `what` means: itself, or the one built component of a project directory.
Result<std::string> find_component(const std::string& what);
/// Reads it, or downloads it (then says so with its digest on standard error); anything but a
/// component is refused with a sentence.
Result<Source> open_component(const std::string& what);
/// Compiled, from the cache if it was there; says so on standard error when that takes more than a
/// second. Refuses what needs a WASI that is not served yet.
Result<std::shared_ptr<const component::Component>>
load_component(const engine::Engine& engine, const Source& source, const std::string& cache_dir);
/// Or a sentence that says what to do with it instead.
Result<> require_command(const component::Component& component);

} // namespace nacre::cli
