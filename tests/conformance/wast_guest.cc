// SPDX-License-Identifier: Apache-2.0
#include "conformance/wast_guest.h"

#include "component/dynamic/invoke.h"
#include "component/dynamic/types.h"
#include "component/plan_reader.h"
#include "component/planner.h"
#include "conformance/wast_values.h"

#include <fmt/format.h>

#include <utility>

namespace nacre::conformance {
namespace {

/// A guest of the suite is done long before; a spinning one must end.
constexpr std::uint32_t kCpuSlices = 5000;

} // namespace

Result<std::unique_ptr<Machine>> Machine::create() {
  auto machine = std::make_unique<Machine>();
  engine::Settings settings;
  settings.pooling = false; // the suite's instances are small and short-lived
  settings.optimize = false;
  TRY(machine->engine, engine::Engine::create(settings));
  machine->ticker = std::make_unique<engine::Ticker>(*machine->engine);
  machine->runner = std::make_unique<component::Runner>(*machine->ticker);
  return machine;
}

Result<ComponentPtr> load(const Machine& machine, std::span<const std::byte> wasm) {
  TRY(const auto bytes, component::make_plan(wasm, {.threading = true}));
  TRY(auto plan, component::read_plan(bytes));
  std::vector<engine::Module> modules;
  for (const component::Plan::Module& module : plan.modules) {
    TRY(auto compiled, machine.engine->compile_and_load(module.bytes));
    modules.push_back(std::move(compiled));
  }
  return std::make_shared<const component::Component>(std::move(plan), std::move(modules));
}

Result<std::shared_ptr<Guest>> Guest::link(Machine& machine, const ComponentPtr& component) {
  TRY(auto linked, component::Linked::link(*machine.engine, component, machine.linker));
  return std::shared_ptr<Guest>{new Guest{machine, std::move(linked)}};
}

Guest::Guest(Machine& machine, std::unique_ptr<component::Linked> linked)
    : machine_(machine), linked_(std::move(linked)),
      types_(component::describe_types(linked_->plan())), store_(*linked_, machine.loop) {}
Guest::~Guest() = default;

std::optional<std::string> Guest::open() {
  auto fault = store_.open({.cpu_slices = kCpuSlices});
  if (!fault)
    return std::nullopt;
  return std::move(fault->message);
}

const component::Plan::ExportFunction* Guest::find(std::string_view function) const {
  const component::Plan& plan = linked_->plan();
  for (const auto& root : plan.root_exports) {
    if (root.name == function)
      return std::get_if<component::Plan::ExportFunction>(&plan.exports[root.export_index]);
  }
  return nullptr;
}

Result<std::vector<wit::Value>> Guest::arguments_of(const component::Plan::Function& function,
                                                    const boost::json::array& arguments) const {
  const auto params = component::describe_params(linked_->plan(), function);
  if (params.size() != arguments.size())
    return Error{Code::invalid, "the script gives too many or too few arguments"};
  std::vector<wit::Value> values;
  for (std::size_t i = 0; i < params.size(); ++i) {
    TRY(wit::Value value, to_value(types_, params[i].type, arguments[i]));
    values.push_back(std::move(value));
  }
  return values;
}

Result<Answer> Guest::call(std::string_view name, const boost::json::array& arguments) {
  const component::Plan::ExportFunction* exported = find(name);
  if (exported == nullptr)
    return Error{Code::not_found, fmt::format("the component exports no function '{}'", name)};
  const component::Plan::Function& function = linked_->plan().functions[exported->function];
  TRY(auto values, arguments_of(function, arguments));
  Answer answer;
  answer.type = component::describe_result(linked_->plan(), function);
  // What a trap leaves behind: the engine's word for entering an instance again.
  if (store_.poisoned()) {
    answer.trap = "wasm trap: cannot enter component instance";
    return answer;
  }
  TRY(auto invoked, machine_.loop.block_on(
                        component::invoke(*machine_.runner, store_, *exported, std::move(values))));
  if (invoked.fault)
    answer.trap = std::move(invoked.fault->message);
  answer.value = std::move(invoked.value);
  return answer;
}

} // namespace nacre::conformance
