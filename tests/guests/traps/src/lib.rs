// SPDX-License-Identifier: Apache-2.0
//! Every way for a guest to go wrong, by path: see README.md beside the workspace for the list.

use std::hint::black_box;
use wasip2::clocks::monotonic_clock;
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{Fields, IncomingRequest, OutgoingBody, ResponseOutparam};

struct Traps;
wasip2::http::proxy::export!(Traps);

impl Guest for Traps {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = kit::Target::of(&request);
        match target.path.as_str() {
            "/panic" => panic!("asked to panic"),
            "/unreachable" => unreachable(),
            "/loop" => spin(),
            "/oom" => exhaust_memory(),
            "/stack" => {
                overflow_own_stack(1);
            }
            "/deep" => {
                recurse_without_end(1);
            }
            "/no-response" => return,
            "/partial" => {
                let (_body, stream) = kit::start(out, 200, Fields::new());
                kit::write_all(&stream, b"half ").unwrap();
                unreachable();
            }
            // A body that is dropped, not finished: the answer must not look complete.
            "/unfinished" => {
                let (body, stream) = kit::start(out, 200, Fields::new());
                kit::write_all(&stream, b"half ").unwrap();
                drop(stream);
                drop(body);
                return;
            }
            "/short" => {
                let length = [("content-length".to_string(), b"100".to_vec())];
                let (body, stream) = kit::start(out, 200, Fields::from_list(&length).unwrap());
                kit::write_all(&stream, b"half ").unwrap();
                drop(stream);
                let text = format!("{:?}", OutgoingBody::finish(body, None));
                eprintln!("{text}");
                return;
            }
            "/exit" => std::process::exit(target.number("code", 0) as i32),
            "/sleep" => {
                let nanoseconds = target.number("ms", 100) * 1_000_000;
                monotonic_clock::subscribe_duration(nanoseconds).block();
                return kit::respond(out, 200, "slept\n");
            }
            "/fine" => return kit::respond(out, 200, "fine\n"),
            _ => return kit::respond(out, 404, "no such trap\n"),
        }
        kit::respond(out, 200, "survived\n");
    }
}

#[inline(never)]
fn unreachable() -> ! {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_arch = "wasm32"))]
    panic!("only in a guest");
}

#[inline(never)]
fn spin() {
    let mut turns = 0_u64;
    while black_box(turns) != u64::MAX {
        turns += 1;
    }
}

#[inline(never)]
fn exhaust_memory() {
    let mut kept: Vec<Vec<u8>> = Vec::new();
    loop {
        kept.push(black_box(vec![1_u8; 1 << 20]));
    }
}

/// Overflows the stack that the guest keeps in its own memory: large frames, few of them.
#[inline(never)]
fn overflow_own_stack(depth: u64) -> u64 {
    let frame = black_box([depth as u8; 16 << 10]);
    let below = if black_box(true) {
        overflow_own_stack(depth + 1)
    } else {
        0
    };
    below + u64::from(frame[(depth % 1024) as usize])
}

/// Overflows the engine's stack: frames of nothing, many of them.
#[inline(never)]
fn recurse_without_end(depth: u64) -> u64 {
    if black_box(depth) == u64::MAX {
        return depth;
    }
    black_box(recurse_without_end(depth + 1)) + 1
}
