// SPDX-License-Identifier: Apache-2.0
//! Tells what the guest sees of its surroundings, and speaks on its own streams.
//!
//! `/env` `/args` `/cwd`: one per line. `/out?text=` `/err?text=`: to stdout or stderr. `/stdin`: what is there to read.
//! `/terminal`: which of the three streams are one. `/random?n=`: that many bytes in hex. `/clocks`: both, twice.
//! `/headers`: the request's. `/count`: how often this instance was asked for its count.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::sync::atomic::{AtomicU32, Ordering};
use wasip2::cli::{environment, terminal_stderr, terminal_stdin, terminal_stdout};
use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{IncomingRequest, ResponseOutparam};
use wasip2::random::random;

struct Env;
static ASKED: AtomicU32 = AtomicU32::new(0);
wasip2::http::proxy::export!(Env);

impl Guest for Env {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = kit::Target::of(&request);
        let text = target.get("text").unwrap_or("hello");
        let answer = match target.path.as_str() {
            "/env" => lines(
                environment::get_environment()
                    .into_iter()
                    .map(|(name, value)| format!("{name}={value}")),
            ),
            "/args" => lines(environment::get_arguments().into_iter()),
            "/cwd" => format!("{:?}\n", environment::initial_cwd()),
            "/out" => {
                println!("{text}");
                std::io::stdout().flush().unwrap();
                String::new()
            }
            "/err" => {
                eprintln!("{text}");
                String::new()
            }
            "/stdin" => {
                let mut read = String::new();
                match std::io::stdin().read_to_string(&mut read) {
                    Ok(_) => read,
                    Err(error) => format!("error: {error}\n"),
                }
            }
            "/terminal" => format!(
                "stdin {} stdout {} stderr {}\n",
                terminal_stdin::get_terminal_stdin().is_some(),
                terminal_stdout::get_terminal_stdout().is_some(),
                terminal_stderr::get_terminal_stderr().is_some()
            ),
            "/random" => {
                let mut hex = String::new();
                for byte in random::get_random_bytes(target.number("n", 16)) {
                    write!(hex, "{byte:02x}").unwrap();
                }
                hex
            }
            "/clocks" => clocks(),
            "/headers" => lines(
                request
                    .headers()
                    .entries()
                    .into_iter()
                    .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(&value))),
            ),
            "/count" => format!("{}\n", ASKED.fetch_add(1, Ordering::Relaxed) + 1),
            _ => return kit::respond(out, 404, "no such question\n"),
        };
        kit::respond(out, 200, &answer);
    }
}

fn lines(items: impl Iterator<Item = String>) -> String {
    items.fold(String::new(), |text, item| text + &item + "\n")
}

fn clocks() -> String {
    let (first, wall) = (monotonic_clock::now(), wall_clock::now());
    let second = monotonic_clock::now();
    format!(
        "monotonic {first} {second} resolution {}\nwall {} {}\n",
        monotonic_clock::resolution(),
        wall.seconds,
        wall.nanoseconds
    )
}
