// SPDX-License-Identifier: Apache-2.0
// builtins: the core functions that the runtime provides to a component's modules, by kind of
// trampoline.
#pragma once

#include "component/linked.h"
#include "engine/raw.h"

namespace nacre::component {

/// The host function of a kind; its `env` is the BoundTrampoline. Null for kinds that are not
/// served.
engine::HostFn builtin_function(Plan::TrampolineKind kind);
/// Whether operand `type` of the kind is a resource table.
bool is_resource_builtin(Plan::TrampolineKind kind);

/// `canon lower` of a host function (host_call.cc).
engine::Trap* call_host(void* env, engine::Caller* caller, engine::Raw* values, std::size_t count);
/// A string copy between two memories (transcode_builtin.cc).
engine::Trap* transcode(void* env, engine::Caller* caller, engine::Raw* values, std::size_t count);

} // namespace nacre::component
