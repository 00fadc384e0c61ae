// SPDX-License-Identifier: Apache-2.0
//! Sends the request's body and trailers back through its own memory: read, check-write, write, flush.

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{
    Fields, IncomingBody, IncomingRequest, OutgoingBody, ResponseOutparam, Trailers,
};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

struct EchoCopy;
wasip2::http::proxy::export!(EchoCopy);

impl Guest for EchoCopy {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let incoming = request.consume().unwrap();
        let source = incoming.stream().unwrap();
        let (body, sink) = kit::start(out, 200, Fields::new());
        copy(&source, &sink);
        drop((sink, source));
        let trailers = trailers_of(incoming);
        // The client may be gone by now.
        let _ = OutgoingBody::finish(body, trailers);
    }
}

fn copy(source: &InputStream, sink: &OutputStream) {
    loop {
        let mut rest: &[u8] = &match source.read(65536) {
            Ok(bytes) if bytes.is_empty() => {
                source.subscribe().block();
                continue;
            }
            Ok(bytes) => bytes,
            Err(StreamError::Closed) => break,
            Err(error) => panic!("reading: {error:?}"),
        };
        while !rest.is_empty() {
            match sink.check_write() {
                Ok(0) => sink.subscribe().block(),
                Ok(room) => {
                    let (now, later) = rest.split_at(rest.len().min(room as usize));
                    sink.write(now).unwrap();
                    rest = later;
                }
                Err(_) => return,
            }
        }
    }
    if sink.flush().is_ok() {
        sink.subscribe().block();
    }
}

/// The trailers of a body that was read to its end, as fields of our own.
fn trailers_of(body: IncomingBody) -> Option<Trailers> {
    let future = IncomingBody::finish(body);
    let arrived = loop {
        match future.get() {
            Some(arrived) => break arrived,
            None => future.subscribe().block(),
        }
    };
    let trailers = arrived.unwrap().unwrap()?;
    Some(Fields::from_list(&trailers.entries()).unwrap())
}
