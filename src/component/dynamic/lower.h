// SPDX-License-Identifier: Apache-2.0
// Lowering of dynamic values: to flat core values and guest memory, along the types of a plan.
#pragma once

#include "component/call_context.h"
#include "component/dynamic/handle_bridge.h"
#include "component/plan.h"
#include "component/raw.h"
#include "wit/value.h"

#include <cstdint>
#include <span>

namespace nacre::component {

/// The other direction of ValueLift. A value that does not fit its type fails like everything else:
/// with the context's error set ("type mismatch: expected u8, found string").
class ValueLower {
public:
  ValueLower(const Plan& plan, CallContext& call, HandleBridge& handles)
      : plan_(plan), call_(call), handles_(handles) {}

  /// Writes as many flat values as the type has.
  bool lower(std::uint32_t index, FlatWriter& out, const wit::Value& value);
  /// Writes to memory; `addr` is aligned and the type's size is in bounds.
  bool store(std::uint32_t index, std::uint32_t addr, const wit::Value& value);

  /// The parameters of a call into `values` (16 of them), or into memory that the guest allocates.
  bool lower_params(const Plan::Function& function, std::span<const wit::Value> params,
                    Raw* values);

private:
  bool lower_kind(const Plan::Type& type, FlatWriter& out, const wit::Value& value);
  bool lower_choice(const Plan::Type& type, FlatWriter& out, const wit::Value& value);
  bool store_kind(const Plan::Type& type, std::uint32_t addr, const wit::Value& value);
  bool store_choice(const Plan::Type& type, std::uint32_t addr, const wit::Value& value);
  bool store_fields(const Plan::Type& type, std::uint32_t addr, std::span<const wit::Value> fields);
  bool store_elements(const Plan::Type& type, std::uint32_t addr,
                      std::span<const wit::Value> items);

  bool list(const Plan::Type& type, const wit::Value& value, std::uint32_t& addr,
            std::uint32_t& count);
  bool scalar(const Plan::Type& type, const wit::Value& value, std::uint64_t& bits);
  bool check(const Plan::Type& type, const wit::Value& value);
  bool enter();

  const Plan& plan_;
  CallContext& call_;
  HandleBridge& handles_;
  std::uint32_t depth_ = 0;
};

} // namespace nacre::component
