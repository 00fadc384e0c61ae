// SPDX-License-Identifier: Apache-2.0
// nacre: the one program. What it is made of stands in capabilities.cc; what it can do, in src/cli.
#include "capabilities.h"
#include "cli/cli.h"

int main(int argc, char** argv) {
  return nacre::cli::run_cli(argc, argv, nacre::grant_capabilities);
}
