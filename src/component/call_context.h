// SPDX-License-Identifier: Apache-2.0
// A call across the border of one component instance, as lift and lower code sees it.
// Everything on the hot path is inline; what needs the instance goes through `Peer`.
#pragma once

#include "component/arena.h"
#include "component/memory.h"
#include "component/raw.h"
#include "component/resource.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace nacre::component {

class CallContext;

/// How a guest wants its strings (canonical option `string-encoding`).
enum class StringEncoding : std::uint8_t { utf8, utf16, compact_utf16 };

/// The instance on the other side of a call: its memory, its allocator, its table of handles.
/// Implemented once by the runtime and once by the tests' fake; may be one object per instance or
/// per call. Every function that can fail calls `call.fail(…)` first.
class Peer {
public:
  /// The guest's memory as it is now; an empty view if the canonical options name none.
  virtual Memory memory(CallContext& call) = 0;

  /// Runs the guest's `realloc`, checks what it returned for alignment and bounds ("realloc return:
  /// …"). The caller drops its view of the memory itself. False: trapped.
  virtual bool realloc(CallContext& call, std::uint32_t old_ptr, std::uint32_t old_size,
                       std::uint32_t align, std::uint32_t new_size, std::uint32_t& out) = 0;

  /// The resource behind an own or borrow handle of this type; it stays in the table and cannot be
  /// dropped before the call ends. nullptr: no such handle, or of another type.
  virtual Resource* borrow(CallContext& call, std::uint32_t handle, const ResourceTag& tag) = 0;

  /// Moves a resource out of the table. nullptr: no such own handle, of another type, or lent out.
  virtual std::unique_ptr<Resource> take_own(CallContext& call, std::uint32_t handle,
                                             const ResourceTag& tag) = 0;

  /// Puts a resource into the table as an own handle. False: the table is full.
  virtual bool give_own(CallContext& call, std::unique_ptr<Resource> resource,
                        const ResourceTag& tag, std::uint32_t& handle_out) = 0;

  /// Puts a borrow of a resource into the table for the time of a guest call. False: the table is
  /// full.
  virtual bool give_borrow(CallContext& call, Resource& resource, const ResourceTag& tag,
                           std::uint32_t& handle_out) = 0;

protected:
  ~Peer() = default;
};

/// One host call in progress (lift parameters, lower results) or one guest call (lower parameters,
/// lift results). Lives on the stack of the call; never copied. After a function returned false the
/// call is over: the guest traps with `error()`.
class CallContext {
public:
  CallContext(Peer& peer, StringEncoding encoding) : peer_(peer), encoding_(encoding) {}
  CallContext(const CallContext&) = delete;
  CallContext& operator=(const CallContext&) = delete;

  /// The guest's memory; asked for when first needed and again after guest code ran.
  Memory& memory() {
    if (!memory_fresh_) [[unlikely]]
      refresh_memory();
    return memory_;
  }

  /// To be called whenever guest code may have run, so that the next `memory()` asks again.
  void forget_memory() { memory_fresh_ = false; }

  StringEncoding encoding() const { return encoding_; }

  /// Allocates or resizes in the guest's memory. `out` is aligned and in bounds. False: trapped.
  bool realloc(std::uint32_t old_ptr, std::uint32_t old_size, std::uint32_t align,
               std::uint32_t new_size, std::uint32_t& out) {
    forget_memory();
    return peer_.realloc(*this, old_ptr, old_size, align, new_size, out);
  }

  Resource* borrow(std::uint32_t handle, const ResourceTag& tag) {
    return peer_.borrow(*this, handle, tag);
  }
  std::unique_ptr<Resource> take_own(std::uint32_t handle, const ResourceTag& tag) {
    return peer_.take_own(*this, handle, tag);
  }
  bool give_own(std::unique_ptr<Resource> resource, const ResourceTag& tag,
                std::uint32_t& handle_out) {
    return peer_.give_own(*this, std::move(resource), tag, handle_out);
  }
  bool give_borrow(Resource& resource, const ResourceTag& tag, std::uint32_t& handle_out) {
    return peer_.give_borrow(*this, resource, tag, handle_out);
  }

  /// Sets the trap message and returns false. The first message wins.
  bool fail(std::string message);

  bool failed() const { return failed_; }
  const std::string& error() const { return error_; }

  /// Room for views that live as long as the call: nothing in it is destroyed, it is only freed.
  Arena& scratch() { return scratch_; }

  /// Counts host memory that guest data makes us allocate; false (and failed) once one call took
  /// too much, so that a guest cannot turn its small memory into a large part of the host's.
  bool charge(std::uint64_t bytes) {
    if (bytes > budget_) [[unlikely]]
      return over_budget();
    budget_ -= bytes;
    return true;
  }
  void set_budget(std::uint64_t bytes) { budget_ = bytes; }

  Peer& peer() { return peer_; }

private:
  /// The same default as Wasmtime's "hostcall fuel".
  static constexpr std::uint64_t kBudget = 128u << 20;

  void refresh_memory();
  bool over_budget();

  Peer& peer_;
  Memory memory_;
  std::uint64_t budget_ = kBudget;
  StringEncoding encoding_;
  bool memory_fresh_ = false;
  bool failed_ = false;
  std::string error_;
  Arena scratch_;
};

} // namespace nacre::component
