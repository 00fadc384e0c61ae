// SPDX-License-Identifier: Apache-2.0
// run_cli: the command line of nacre, from arguments to exit code.
#pragma once

#include "cli/guest_options.h"

namespace nacre::cli {

/// 0: success · 1: it failed (one sentence on standard error) · 2: wrong usage · `run`: the guest's
/// own exit code.
int run_cli(int argc, char** argv, const Grant& grant);

} // namespace nacre::cli
