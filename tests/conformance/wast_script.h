// SPDX-License-Identifier: Apache-2.0
// Script: a .wast file as a list of commands, in json-from-wast's form, with its binaries inlined.
#pragma once

#include "base/result.h"

#include <boost/json/array.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nacre::conformance {

/// A call of an exported function.
struct Action {
  std::optional<std::string> instance; ///< None: the instance made last.
  std::string function;
  boost::json::array arguments; ///< Typed values: see wast_values.h.
};

/// One command; which parts it has depends on its type.
struct Command {
  std::string type; ///< "module", "assert_return", ...
  int line = 0;
  std::string name;                           ///< Of a definition or an instance; may be empty.
  std::string definition;                     ///< module_instance: what of; empty: the last one.
  std::optional<std::vector<std::byte>> wasm; ///< None: text that no parser takes.
  Action action;
  boost::json::array expected;
  std::string text; ///< What the error must contain.

  bool is_assertion() const { return type.starts_with("assert_") || type == "action"; }
};

/// Parses the content of a .wast file; `name` is for messages.
Result<std::vector<Command>> parse_script(const std::string& name, std::string_view wast);

} // namespace nacre::conformance
