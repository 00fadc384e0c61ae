// SPDX-License-Identifier: Apache-2.0
//! The border to C: byte buffers, and a guard that lets no panic through.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Bytes handed to C. Empty is `{null, 0}`; anything else is freed with `nacre_buffer_free`.
#[repr(C)]
pub struct Buffer {
    data: *mut u8,
    len: usize,
}

impl From<Vec<u8>> for Buffer {
    fn from(bytes: Vec<u8>) -> Self {
        if bytes.is_empty() {
            return Buffer { data: std::ptr::null_mut(), len: 0 };
        }
        let bytes = Box::leak(bytes.into_boxed_slice());
        Buffer { data: bytes.as_mut_ptr(), len: bytes.len() }
    }
}

/// Frees a buffer and empties it, so that freeing twice is harmless.
///
/// # Safety
/// `buffer` is null or points to a buffer that this library filled in, or to a zeroed one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nacre_buffer_free(buffer: *mut Buffer) {
    if let Some(buffer) = unsafe { buffer.as_mut() }
        && !buffer.data.is_null()
    {
        let bytes = std::ptr::slice_from_raw_parts_mut(buffer.data, buffer.len);
        drop(unsafe { Box::from_raw(bytes) });
        *buffer = Vec::new().into();
    }
}

/// Views bytes given by C as a slice; null with length zero is the empty slice.
///
/// # Safety
/// `data` points to `len` readable bytes that stay unchanged for `'a`, unless `len` is zero.
pub unsafe fn slice<'a>(data: *const u8, len: usize) -> &'a [u8] {
    if len == 0 { &[] } else { unsafe { std::slice::from_raw_parts(data, len) } }
}

/// Runs `body` and gives its value or message to C. Returns whether it succeeded; a panic is a failure.
///
/// # Safety
/// `out` points to writable storage for a `T`; `error` is null or points to writable storage for a buffer.
pub unsafe fn guard<T>(
    out: *mut T,
    error: *mut Buffer,
    body: impl FnOnce() -> Result<T, String>,
) -> bool {
    let result = catch_unwind(AssertUnwindSafe(body))
        .unwrap_or_else(|panic| Err(format!("internal error: {}", panic_text(panic.as_ref()))));
    match result {
        Ok(value) => {
            unsafe { out.write(value) };
            true
        }
        Err(message) => {
            if !error.is_null() {
                unsafe { error.write(message.into_bytes().into()) };
            }
            false
        }
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    if let Some(text) = panic.downcast_ref::<&str>() {
        text
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text
    } else {
        "panic"
    }
}
