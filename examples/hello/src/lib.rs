// SPDX-License-Identifier: Apache-2.0
//! The smallest useful component: answers every HTTP request with one line.

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{
    Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

struct Hello;
wasip2::http::proxy::export!(Hello);

impl Guest for Hello {
    fn handle(_request: IncomingRequest, out: ResponseOutparam) {
        let headers = Fields::new();
        headers
            .set("content-type", &[b"text/plain".to_vec()])
            .unwrap();
        let response = OutgoingResponse::new(headers);
        let body = response.body().unwrap();
        ResponseOutparam::set(out, Ok(response));

        let stream = body.write().unwrap();
        // The client may be gone by now; then there is nobody left to tell.
        let _ = stream.blocking_write_and_flush(b"Hello from nacre!\n");
        drop(stream);
        let _ = OutgoingBody::finish(body, None);
    }
}
