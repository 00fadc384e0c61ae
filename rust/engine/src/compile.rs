// SPDX-License-Identifier: Apache-2.0
//! Compilation of core modules to bytes, and the key under which such bytes may be cached.

use crate::config::unwrap;
use crate::ffi::{Buffer, guard, slice};
use std::hash::{Hash, Hasher};
use wasmtime_c_api::wasm_engine_t;

/// # Safety
/// `engine` is alive; `wasm` points to `len` bytes; `out` to a buffer; `error` to a buffer or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nacre_compile(
    engine: *const wasm_engine_t,
    wasm: *const u8,
    len: usize,
    out: *mut Buffer,
    error: *mut Buffer,
) -> bool {
    unsafe {
        guard(out, error, || {
            let wasm = slice(wasm, len);
            // The engine would read anything else as text.
            if !wasm.starts_with(b"\0asm") {
                return Err("not a WebAssembly module: it does not start with \\0asm".into());
            }
            let code = unwrap(engine).precompile_module(wasm);
            code.map(Buffer::from).map_err(|e| format!("{e:#}"))
        })
    }
}

/// # Safety
/// `engine` is alive and `out` points to 16 writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nacre_engine_compat_hash(engine: *const wasm_engine_t, out: *mut u8) {
    let mut hasher = Fnv128::new();
    unsafe { unwrap(engine) }.precompile_compatibility_hash().hash(&mut hasher);
    let hash = hasher.0.to_le_bytes();
    unsafe { std::ptr::copy_nonoverlapping(hash.as_ptr(), out, hash.len()) };
}

/// FNV-1a with 128 bits: stable between processes (std promises no such thing), and its input is our own settings.
struct Fnv128(u128);

impl Fnv128 {
    const fn new() -> Self {
        Fnv128(0x6c62272e07bb014262b821756295c58d)
    }
}

impl Hasher for Fnv128 {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u128::from(*byte)).wrapping_mul(0x1000000000000000000013b);
        }
    }
    fn finish(&self) -> u64 {
        self.0 as u64
    }
}
