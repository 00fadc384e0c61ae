// SPDX-License-Identifier: Apache-2.0
// A guest's call of a host function, and the tables from which host functions are linked.
#pragma once

#include "base/result.h"
#include "component/call_context.h"
#include "component/raw.h"
#include "loop/async.h"
#include "loop/task.h"

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace nacre::component {

class HostCall;
class Store;

/// The end of a host call: lowers what the host function answered into `values` and the guest's
/// memory. False: the guest traps with `call.error()`.
template <class T> using Finish = bool (*)(HostCall& call, Raw* values, Result<T>& answer);

/// A host call whose answer is not there yet. The runtime owns it, runs the task on its loop while
/// the guest's fiber is parked, then calls `finish` on that fiber. Destroying it unfinished cancels
/// nothing by itself: the runtime cancels the task first.
class ParkedCall {
public:
  ParkedCall() = default;
  ParkedCall(const ParkedCall&) = delete;
  ParkedCall& operator=(const ParkedCall&) = delete;
  virtual ~ParkedCall() = default;

  /// The work to wait for; taken once. Fails only if the work could not be brought to its end
  /// (cancelled): an answer that is an error is an answer.
  virtual Task<> run() = 0;

  /// `call` may be another HostCall than the one that was parked; `values` hold what they held
  /// then.
  virtual bool finish(HostCall& call, Raw* values) = 0;
};

/// What generated code and host functions get to see of a guest's call. Valid until the host
/// function returns or, if it is a coroutine, first suspends.
class HostCall : public CallContext {
public:
  HostCall(Peer& peer, StringEncoding encoding, Store& store)
      : CallContext(peer, encoding), store_(store) {}

  Store& store() { return store_; }

  /// Ends the call with `answer`: at once if it is ready, else when its task has ended. In the
  /// latter case this returns true and `parked()` holds the rest of the call.
  template <class T> bool wait(Async<T> answer, Raw* values, Finish<T> finish) {
    if (answer.ready()) [[likely]]
      return finish(*this, values, answer.result());
    parked_ = std::make_unique<ParkedOn<T>>(answer.take_task(), finish);
    return true;
  }

  /// Set if the host function's answer has to be waited for.
  std::unique_ptr<ParkedCall> take_parked() { return std::move(parked_); }
  bool parked() const { return parked_ != nullptr; }

private:
  template <class T> class ParkedOn final : public ParkedCall {
  public:
    ParkedOn(Task<T> task, Finish<T> end) : task_(std::move(task)), finish_(end) {}
    Task<> run() override {
      Task<T> task = std::move(task_);
      answer_ = co_await std::move(task);
      co_return Result<>{};
    }
    bool finish(HostCall& call, Raw* values) override {
      if (!answer_)
        return call.fail("host call was cancelled");
      return finish_(call, values, *answer_);
    }

  private:
    Task<T> task_;
    Finish<T> finish_;
    std::optional<Result<T>> answer_;
  };

  Store& store_;
  std::unique_ptr<ParkedCall> parked_;
};

/// Lifts the parameters in `values`, calls the host function behind `self`, lowers its result (into
/// `values[0]` or through the out pointer that is the last parameter). False: trap with
/// `call.error()`.
using Thunk = bool (*)(void* self, HostCall& call, Raw* values);

/// One host function as the linker needs it; generated tables of these live in static storage.
struct HostFunc {
  /// As imported: "poll", "[method]pollable.block", "[static]fields.from-list",
  /// "[constructor]fields".
  std::string_view name;
  /// Canonical text of the function type, without versions; the component's must be equal.
  std::string_view signature;
  Thunk thunk;
  /// True: may park the guest's fiber, so it must be linked as an asynchronous import.
  bool suspends;
};

} // namespace nacre::component
