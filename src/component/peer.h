// SPDX-License-Identifier: Apache-2.0
// StorePeer: the guest's side of one call: memory, realloc and handles of the component instance
// that the call's canonical options name.
#pragma once

#include "component/call_context.h"
#include "component/store.h"

namespace nacre::component {

/// Lives on the stack of the call. A trap inside realloc is kept here, so that it can go on as it
/// is.
class StorePeer final : public Peer {
public:
  StorePeer(Store& store, const Plan::Options& options)
      : store_(store), options_(options), serial_(store.next_host_call()) {}

  Memory memory(CallContext& call) override;
  bool realloc(CallContext& call, std::uint32_t old_ptr, std::uint32_t old_size,
               std::uint32_t align, std::uint32_t new_size, std::uint32_t& out) override;
  Resource* borrow(CallContext& call, std::uint32_t handle, const ResourceTag& tag) override;
  std::unique_ptr<Resource> take_own(CallContext& call, std::uint32_t handle,
                                     const ResourceTag& tag) override;
  bool give_own(CallContext& call, std::unique_ptr<Resource> resource, const ResourceTag& tag,
                std::uint32_t& handle_out) override;
  bool give_borrow(CallContext& call, Resource& resource, const ResourceTag& tag,
                   std::uint32_t& handle_out) override;

  /// The trap that realloc ended with, or null. The caller owns it.
  engine::Trap* take_trap() { return std::exchange(trap_, nullptr); }
  Store& store() { return store_; }
  const Plan::Options& options() const { return options_; }
  std::uint32_t instance() const { return options_.instance; }

private:
  Store& store_;
  const Plan::Options& options_;
  std::uint32_t serial_;
  engine::Trap* trap_ = nullptr;
};

} // namespace nacre::component
