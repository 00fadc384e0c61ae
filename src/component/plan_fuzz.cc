// SPDX-License-Identifier: Apache-2.0
// Feeds arbitrary bytes to the reader of plans. A good corpus is the plans of tests/guests/plan.
#include "component/plan_reader.h"

#include <cstddef>
#include <cstdint>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)nacre::component::read_plan(std::as_bytes(std::span(data, size)));
  return 0;
}
