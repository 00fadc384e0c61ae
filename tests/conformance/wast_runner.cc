// SPDX-License-Identifier: Apache-2.0
#include "conformance/wast_runner.h"

#include "component/planner.h"
#include "conformance/wast_values.h"
#include "wit/wave.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace nacre::conformance {
namespace {

bool passed(const Outcome& outcome) {
  return outcome.kind == Outcome::Kind::passed;
}

/// Whether a validator that words a refusal otherwise than the script means the same.
bool means(std::string_view script, std::string_view validator) {
  if (validator.find(script) != std::string_view::npos)
    return true;
  // Shared memories need core threads, which no guest of ours gets: they are refused before their
  // types are compared.
  return script == "mismatch in the shared flag for memories" &&
         validator.find("threads must be enabled") != std::string_view::npos;
}

} // namespace

Outcome ScriptRunner::outcome_of(const Error& error) const {
  const bool async = error.code() == Code::unsupported && concurrency_ == Concurrency::allowed;
  return {async ? Outcome::Kind::needs_async : Outcome::Kind::failed, error.message()};
}

Report ScriptRunner::run(const std::string& file, const std::vector<Command>& commands) {
  Report report;
  report.file = file;
  for (const Command& command : commands) {
    Outcome outcome = carry_out(command);
    if (command.is_assertion()) {
      ++report.assertions;
      report.passed += passed(outcome) ? 1 : 0;
    }
    if (!passed(outcome))
      report.exceptions.push_back({command.line, command.type, std::move(outcome)});
  }
  return report;
}

Outcome ScriptRunner::carry_out(const Command& command) {
  const std::string& type = command.type;
  if (type == "module" || type == "module_definition")
    return define(command);
  if (type == "module_instance")
    return module_instance(command);
  if (type == "assert_return" || type == "action")
    return assert_return(command);
  if (type == "assert_trap")
    return assert_trap(command);
  if (type == "assert_uninstantiable")
    return assert_uninstantiable(command);
  if (type == "assert_invalid" || type == "assert_malformed")
    return assert_refused(command);
  return Outcome::fail("the driver does not know this command");
}

ScriptRunner::Definition ScriptRunner::make(const Command& command) {
  if (!command.wasm)
    return {nullptr, Outcome::fail("the text is not valid")};
  if (auto valid = component::validate(*command.wasm, {.threading = true}); !valid.has_value())
    return {nullptr, Outcome::fail("must be valid: " + valid.error().message())};
  auto component = load(machine_, *command.wasm);
  if (!component.has_value())
    return {nullptr, outcome_of(component.error())};
  return {std::move(*component), {}};
}

/// "module" also makes an instance of what it defines. A definition alone passes if it is valid:
/// whether it can be run shows when an instance is made.
Outcome ScriptRunner::define(const Command& command) {
  Definition definition = make(command);
  last_definition_ = definition;
  if (!command.name.empty())
    definitions_[command.name] = definition;
  if (command.type == "module_definition")
    return definition.outcome;
  return instantiate(command.name, definition);
}

Outcome ScriptRunner::instantiate(const std::string& name, const Definition& definition) {
  Instance instance{nullptr, definition.outcome};
  if (definition.thing != nullptr) {
    auto guest = Guest::link(machine_, definition.thing);
    if (!guest.has_value())
      instance.outcome = outcome_of(guest.error());
    else if (const auto trap = (*guest)->open())
      instance.outcome = Outcome::fail("instantiation trapped: " + *trap);
    else
      instance.thing = std::move(*guest);
  }
  last_instance_ = instance;
  if (!name.empty())
    instances_[name] = instance;
  return instance.outcome;
}

Outcome ScriptRunner::module_instance(const Command& command) {
  if (command.definition.empty())
    return instantiate(command.name, last_definition_);
  const auto found = definitions_.find(command.definition);
  if (found == definitions_.end())
    return Outcome::fail(fmt::format("no component is named '{}'", command.definition));
  return instantiate(command.name, found->second);
}

const ScriptRunner::Instance* ScriptRunner::target(const Action& action) const {
  if (!action.instance)
    return &last_instance_;
  const auto found = instances_.find(*action.instance);
  return found == instances_.end() ? nullptr : &found->second;
}

Outcome ScriptRunner::assert_return(const Command& command) {
  const Instance* instance = target(command.action);
  if (instance == nullptr || instance->thing == nullptr)
    return instance != nullptr ? instance->outcome : Outcome::fail("there is no such instance");
  Guest& guest = *instance->thing;
  const auto answer = guest.call(command.action.function, command.action.arguments);
  if (!answer.has_value())
    return outcome_of(answer.error());
  if (answer->trap)
    return Outcome::fail("trapped: " + *answer->trap);
  if (command.type == "action")
    return {};
  if (command.expected.size() != (answer->value ? 1u : 0u))
    return Outcome::fail("the number of results differs");
  if (!answer->value)
    return {};
  const auto expected = to_value(guest.types(), answer->type, command.expected[0]);
  if (!expected.has_value())
    return Outcome::fail(expected.error().message());
  if (*expected == *answer->value)
    return {};
  return Outcome::fail(fmt::format("expected {}, got {}",
                                   to_wave(guest.types(), answer->type, *expected),
                                   to_wave(guest.types(), answer->type, *answer->value)));
}

Outcome ScriptRunner::assert_trap(const Command& command) {
  const Instance* instance = target(command.action);
  if (instance == nullptr || instance->thing == nullptr)
    return instance != nullptr ? instance->outcome : Outcome::fail("there is no such instance");
  const auto answer = instance->thing->call(command.action.function, command.action.arguments);
  if (!answer.has_value())
    return outcome_of(answer.error());
  if (!answer->trap)
    return Outcome::fail(
        fmt::format("expected the trap '{}', but the call returned", command.text));
  if (answer->trap->find(command.text) == std::string::npos)
    return Outcome::fail(
        fmt::format("expected the trap '{}', got '{}'", command.text, *answer->trap));
  return {};
}

Outcome ScriptRunner::assert_uninstantiable(const Command& command) {
  const Definition definition = make(command);
  if (definition.thing == nullptr)
    return definition.outcome;
  const auto guest = Guest::link(machine_, definition.thing);
  if (!guest.has_value())
    return outcome_of(guest.error());
  const auto trap = (*guest)->open();
  if (!trap)
    return Outcome::fail("expected a trap, but there is an instance");
  if (trap->find(command.text) == std::string::npos)
    return Outcome::fail(fmt::format("expected the trap '{}', got '{}'", command.text, *trap));
  return {};
}

/// Where the message matters, the script gives it in the validator's words; text that no parser
/// takes is refused by not being there at all.
Outcome ScriptRunner::assert_refused(const Command& command) {
  if (!command.wasm)
    return {};
  const auto valid = component::validate(*command.wasm, {.threading = true});
  if (valid.has_value())
    return Outcome::fail(fmt::format("must be refused ({}), but is valid", command.text));
  if (!means(command.text, valid.error().message()))
    return Outcome::fail(fmt::format("must be refused with '{}', but the validator says '{}'",
                                     command.text, valid.error().message()));
  return {};
}

} // namespace nacre::conformance
