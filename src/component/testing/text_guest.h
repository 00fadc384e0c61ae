// SPDX-License-Identifier: Apache-2.0
// TextGuest: a component written as text, linked and called by tests: functions of the root that
// take and return u32 values.
#pragma once

#include "component/component.h"
#include "component/guest_call.h"
#include "component/linked.h"
#include "component/runner.h"
#include "component/store.h"
#include "engine/testing/wat.h"
#include "loop/loop.h"

#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace nacre::component {

/// Borrows everything it is made with.
class TextGuest {
public:
  TextGuest(const engine::Engine& engine, Loop& loop, Runner& runner)
      : engine_(engine), loop_(loop), runner_(runner) {}

  Result<> link(std::string_view text, const Linker& linker) {
    TRY(auto component, Component::compile(engine_, engine::wat(text)));
    TRY(linked_, Linked::link(engine_, std::move(component), linker));
    store_ = std::make_unique<Store>(*linked_, loop_);
    return {};
  }

  /// A fresh instance; the fault where there is none.
  std::optional<engine::Fault> open(const GuestLimits& limits = {}) {
    return runner_.open(*store_, limits);
  }
  void close() { store_->close(); }
  Store& store() { return *store_; }

  const Plan::ExportFunction* function(std::string_view name) const {
    for (const Plan::NamedExport& item : linked_->plan().root_exports) {
      if (item.name == name)
        return std::get_if<Plan::ExportFunction>(&linked_->plan().exports[item.export_index]);
    }
    return nullptr;
  }

  Result<std::uint32_t> call(std::string_view name,
                             std::initializer_list<std::uint32_t> arguments = {}) {
    const Plan::ExportFunction* callee = function(name);
    if (callee == nullptr)
      return Error{Code::not_found, "no such export"};
    return call(*callee, arguments);
  }

  Result<std::uint32_t> call(const Plan::ExportFunction& callee,
                             std::initializer_list<std::uint32_t> arguments) {
    std::uint32_t result = 0;
    std::optional<engine::Fault> fault;
    auto body = [&] {
      GuestCall guest{*store_, callee};
      std::size_t index = 0;
      for (const std::uint32_t argument : arguments)
        guest.values()[index++].i64 = argument;
      const bool returned = guest.invoke();
      result = static_cast<std::uint32_t>(guest.values()[0].i32);
      if (!returned || !guest.finish())
        fault = guest.fault();
    };
    TRY_OK(loop_.block_on(runner_.run(*store_, body)));
    if (fault)
      return Error{Code::internal, fault->message};
    return result;
  }

private:
  const engine::Engine& engine_;
  Loop& loop_;
  Runner& runner_;
  std::unique_ptr<Linked> linked_;
  std::unique_ptr<Store> store_;
};

} // namespace nacre::component
