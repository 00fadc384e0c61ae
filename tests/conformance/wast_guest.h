// SPDX-License-Identifier: Apache-2.0
// The components and instances that a script talks about, in the runtime as it ships.
#pragma once

#include "base/result.h"
#include "component/component.h"
#include "component/linked.h"
#include "component/linker.h"
#include "component/runner.h"
#include "component/store.h"
#include "engine/engine.h"
#include "engine/ticker.h"
#include "loop/loop.h"
#include "wit/type.h"
#include "wit/value.h"

#include <boost/json/array.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nacre::conformance {

/// What all scripts share.
struct Machine {
  static Result<std::unique_ptr<Machine>> create();

  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<engine::Ticker> ticker;
  std::unique_ptr<component::Runner> runner;
  component::Linker linker; // offers nothing: the scripts' components are closed
  Loop loop;
};

/// How a call ended; a trap's message, or a value (if the function has one).
struct Answer {
  std::optional<std::string> trap;
  std::optional<wit::Value> value;
  wit::TypeIndex type = wit::kNoType;
};

using ComponentPtr = std::shared_ptr<const component::Component>;

/// A component, planned and compiled.
Result<ComponentPtr> load(const Machine& machine, std::span<const std::byte> wasm);

/// One instance of a component.
class Guest {
public:
  /// Links a component. Code::unsupported: it needs what the runtime does not serve.
  static Result<std::shared_ptr<Guest>> link(Machine& machine, const ComponentPtr& component);
  ~Guest();
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  /// Instantiates; a message if that trapped.
  std::optional<std::string> open();

  /// Calls a function that the component exports at its root.
  Result<Answer> call(std::string_view function, const boost::json::array& arguments);

  const wit::TypeTable& types() const { return types_; }

private:
  Guest(Machine& machine, std::unique_ptr<component::Linked> linked);
  const component::Plan::ExportFunction* find(std::string_view function) const;
  Result<std::vector<wit::Value>> arguments_of(const component::Plan::Function& function,
                                               const boost::json::array& arguments) const;

  Machine& machine_;
  std::unique_ptr<component::Linked> linked_;
  wit::TypeTable types_;
  component::Store store_;
};

} // namespace nacre::conformance
