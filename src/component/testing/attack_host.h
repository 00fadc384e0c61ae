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
  kMake,
  kTouch,
  kConsume,
  kDrop,
  kMakeOther,
  kTouchOther,
  kDropOther,
  kBorrowAndOwn,
  kTwoOwns,
  kTextUtf8,
  kTextUtf16,
  kTextLatin1,
  kWords,
  kChar,
  kPerhaps,
  kBack,
  kGrow,
  kTouchForever,
  kFillForever,
  kRecurse,
  kBackFromTheDeep,
};

/// What "mode" takes.
enum AttackRealloc : std::uint32_t {
  kGood,
  kMisaligned,
  kOutOfBounds,
  kSpins,
  kTraps,
  kBottomless,
  kLeaves,
};

} // namespace nacre::component
