// SPDX-License-Identifier: Apache-2.0
// ENSURE: states an invariant; a broken one is a bug of ours, thrown as Bug and stopped at the root
// of the task.
#pragma once

#include <source_location>
#include <stdexcept>
#include <string>

namespace nacre {

/// A broken invariant. Caught only by Scope (which ends that task, logs and counts) and by main.
class Bug : public std::logic_error {
public:
  using std::logic_error::logic_error;
};

[[noreturn]] void fail_ensure(const char* condition, const std::string& what,
                              std::source_location where);

} // namespace nacre

#define ENSURE(condition, ...)                                                                     \
  do {                                                                                             \
    if (!(condition)) [[unlikely]]                                                                 \
      ::nacre::fail_ensure(#condition, ::std::string{__VA_ARGS__},                                 \
                           ::std::source_location::current());                                     \
  } while (false)
