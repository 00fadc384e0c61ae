// SPDX-License-Identifier: Apache-2.0
//! Sends the request's body back by splicing: no byte of it passes through the guest's memory.

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{Fields, IncomingBody, IncomingRequest, OutgoingBody, ResponseOutparam};
use wasip2::io::streams::StreamError;

struct Echo;
wasip2::http::proxy::export!(Echo);

impl Guest for Echo {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let headers = Fields::new();
        let asked = request.headers();
        for name in ["content-type", "content-length"] {
            let values = asked.get(name);
            if !values.is_empty() {
                headers.set(name, &values).unwrap();
            }
        }
        let incoming = request.consume().unwrap();
        let source = incoming.stream().unwrap();
        let (body, sink) = kit::start(out, 200, headers);
        loop {
            match sink.blocking_splice(&source, 1 << 20) {
                Ok(_) => {}
                Err(StreamError::Closed) => break,
                Err(error) => panic!("splicing: {error:?}"),
            }
        }
        drop((sink, source));
        drop(IncomingBody::finish(incoming));
        // The client may be gone by now.
        let _ = OutgoingBody::finish(body, None);
    }
}
