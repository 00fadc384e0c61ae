// SPDX-License-Identifier: Apache-2.0
// ScriptRunner: carries out the commands of one script and says how each assertion went.
#pragma once

#include "conformance/wast_guest.h"
#include "conformance/wast_script.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace nacre::conformance {

/// How one command went. `needs_async`: it uses component-model concurrency, which is validated but
/// not run yet.
struct Outcome {
  enum class Kind : std::uint8_t { passed, failed, needs_async };
  Kind kind = Kind::passed;
  std::string reason;

  static Outcome fail(std::string reason) { return {Kind::failed, std::move(reason)}; }
};

/// A command that did not pass.
struct Exception {
  int line = 0;
  std::string command;
  Outcome outcome;
};

/// What became of a script.
struct Report {
  std::string file;
  int assertions = 0;
  int passed = 0;
  std::vector<Exception> exceptions;
};

/// Whether a script may use concurrency; where it may not, what the runtime does not serve is a
/// failure.
enum class Concurrency : std::uint8_t { none, allowed };

/// Runs one script; instances and definitions have the script's names. An instance of a script is a
/// world of its own, as every component of the suite is closed.
class ScriptRunner {
public:
  ScriptRunner(Machine& machine, Concurrency concurrency)
      : machine_(machine), concurrency_(concurrency) {}

  Report run(const std::string& file, const std::vector<Command>& commands);

private:
  /// Something that may be missing because an earlier command did not pass.
  template <class T> struct Made {
    T thing;
    Outcome outcome;
  };
  using Definition = Made<ComponentPtr>;
  using Instance = Made<std::shared_ptr<Guest>>;

  Outcome outcome_of(const Error& error) const;
  Outcome carry_out(const Command& command);
  Outcome define(const Command& command);
  Outcome instantiate(const std::string& name, const Definition& definition);
  Outcome module_instance(const Command& command);
  Outcome assert_return(const Command& command);
  Outcome assert_trap(const Command& command);
  Outcome assert_uninstantiable(const Command& command);
  static Outcome assert_refused(const Command& command);
  Definition make(const Command& command);
  const Instance* target(const Action& action) const;

  Machine& machine_;
  Concurrency concurrency_;
  std::map<std::string, Definition> definitions_;
  std::map<std::string, Instance> instances_;
  Definition last_definition_;
  Instance last_instance_;
};

} // namespace nacre::conformance
