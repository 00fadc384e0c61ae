// SPDX-License-Identifier: Apache-2.0
//! CPU bound: the SHA-256 of the request's body, hashed again `?rounds=` times, in hex.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{IncomingRequest, ResponseOutparam};

struct Compute;
wasip2::http::proxy::export!(Compute);

impl Guest for Compute {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let rounds = kit::Target::of(&request).number("rounds", 1);
        let mut digest = Sha256::digest(kit::body_of(&request));
        for _ in 1..rounds {
            digest = Sha256::digest(digest);
        }
        let mut hex = String::with_capacity(65);
        for byte in digest {
            write!(hex, "{byte:02x}").unwrap();
        }
        hex.push('\n');
        kit::respond(out, 200, &hex);
    }
}
