// SPDX-License-Identifier: Apache-2.0
// grant_capabilities: the one list of what this program can grant to guests.
#pragma once

#include "cli/guest_options.h"

namespace nacre {

Result<cli::Granted> grant_capabilities(const cli::GuestOptions& options);

} // namespace nacre
