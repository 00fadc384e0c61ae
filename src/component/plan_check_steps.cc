// SPDX-License-Identifier: Apache-2.0
#include "component/plan_check.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

namespace nacre::component {
namespace {

using Kind = Plan::TrampolineKind;

// Which operands a trampoline has.
enum class Type : std::uint8_t { none, function, tuple, resource, stream, future, error_context };
struct Shape {
  Kind kind;
  bool instance;
  bool options;
  Type type;
};

// In the order of the enumeration.
constexpr std::array kShapes{
    Shape{Kind::lower_import, false, true, Type::function},
    Shape{Kind::transcode, false, false, Type::none},
    Shape{Kind::resource_new, true, false, Type::resource},
    Shape{Kind::resource_rep, true, false, Type::resource},
    Shape{Kind::resource_drop, true, false, Type::resource},
    Shape{Kind::resource_transfer_own, false, false, Type::none},
    Shape{Kind::resource_transfer_borrow, false, false, Type::none},
    Shape{Kind::enter_sync_call, false, false, Type::none},
    Shape{Kind::exit_sync_call, false, false, Type::none},
    Shape{Kind::trap, false, false, Type::none},
    Shape{Kind::prepare_call, false, false, Type::none},
    Shape{Kind::sync_start_call, false, false, Type::none},
    Shape{Kind::async_start_call, false, false, Type::none},
    Shape{Kind::future_transfer, false, false, Type::none},
    Shape{Kind::stream_transfer, false, false, Type::none},
    Shape{Kind::error_context_transfer, false, false, Type::none},
    Shape{Kind::task_return, true, true, Type::tuple},
    Shape{Kind::task_cancel, true, false, Type::none},
    Shape{Kind::backpressure_inc, true, false, Type::none},
    Shape{Kind::backpressure_dec, true, false, Type::none},
    Shape{Kind::waitable_set_new, true, false, Type::none},
    Shape{Kind::waitable_set_wait, true, true, Type::none},
    Shape{Kind::waitable_set_poll, true, true, Type::none},
    Shape{Kind::waitable_set_drop, true, false, Type::none},
    Shape{Kind::waitable_join, true, false, Type::none},
    Shape{Kind::subtask_drop, true, false, Type::none},
    Shape{Kind::subtask_cancel, true, false, Type::none},
    Shape{Kind::stream_new, true, false, Type::stream},
    Shape{Kind::stream_read, true, true, Type::stream},
    Shape{Kind::stream_write, true, true, Type::stream},
    Shape{Kind::stream_cancel_read, true, false, Type::stream},
    Shape{Kind::stream_cancel_write, true, false, Type::stream},
    Shape{Kind::stream_drop_readable, true, false, Type::stream},
    Shape{Kind::stream_drop_writable, true, false, Type::stream},
    Shape{Kind::future_new, true, false, Type::future},
    Shape{Kind::future_read, true, true, Type::future},
    Shape{Kind::future_write, true, true, Type::future},
    Shape{Kind::future_cancel_read, true, false, Type::future},
    Shape{Kind::future_cancel_write, true, false, Type::future},
    Shape{Kind::future_drop_readable, true, false, Type::future},
    Shape{Kind::future_drop_writable, true, false, Type::future},
    Shape{Kind::error_context_new, true, true, Type::error_context},
    Shape{Kind::error_context_debug_message, true, true, Type::error_context},
    Shape{Kind::error_context_drop, true, false, Type::error_context},
    Shape{Kind::thread_index, true, false, Type::none},
    Shape{Kind::thread_new_indirect, true, false, Type::none},
    Shape{Kind::thread_resume_later, true, false, Type::none},
    Shape{Kind::thread_suspend, true, false, Type::none},
    Shape{Kind::thread_yield, true, false, Type::none},
    Shape{Kind::thread_suspend_then_resume, true, false, Type::none},
    Shape{Kind::thread_yield_then_resume, true, false, Type::none},
    Shape{Kind::thread_suspend_then_promote, true, false, Type::none},
    Shape{Kind::thread_yield_then_promote, true, false, Type::none},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kShapes.size(); i++)
    if (static_cast<std::size_t>(kShapes[i].kind) != i)
      return false;
  return kShapes.size() == Plan::kTrampolineKinds;
}
static_assert(in_order(), "one row per kind, in order");

// Follows instantiation as it would happen. The plan's other tables have been checked.
class StepCheck {
public:
  explicit StepCheck(const Plan& plan)
      : plan_(plan), lowerings_{"lowering", plan.counts.lowerings},
        memories_{"memory", plan.counts.memories}, reallocs_{"realloc", plan.counts.reallocs},
        callbacks_{"callback", plan.counts.callbacks},
        post_returns_{"post-return", plan.counts.post_returns},
        tables_{"table", plan.counts.tables},
        resources_{"resource", static_cast<std::uint32_t>(plan.resources.size())} {}

  Result<> all() {
    for (std::size_t i = 0; i < plan_.trampolines.size(); i++)
      TRY_OK(trampoline(plan_.trampolines[i]).context(fmt::format("trampoline {}", i)));
    for (std::size_t i = 0; i < plan_.initializers.size(); i++) {
      auto visit = [this](const auto& step) { return this->step(step); };
      TRY_OK(std::visit(visit, plan_.initializers[i]).context(fmt::format("initializer {}", i)));
    }
    TRY_OK(complete());
    for (std::size_t i = 0; i < plan_.exports.size(); i++)
      TRY_OK(exported(i).context(fmt::format("export {}", i)));
    for (const auto& item : plan_.root_exports)
      TRY_OK(check_index(item.export_index, plan_.exports.size(), "export"));
    return {};
  }

private:
  // Indices that steps fill, each once.
  struct Slots {
    Slots(std::string_view what, std::uint32_t count) : what(what), count(count) {}

    Result<> fill(std::uint32_t index) {
      TRY_OK(check_index(index, count, what));
      if (filled.size() < count)
        filled.resize(count);
      if (filled[index])
        return invalid_plan(fmt::format("{} {} is made twice", what, index));
      filled[index] = true;
      done++;
      return {};
    }

    Result<> full() const {
      if (done == count)
        return {};
      return invalid_plan(
          fmt::format("{} of {} slots for a {} stay empty", count - done, count, what));
    }

    std::string_view what;
    std::uint32_t count;
    std::uint32_t done = 0;
    std::vector<bool> filled; // allocated by the first fill, so that a false count costs nothing
  };

  Result<> instance(std::uint32_t index) const {
    return check_index(index, plan_.counts.component_instances, "component instance");
  }

  Result<> trampoline(const Plan::Trampoline& t) const {
    const Shape& shape = kShapes[static_cast<std::size_t>(t.kind)];
    TRY_OK(check_core_type(t.core_type));
    TRY_OK(shape.instance ? instance(t.instance) : check_absent(t.instance, "component instance"));
    TRY_OK(shape.options ? check_index(t.options, plan_.options.size(), "options")
                         : check_absent(t.options, "options"));
    TRY_OK(type(t, shape.type));
    const auto& counts = plan_.counts;
    TRY_OK(check_index_or_none(t.memory, counts.memories, "memory"));
    TRY_OK(check_index_or_none(t.callback, counts.callbacks, "callback"));
    TRY_OK(check_index_or_none(t.post_return, counts.post_returns, "post-return"));
    if (t.kind == Kind::lower_import)
      return imported_function(t.import);
    if (t.kind == Kind::thread_new_indirect)
      return check_index(t.table, counts.tables, "table");
    if (t.kind == Kind::transcode) {
      TRY_OK(check_index(t.from, counts.memories, "memory"));
      return check_index(t.to, counts.memories, "memory");
    }
    return {};
  }

  Result<> type(const Plan::Trampoline& t, Type wanted) const {
    switch (wanted) {
    case Type::none:
      return check_absent(t.type, "type");
    case Type::function:
      return check_index(t.type, plan_.functions.size(), "function");
    case Type::tuple:
      TRY_OK(check_index(t.type, plan_.types.size(), "type"));
      if (plan_.types[t.type].kind != Plan::TypeKind::tuple)
        return invalid_plan("results that are no tuple");
      return {};
    case Type::resource:
      TRY_OK(check_index(t.type, plan_.resource_tables.size(), "resource table"));
      return check_index(plan_.resource_tables[t.type].resource, plan_.resources.size(),
                         "resource");
    case Type::stream:
      return check_index(t.type, plan_.stream_tables.size(), "stream table");
    case Type::future:
      return check_index(t.type, plan_.future_tables.size(), "future table");
    case Type::error_context:
      return check_index(t.type, plan_.error_context_tables.size(), "error-context table");
    }
    return {};
  }

  Result<> imported_function(std::uint32_t index) const {
    TRY_OK(check_index(index, plan_.imports.size(), "import"));
    return check_index(plan_.imports[index].function, plan_.functions.size(), "function");
  }

  Result<> def(const Plan::CoreDef& def) const {
    using Def = Plan::CoreDef::Kind;
    switch (def.kind) {
    case Def::export_:
      TRY_OK(check_index(def.index, made_.size(), "earlier core instance"));
      return check_index(def.name, plan_.modules[made_[def.index]].exports.size(), "core export");
    case Def::trampoline:
      return check_index(def.index, plan_.trampolines.size(), "trampoline");
    case Def::instance_flags:
      return instance(def.index);
    case Def::task_may_block:
      return {};
    case Def::context:
      return check_index(def.index, 4, "context built-in");
    }
    return {};
  }

  Result<> step(const Plan::Instantiate& step) {
    TRY_OK(check_index(step.module, plan_.modules.size(), "module"));
    TRY_OK(check_index_or_none(step.component_instance, plan_.counts.component_instances,
                               "component instance"));
    std::size_t wanted = plan_.modules[step.module].imports.size();
    if (step.args.size() != wanted)
      return invalid_plan(fmt::format("{} arguments for {} imports", step.args.size(), wanted));
    for (const auto& arg : step.args)
      TRY_OK(def(arg));
    made_.push_back(step.module);
    return {};
  }

  Result<> step(const Plan::LowerImport& step) {
    TRY_OK(imported_function(step.import));
    return lowerings_.fill(step.lowering);
  }

  Result<> step(const Plan::ExtractMemory& step) { return extract(memories_, step, true); }
  Result<> step(const Plan::ExtractRealloc& step) { return extract(reallocs_, step, false); }
  Result<> step(const Plan::ExtractCallback& step) { return extract(callbacks_, step, false); }
  Result<> step(const Plan::ExtractPostReturn& step) { return extract(post_returns_, step, false); }
  Result<> step(const Plan::ExtractTable& step) { return extract(tables_, step, true); }

  template <class T> Result<> extract(Slots& slots, const T& step, bool only_exports) {
    TRY_OK(def(step.def));
    if (only_exports && step.def.kind != Plan::CoreDef::Kind::export_)
      return invalid_plan("a memory or table that no core instance exports");
    return slots.fill(step.index);
  }

  Result<> step(const Plan::DefineResource& step) {
    if (step.has_dtor)
      TRY_OK(def(step.dtor));
    TRY_OK(resources_.fill(step.resource));
    return check_absent(plan_.resources[step.resource].import, "import");
  }

  // Whatever options and trampolines may name is there once all steps have run.
  Result<> complete() const {
    if (made_.size() != plan_.counts.core_instances)
      return invalid_plan(fmt::format("{} core instances instead of {}", made_.size(),
                                      plan_.counts.core_instances));
    for (const Slots* slots :
         {&lowerings_, &memories_, &reallocs_, &callbacks_, &post_returns_, &tables_})
      TRY_OK(slots->full());
    return {};
  }

  Result<> exported(std::size_t index) const {
    const Plan::Export& item = plan_.exports[index];
    if (const auto* function = std::get_if<Plan::ExportFunction>(&item)) {
      TRY_OK(check_index(function->function, plan_.functions.size(), "function"));
      TRY_OK(check_index(function->options, plan_.options.size(), "options"));
      return def(function->def);
    }
    if (const auto* instance = std::get_if<Plan::ExportInstance>(&item)) {
      for (const auto& inner : instance->items)
        TRY_OK(check_index(inner.export_index, index, "earlier export"));
      return {};
    }
    if (const auto* type = std::get_if<Plan::ExportType>(&item)) {
      TRY_OK(check_index_or_none(type->type, plan_.types.size(), "type"));
      return check_index_or_none(type->resource, plan_.resources.size(), "resource");
    }
    return check_index(std::get<Plan::ExportModule>(item).module, plan_.modules.size(), "module");
  }

  const Plan& plan_;
  std::vector<std::uint32_t> made_; // the module of each core instance so far
  Slots lowerings_, memories_, reallocs_, callbacks_, post_returns_, tables_, resources_;
};

} // namespace

Result<> check_plan_steps(const Plan& plan) {
  return StepCheck(plan).all();
}

} // namespace nacre::component
