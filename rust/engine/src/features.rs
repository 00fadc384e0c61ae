// SPDX-License-Identifier: Apache-2.0
//! Which WebAssembly features exist, decided once for the engine, the planner and the validator.

use wasmtime_environ::wasmparser::WasmFeatures;

/// Core features of every engine and every plan. Threads stay off: a store belongs to one loop.
///
/// The planner generates adapters that use whatever is on here, so the two sets must not differ.
pub fn core() -> WasmFeatures {
    (WasmFeatures::WASM3 | WasmFeatures::WIDE_ARITHMETIC).difference(WasmFeatures::THREADS)
}

/// Component features without concurrency: what a pure WASI 0.2 component may use.
pub fn component_sync() -> WasmFeatures {
    WasmFeatures::COMPONENT_MODEL
        | WasmFeatures::CM_FIXED_LENGTH_LISTS
        | WasmFeatures::CM_MAP
        | WasmFeatures::CM_IMPLEMENTS
}

/// Component features of WASI 0.3.
pub fn component_async() -> WasmFeatures {
    component_sync()
        | WasmFeatures::CM_ASYNC
        | WasmFeatures::CM_MORE_ASYNC_BUILTINS
        | WasmFeatures::CM_ASYNC_STACKFUL
        | WasmFeatures::CM_ERROR_CONTEXT
}

/// Cooperative threads; only conformance tests and guests built for them ask for it.
pub fn component_threading() -> WasmFeatures {
    WasmFeatures::CM_THREADING
}
