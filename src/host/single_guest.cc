// SPDX-License-Identifier: Apache-2.0
#include "host/single_guest.h"

#include "bindings/wasi_cli_p2.h"

#include <utility>

namespace nacre::host {

Result<std::unique_ptr<SingleGuest>>
SingleGuest::make(const engine::Engine& engine,
                  std::shared_ptr<const component::Component> component,
                  std::vector<std::unique_ptr<capability::Capability>> capabilities,
                  const component::GuestLimits& limits) {
  std::unique_ptr<SingleGuest> out(new SingleGuest(engine));
  out->capabilities_ = std::move(capabilities);
  for (const auto& capability : out->capabilities_) {
    TRY(auto lease, out->loop_.block_on(capability->lease(out->loop_)));
    TRY_OK(lease->link(out->linker_));
    out->leases_.push_back(std::move(lease));
  }
  TRY(out->linked_, component::Linked::link(engine, std::move(component), out->linker_));
  out->store_ = std::make_unique<component::Store>(*out->linked_, out->loop_);
  if (auto fault = out->runner_.open(*out->store_, limits))
    return fault->to_error().context("instantiating");
  out->guest_ = std::make_unique<component::RunningGuest>(*out->store_, out->runner_);
  return out;
}

SingleGuest::~SingleGuest() {
  (void)close();
}

Result<bool> SingleGuest::run_command() {
  TRY(const auto command, wasi_cli_p2::Run::bind(linked_->component()));
  TRY(const auto ended, loop_.block_on(command.run(*guest_)));
  return ended.has_value();
}

Result<component::Invoked> SingleGuest::invoke(const component::Plan::ExportFunction& function,
                                               std::vector<wit::Value> arguments) {
  return loop_.block_on(component::invoke(runner_, *store_, function, std::move(arguments)));
}

Result<> SingleGuest::close() {
  if (store_)
    store_->close();
  for (auto& lease : std::exchange(leases_, {}))
    TRY_OK(loop_.block_on(lease->close()));
  return {};
}

} // namespace nacre::host
