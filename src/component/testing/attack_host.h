// SPDX-License-Identifier: Apache-2.0
// AttackHost: an interface of the host with every kind of argument, and a guest that passes on what
// it is told: for tests that misuse both.
#pragma once

#include "component/linker.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace nacre::component {

/// "attack:host/api@0.1.0". Counts the host objects that are alive.
class AttackHost {
public:
  void define(Linker& linker);

  int things = 0;          ///< alive
  std::uint32_t calls = 0; ///< of any function
};

/// Its root exports "go" (op, a, b), which calls the function of the host that `op` names, and
/// "mode", which says how its realloc behaves from now on. The text of component "$guest".
std::string_view attack_guest();

/// What "go" takes as `op`.
enum AttackOp : std::uint32_t {
  make,
  touch,
  consume,
  drop,
  make_other,
  touch_other,
  drop_other,
  borrow_and_own,
  two_owns,
  text_utf8,
  text_utf16,
  text_latin1,
  words,
  char_,
  perhaps,
  back,
  grow,
  touch_forever,
  fill_forever,
  recurse,
  back_from_the_deep,
};

/// What "mode" takes.
enum AttackRealloc : std::uint32_t {
  good,
  misaligned,
  out_of_bounds,
  spins,
  traps,
  bottomless,
  leaves,
};

} // namespace nacre::component
