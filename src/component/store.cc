// SPDX-License-Identifier: Apache-2.0
#include "component/store.h"

#include "base/ensure.h"
#include "component/builtins.h"
#include "engine/fault.h"
#include "engine/fiber.h"
#include "loop/loop.h"

namespace nacre::component {
namespace {

/// Start functions cannot be preempted (they run outside of any fiber): they get this many slices
/// and no more.
constexpr std::uint32_t kStartSlices = 100;

} // namespace

Store::Store(const Linked& linked, Loop& loop) : linked_(linked), loop_(loop) {}
Store::~Store() {
  close();
}

std::optional<engine::Fault> Store::open(const GuestLimits& limits) {
  ENSURE(!is_open(), "a store is closed before it is opened again");
  limits_ = limits;
  const Plan::Counts& counts = linked_.plan().counts;
  engine_.emplace(linked_.engine(), this);
  engine_->set_limits({.memory = limits.memory, .table_elements = limits.table_elements});
  engine_->set_slices(kSliceMillis, slice_over);
  cores_.reserve(counts.core_instances);
  memories_.resize(counts.memories);
  reallocs_.resize(counts.reallocs);
  post_returns_.resize(counts.post_returns);
  instances_.resize(counts.component_instances);
  for (InstanceState& instance : instances_)
    instance.handles.set_limit(limits.handles);
  auto fault = instantiate();
  if (fault)
    poison();
  return fault;
}

void Store::close() {
  if (!is_open())
    return;
  // Runner awaits the end of host calls; only when a whole loop goes down are some still under way.
  if (waiting_)
    waiting_->answered = nullptr;
  tasks_.reset();
  waiting_.reset();
  for (InstanceState& instance : instances_) {
    instance.handles.clear();
    instance.may_leave = true;
    instance.flags.reset();
  }
  engine_.reset();
  cores_.clear();
  calls_.clear();
  trampolines_.clear();
  destructors_.clear();
  memories_.clear();
  reallocs_.clear();
  post_returns_.clear();
  context_ = {};
  may_block_.reset();
  interrupted_.clear();
  slices_used_ = 0;
  host_calls_ = 0;
  poisoned_ = false;
  on_fiber_ = false;
}

std::optional<engine::Fault> Store::instantiate() {
  std::uint32_t next_core = 0;
  for (const Plan::Initializer& initializer : linked_.plan().initializers) {
    engine::Extern item;
    const auto extract = [&](const Plan::CoreDef& def) {
      ENSURE(resolve(def, item), "the planner names only exports that are there");
    };
    if (std::holds_alternative<Plan::Instantiate>(initializer)) {
      if (auto fault = instantiate_core(linked_.core_instance(next_core++)))
        return fault;
    } else if (const auto* memory = std::get_if<Plan::ExtractMemory>(&initializer)) {
      extract(memory->def);
      memories_[memory->index] = engine::Store::memory_of(item);
    } else if (const auto* post_return = std::get_if<Plan::ExtractPostReturn>(&initializer)) {
      extract(post_return->def);
      post_returns_[post_return->index] = item.func();
    } else if (const auto* resource = std::get_if<Plan::DefineResource>(&initializer)) {
      if (!resource->has_dtor)
        continue;
      extract(resource->dtor);
      destructors_.resize(linked_.plan().resources.size());
      destructors_[resource->resource] = item.func();
    }
  }
  return std::nullopt;
}

std::optional<engine::Fault> Store::instantiate_core(const CoreInstance& core) {
  engine::Instance instance;
  std::optional<engine::Fault> fault;
  if (core.prepared) {
    fault = engine().instantiate(core.prepared, instance);
  } else {
    std::vector<engine::Extern> imports(core.plan->args.size());
    for (std::size_t i = 0; i < imports.size(); ++i) {
      ENSURE(resolve(core.plan->args[i], imports[i]),
             "the planner names only exports that are there");
    }
    fault = engine().instantiate(linked_.component().module(core.plan->module), imports, instance);
  }
  if (!fault)
    cores_.push_back(instance);
  return fault;
}

const engine::Func& Store::realloc(std::uint32_t index) {
  engine::Func& func = reallocs_[index];
  const Plan::CoreDef& def = linked_.realloc(index);
  const bool there = def.kind != Plan::CoreDef::Kind::export_ || def.index < cores_.size();
  if (engine::Extern item; !func && there && resolve(def, item))
    func = item.func();
  return func;
}

bool Store::resolve(const Plan::CoreDef& def, engine::Extern& out) {
  switch (def.kind) {
  case Plan::CoreDef::Kind::export_: {
    const Plan::Module& module =
        linked_.plan().modules[linked_.core_instance(def.index).plan->module];
    return engine().find_export(cores_[def.index], module.exports[def.name], out);
  }
  case Plan::CoreDef::Kind::trampoline:
    out = engine::Extern::of_func(function_of(def.index));
    return true;
  case Plan::CoreDef::Kind::instance_flags: {
    auto& flags = instances_[def.index].flags;
    if (!flags)
      flags = engine().new_i32_global(1);
    out = *flags;
    return true;
  }
  case Plan::CoreDef::Kind::task_may_block:
    if (!may_block_)
      may_block_ = engine().new_i32_global(0);
    out = *may_block_;
    return true;
  case Plan::CoreDef::Kind::context:
    out = engine::Extern::of_func(context_function(def.index));
    return true;
  }
  return false;
}

engine::Func Store::function_of(std::uint32_t trampoline) {
  trampolines_.resize(linked_.plan().trampolines.size());
  engine::Func& func = trampolines_[trampoline];
  if (!func)
    func = engine().new_host_func(linked_.plan().trampolines[trampoline].core_type,
                                  linked_.trampoline(trampoline).host);
  return func;
}

engine::Func Store::context_function(std::uint32_t which) {
  static constexpr engine::HostFn kGet = [](void* slot, engine::Caller*, engine::Raw* values,
                                            std::size_t) {
    values[0].i32 = *static_cast<std::int32_t*>(slot);
    return static_cast<engine::Trap*>(nullptr);
  };
  static constexpr engine::HostFn kSet = [](void* slot, engine::Caller*, engine::Raw* values,
                                            std::size_t) {
    *static_cast<std::int32_t*>(slot) = values[0].i32;
    return static_cast<engine::Trap*>(nullptr);
  };
  std::int32_t& slot = context_[which / 2];
  return which % 2 == 0 ? engine().new_host_func(":i", {kGet, &slot})
                        : engine().new_host_func("i:", {kSet, &slot});
}

bool Store::may_leave(std::uint32_t instance) {
  InstanceState& state = instances_[instance];
  return state.flags ? engine().read_i32_global(*state.flags) != 0 : state.may_leave;
}

void Store::set_may_leave(std::uint32_t instance, bool value) {
  InstanceState& state = instances_[instance];
  state.may_leave = value;
  if (state.flags)
    engine().write_i32_global(*state.flags, value ? 1 : 0);
}

bool Store::leave_call(std::string& error) {
  ENSURE(!calls_.empty(), "calls are entered before they are left");
  if (calls_.back().borrows != 0) {
    error = "borrow handles still remain at the end of the call";
    return false;
  }
  for (const CallScope::Lent& lent : calls_.back().lent) {
    if (Handle* handle = instances_[lent.instance].handles.find(lent.handle))
      --handle->lends;
  }
  calls_.pop_back();
  return true;
}

engine::Trap* Store::drop_handle(std::uint32_t instance, ResourceType type, std::uint32_t index) {
  HandleTable& handles = instances_[instance].handles;
  const Handle* handle = handles.find(index);
  if (handle == nullptr)
    return engine::make_trap(unknown_handle(index));
  if (handle->type != type)
    return engine::make_trap(wrong_type(index, linked_.is_host_type(type), *handle));
  if (handle->lends != 0)
    return engine::make_trap("cannot remove owned resource while borrowed");
  const Handle dropped = handles.remove(index);
  if (dropped.kind == Handle::Kind::borrow) {
    if (dropped.scope < calls_.size())
      --calls_[dropped.scope].borrows;
    return nullptr;
  }
  if (dropped.host) {
    delete dropped.what.object;
    return nullptr;
  }
  return destroy(*static_cast<const Plan::Resource*>(type), instance, dropped.what.rep);
}

engine::Trap* Store::destroy(const Plan::Resource& resource, std::uint32_t dropper,
                             std::uint32_t rep) {
  const auto index = static_cast<std::size_t>(&resource - linked_.plan().resources.data());
  if (index >= destructors_.size() || !destructors_[index])
    return nullptr;
  constexpr std::uint8_t kCannotLeave = 23;
  if (resource.instance != dropper && !may_leave(resource.instance))
    return engine::make_trap_code(kCannotLeave);
  engine::Raw value;
  value.i32 = static_cast<std::int32_t>(rep);
  return engine().call(destructors_[index], &value, 1);
}

bool Store::wait_for(ParkedCall& call) {
  ENSURE(on_fiber_, "only a guest on a fiber can wait");
  auto state = std::make_shared<Waiting>();
  state->answered = &answered_;
  waiting_ = state;
  if (!tasks_)
    tasks_.emplace(loop_);
  tasks_->spawn("host call", call.run(), [state](const Result<>&) {
    state->ended = true;
    if (state->answered != nullptr)
      state->answered->notify();
  });
  while (!state->ended) {
    if (!engine::Fiber::park(engine()))
      return false;
  }
  waiting_.reset();
  return true;
}

Task<> Store::cancel_waiting() {
  if (tasks_)
    CO_TRY_OK(co_await tasks_->close());
  waiting_.reset();
  tasks_.reset();
  co_return Result<>{};
}

void Store::interrupt(std::string reason) {
  if (interrupted_.empty())
    interrupted_ = std::move(reason);
  answered_.notify();
}

void Store::start_slice() {
  on_fiber_ = true;
  engine().restart_slice(kSliceMillis);
}

engine::Verdict Store::slice_over(void* self) {
  Store& store = *static_cast<Store*>(self);
  ++store.slices_used_;
  if (!store.interrupted_.empty())
    return engine::Verdict::stop;
  if (store.limits_.cpu_slices != 0 && store.slices_used_ >= store.limits_.cpu_slices)
    return engine::Verdict::stop;
  if (!store.on_fiber_)
    return store.slices_used_ > kStartSlices ? engine::Verdict::stop : engine::Verdict::go_on;
  return engine::Verdict::yield;
}

} // namespace nacre::component
