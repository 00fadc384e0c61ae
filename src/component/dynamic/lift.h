// SPDX-License-Identifier: Apache-2.0
// Lifting of dynamic values: from flat core values and guest memory, along the types of a plan.
#pragma once

#include "component/call_context.h"
#include "component/dynamic/handle_bridge.h"
#include "component/plan.h"
#include "component/raw.h"
#include "wit/value.h"

#include <optional>

namespace nacre::component {

/// Deeper types than this are refused when a value of them is met; the planner allows 100.
inline constexpr std::uint32_t kMaxTypeDepth = 128;

/// What passes the border without bindings, in one direction; lives as long as the call. All
/// functions return false with the context's error set.
class ValueLift {
public:
  ValueLift(const Plan& plan, CallContext& call, HandleBridge& handles)
      : plan_(plan), call_(call), handles_(handles) {}

  /// One value of type `index`, from as many flat values as it has.
  bool lift(std::uint32_t index, FlatReader& in, wit::Value& out);
  /// One value from memory; `addr` is aligned and the type's size is in bounds.
  bool load(std::uint32_t index, std::uint32_t addr, wit::Value& out);

  /// The result of a finished call, from its flat value or from where the returned pointer points;
  /// empty if the function has none.
  bool lift_result(const Plan::Function& function, const Raw* values,
                   std::optional<wit::Value>& out);

private:
  using Values = std::vector<wit::Value>;

  bool lift_kind(const Plan::Type& type, FlatReader& in, wit::Value& out);
  bool lift_choice(const Plan::Type& type, FlatReader& in, wit::Value& out);
  bool lift_fields(const Plan::Type& type, FlatReader& in, Values& out);
  bool load_kind(const Plan::Type& type, std::uint32_t addr, wit::Value& out);
  bool load_choice(const Plan::Type& type, std::uint32_t addr, wit::Value& out);
  bool load_fields(const Plan::Type& type, std::uint32_t addr, Values& out);
  bool load_elements(const Plan::Type& type, std::uint32_t addr, std::uint32_t count, Values& out);

  bool text(std::uint32_t addr, std::uint32_t units, wit::Value& out);
  bool list(const Plan::Type& type, std::uint32_t addr, std::uint32_t count, wit::Value& out);
  bool handle(const Plan::Type& type, std::uint32_t handle, wit::Value& out);
  bool scalar(const Plan::Type& type, std::uint64_t bits, wit::Value& out);
  bool reserve(Values& values, std::uint64_t count);
  bool enter();

  const Plan& plan_;
  CallContext& call_;
  HandleBridge& handles_;
  std::uint32_t depth_ = 0;
};

} // namespace nacre::component
