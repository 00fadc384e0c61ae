// SPDX-License-Identifier: Apache-2.0
// load: from what the user named (a file or a project directory) to a compiled component.
#pragma once

#include "base/result.h"
#include "component/code_cache.h"
#include "engine/engine.h"

#include <memory>
#include <string>
#include <vector>

namespace nacre::cli {

/// The component file that `what` means: itself, or the one built component of a project directory.
Result<std::string> find_component(const std::string& what);
/// Its bytes; anything but a component is refused with a sentence.
Result<std::vector<std::byte>> read_component(const std::string& path);
/// Compiled, from the cache if it was there; says so on standard error when that takes more than a
/// second.
Result<std::shared_ptr<const component::Component>>
load_component(const engine::Engine& engine, const std::string& path, const std::string& cache_dir);

} // namespace nacre::cli
