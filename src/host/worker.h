// SPDX-License-Identifier: Apache-2.0
// Worker: one loop's share of a workload: takes HTTP exchanges, gives each an instance, and answers
// for guests that do not.
#pragma once

#include "bindings/wasi_http_p2.h"
#include "capability/capability.h"
#include "component/linked.h"
#include "component/runner.h"
#include "component/running_guest.h"
#include "host/counters.h"
#include "host/deadlines.h"
#include "host/settings.h"
#include "http/server.h"
#include "loop/scope.h"
#include "loop/signal.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace nacre::host {

/// Lives on its loop from make() to close().
class Worker {
public:
  /// Takes leases, links the component and checks that it serves HTTP.
  static Task<std::unique_ptr<Worker>> make(Loop* loop, engine::Ticker* ticker,
                                            const engine::Engine* engine,
                                            std::shared_ptr<const component::Component> component,
                                            std::vector<capability::Capability*> capabilities,
                                            WorkerSettings settings);
  ~Worker();

  /// The handler for http::Server.
  Task<> handle(http::Exchange& exchange) { return serve(&exchange); }
  /// Ends every guest; for requests that outlast the drain limit.
  void stop_guests();
  /// After the last exchange.
  Task<> close();
  const Counters& counters() const { return counters_; }
  Counters& counters() { return counters_; }

private:
  class Turn;
  class Instance;
  Worker(Loop& loop, engine::Ticker& ticker, const WorkerSettings& settings);
  Task<> serve(http::Exchange* exchange);
  Task<> run_guest(http::Exchange* exchange, component::Store* store);
  std::unique_ptr<Instance> take_instance();
  void give_back(std::unique_ptr<Instance> instance);

  Loop& loop_;
  WorkerSettings settings_;
  component::Runner runner_;
  std::vector<std::unique_ptr<capability::Lease>> leases_;
  component::Linker linker_;
  std::unique_ptr<component::Linked> linked_;
  std::optional<wasi_http_p2::IncomingHandler> handler_;
  std::vector<std::unique_ptr<Instance>> closed_; ///< without a guest, ready for the next
  std::vector<std::unique_ptr<Instance>> open_;   ///< with a guest that may be called again
  Counters counters_;
  Deadlines deadlines_;
  bool stopping_ = false;
  Signal turn_;
  Scope tasks_;
};

} // namespace nacre::host
