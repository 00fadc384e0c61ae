// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_io/wasi_io.h"

#include "bindings/wasi_io_p2.h"
#include "streams/pollable.h"

namespace nacre::wasi_io {
namespace {

class IoLease final : public capability::Lease, wasi_io_p2::PollHost {
public:
  Result<> link(component::Linker& linker) override {
    wasi_io_p2::link_error(linker);
    wasi_io_p2::link_poll(linker, *this);
    wasi_io_p2::link_streams(linker);
    return {};
  }
  Task<> close() override { co_return Result<>{}; }

private:
  Async<std::vector<std::uint32_t>> poll(component::HostCall& /*call*/,
                                         std::span<wasi_io_p2::Pollable* const> in) override {
    return streams::poll(in);
  }
};

class Io final : public capability::Capability {
public:
  std::vector<std::string> interfaces() const override {
    return {"wasi:io/error@0.2.12", "wasi:io/poll@0.2.12", "wasi:io/streams@0.2.12"};
  }
  Task<std::unique_ptr<capability::Lease>> lease(Loop& /*loop*/) override {
    return capability::ready_lease(std::make_unique<IoLease>());
  }
};

} // namespace

std::unique_ptr<capability::Capability> make_wasi_io() {
  return std::make_unique<Io>();
}

} // namespace nacre::wasi_io
