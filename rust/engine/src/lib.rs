// SPDX-License-Identifier: Apache-2.0
//! Everything nacre needs from Rust, as one static library with a C interface.
//!
//! It carries Wasmtime's C API unchanged and adds the functions of `include/nacre_engine.h`: an engine
//! constructor for settings the C API lacks, compilation to bytes, the component planner, and test support.

pub use wasmtime_c_api::*;

mod check;
mod compile;
mod config;
mod features;
mod ffi;
mod plan;
mod text;
mod value_size;
