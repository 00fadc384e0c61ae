// SPDX-License-Identifier: Apache-2.0
// Store: the world of one guest: its core instances, memories, handle tables, and the calls that
// are going on in it.
#pragma once

#include "base/ensure.h"
#include "base/result.h"
#include "component/handles.h"
#include "component/host_call.h"
#include "component/linked.h"
#include "engine/store.h"
#include "loop/scope.h"
#include "loop/signal.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nacre::component {

/// What one guest may use. The defaults suit a request; a tool sets what it needs.
struct GuestLimits {
  std::int64_t memory = std::int64_t{256} << 20; ///< bytes of each linear memory
  std::int64_t table_elements = 100'000;         ///< of each table
  std::uint32_t handles = 100'000;               ///< of each component instance
  std::uint32_t cpu_slices = 0; ///< how many time slices it may run in all; 0: no budget
};

/// How long a guest runs before the loop may do something else, in milliseconds of the engine's
/// clock.
inline constexpr std::uint32_t kSliceMillis = 2;

/// One component instance inside the store.
struct InstanceState {
  HandleTable handles;
  bool may_leave = true;
  std::optional<engine::Extern> flags; ///< the same fact in a global, where adapters need it
};

/// A call between two component instances: what it borrowed and lent (canonical ABI,
/// "CallContext").
struct CallScope {
  struct Lent {
    std::uint32_t instance;
    std::uint32_t handle;
  };
  std::vector<Lent> lent;
  std::uint32_t borrows = 0;
};

/// Not thread-safe. Made by open() for one guest and closed after it; the object itself is reused
/// for the next one. A trap poisons it: nothing may be called in it any more.
class Store {
public:
  Store(const Linked& linked, Loop& loop);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Makes a fresh instance. A Fault: an instantiation trapped or a pool is full. Never runs on a
  /// fiber: the engine refuses that. See Runner::open for guests whose start functions may spin.
  std::optional<engine::Fault> open(const GuestLimits& limits);
  /// Ends the guest: destroys its resources and gives its memory back. No fiber of it may be alive.
  void close();
  bool is_open() const { return engine_.has_value(); }

  const Linked& linked() const { return linked_; }
  Loop& loop() const { return loop_; }
  engine::Store& engine() {
    ENSURE(engine_, "a store is opened before it is used");
    return *engine_;
  }
  InstanceState& instance(std::uint32_t index) { return instances_[index]; }
  const engine::MemoryRef& memory(std::uint32_t index) const { return memories_[index]; }
  /// Looked up when first needed: most small answers allocate nothing. Empty before its instance
  /// is there.
  const engine::Func& realloc(std::uint32_t index);
  const engine::Func& post_return(std::uint32_t index) const { return post_returns_[index]; }
  /// The function that an export of the plan names.
  bool resolve(const Plan::CoreDef& def, engine::Extern& out);

  /// Canonical ABI `may_leave`: false while the instance's realloc or post-return runs.
  bool may_leave(std::uint32_t instance);
  void set_may_leave(std::uint32_t instance, bool value);

  /// Calls between component instances that are going on, innermost last.
  std::vector<CallScope>& calls() { return calls_; }
  /// Ends the innermost call; false with `error` when borrowed handles are left.
  bool leave_call(std::string& error);

  /// A number for each host call, which marks the handles that it borrows.
  std::uint32_t next_host_call() { return ++host_calls_; }

  /// Drops one handle of an instance: runs the destructor where it was the owner. Null or a trap.
  engine::Trap* drop_handle(std::uint32_t instance, ResourceType type, std::uint32_t handle);

  /// Runs `call` on the loop while this guest's fiber steps aside. False: the guest is being ended.
  bool wait_for(ParkedCall& call);
  /// Whether the fiber stepped aside in wait_for (and not at the end of a time slice), and the
  /// answer is not there yet.
  bool waiting() const { return waiting_ != nullptr && !waiting_->ended; }
  /// Fires when the answer is there.
  Signal& answered() { return answered_; }
  /// Cancels what wait_for() waits for and waits for its end. Before the fiber of a suspended guest
  /// is destroyed.
  Task<> cancel_waiting();

  void poison() { poisoned_ = true; }
  bool poisoned() const { return poisoned_; }
  /// Time slices this guest has used up so far.
  std::uint32_t slices_used() const { return slices_used_; }
  /// Around each stretch on a fiber: a fresh slice, and the leave to step aside.
  void start_slice();
  void end_slice() { on_fiber_ = false; }

  /// Ends the guest at its next opportunity, whether it computes or waits; `reason` is for the log.
  void interrupt(std::string reason);
  /// Empty while nobody has interrupted the guest.
  const std::string& interrupted() const { return interrupted_; }
  /// Whether the guest has used up its CPU budget.
  bool spent() const { return limits_.cpu_slices != 0 && slices_used_ >= limits_.cpu_slices; }

private:
  struct Waiting {
    bool ended = false;
    Signal* answered = nullptr;
  };
  static engine::Verdict slice_over(void* self);
  std::optional<engine::Fault> instantiate();
  std::optional<engine::Fault> instantiate_core(const CoreInstance& core);
  engine::Func function_of(std::uint32_t trampoline);
  engine::Func context_function(std::uint32_t which);
  engine::Trap* destroy(const Plan::Resource& resource, std::uint32_t dropper, std::uint32_t rep);

  const Linked& linked_;
  Loop& loop_;
  GuestLimits limits_;
  std::optional<engine::Store> engine_;
  std::vector<engine::Instance> cores_;
  std::vector<engine::MemoryRef> memories_;
  std::vector<engine::Func> reallocs_;
  std::vector<engine::Func> post_returns_;
  std::vector<engine::Func> destructors_; ///< by resource of the plan; empty where there is none
  std::vector<engine::Func>
      trampolines_; ///< made on demand, where a module needs more than host functions
  std::vector<InstanceState> instances_;
  std::vector<CallScope> calls_;
  std::optional<engine::Extern> may_block_;
  std::array<std::int32_t, 2> context_{};
  std::shared_ptr<Waiting> waiting_;
  Signal answered_;
  std::optional<Scope> tasks_;
  std::string interrupted_;
  std::uint32_t slices_used_ = 0;
  std::uint32_t host_calls_ = 0;
  bool poisoned_ = false;
  bool on_fiber_ = false;
};

} // namespace nacre::component
