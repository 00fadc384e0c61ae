// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_http/wasi_http.h"

#include "bindings/wasi_http_p2.h"
#include "capabilities/wasi_http/hosts.h"

#include <utility>

namespace nacre::wasi_http {
namespace {

class WasiHttpLease final : public capability::Lease {
public:
  WasiHttpLease(Loop& loop, const Settings& settings)
      : client_(loop, settings.client), handler_(client_, settings.timeouts) {}

  Result<> link(component::Linker& linker) override {
    wasi_http_p2::link_types(linker, types_);
    wasi_http_p2::link_outgoing_handler(linker, handler_);
    return {};
  }
  Task<> close() override { return client_.close(); }

private:
  http::Client client_;
  TypesHost types_;
  OutgoingHandlerHost handler_;
};

class WasiHttp final : public capability::Capability {
public:
  explicit WasiHttp(Settings settings) : settings_(std::move(settings)) {}

  std::vector<std::string> interfaces() const override {
    return {"wasi:http/types@0.2.12", "wasi:http/outgoing-handler@0.2.12"};
  }
  Task<std::unique_ptr<capability::Lease>> lease(Loop& loop) override { return lease_on(&loop); }

private:
  Task<std::unique_ptr<capability::Lease>> lease_on(Loop* loop) {
    co_return std::make_unique<WasiHttpLease>(*loop, settings_);
  }

  const Settings settings_;
};

} // namespace

std::unique_ptr<capability::Capability> make_wasi_http(Settings settings) {
  return std::make_unique<WasiHttp>(std::move(settings));
}

} // namespace nacre::wasi_http
