// SPDX-License-Identifier: Apache-2.0
//! Asks another server and passes its answer on.
//!
//! `?url=http://host:port/path`, and optionally `method=`, `header=name:value`, and the limits `connect_ms=`,
//! `first_byte_ms=`, `between_ms=`. With method=POST the request's body is streamed on. A failure answers 502 with the
//! name of the error.

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingRequest, IncomingResponse, Method, OutgoingBody,
    OutgoingRequest, RequestOptions, ResponseOutparam, Scheme,
};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

struct Outbound;
wasip2::http::proxy::export!(Outbound);

impl Guest for Outbound {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = kit::Target::of(&request);
        let Some(url) = target.get("url") else {
            return kit::respond(out, 400, "want ?url=http://host/path");
        };
        match ask(url, &target, &request) {
            Ok(response) => pass_on(response, out),
            Err(error) => kit::respond(out, 502, &format!("{error:?}")),
        }
    }
}

fn ask(
    url: &str,
    target: &kit::Target,
    request: &IncomingRequest,
) -> Result<IncomingResponse, ErrorCode> {
    let headers = Fields::new();
    if let Some((name, value)) = target.get("header").and_then(|h| h.split_once(':')) {
        headers
            .append(name, value.as_bytes())
            .map_err(|error| ErrorCode::InternalError(Some(format!("{error:?}"))))?;
    }
    let asking = OutgoingRequest::new(headers);
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let (authority, path) = rest
        .find('/')
        .map_or((rest, "/"), |slash| rest.split_at(slash));
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.to_string()),
    };
    let post = target.get("method") == Some("POST");
    let method = match target.get("method") {
        None | Some("GET") => Method::Get,
        Some("HEAD") => Method::Head,
        Some("POST") => Method::Post,
        Some(other) => Method::Other(other.to_string()),
    };
    let refused = |()| ErrorCode::HttpRequestUriInvalid;
    asking.set_scheme(Some(&scheme)).map_err(refused)?;
    asking.set_authority(Some(authority)).map_err(refused)?;
    asking.set_path_with_query(Some(path)).map_err(refused)?;
    asking
        .set_method(&method)
        .map_err(|()| ErrorCode::HttpRequestMethodInvalid)?;

    let body = asking.body().unwrap();
    let future = outgoing_handler::handle(asking, options(target))?;
    if post {
        let incoming = request.consume().unwrap();
        let sink = body.write().unwrap();
        splice(&incoming.stream().unwrap(), &sink);
        drop(sink);
        drop(IncomingBody::finish(incoming));
    }
    OutgoingBody::finish(body, None)?;
    loop {
        match future.get() {
            Some(answer) => return answer.unwrap(),
            None => future.subscribe().block(),
        }
    }
}

fn options(target: &kit::Target) -> Option<RequestOptions> {
    let nanoseconds = |name| target.get(name).map(|_| target.number(name, 0) * 1_000_000);
    let options = RequestOptions::new();
    options
        .set_connect_timeout(nanoseconds("connect_ms"))
        .unwrap();
    options
        .set_first_byte_timeout(nanoseconds("first_byte_ms"))
        .unwrap();
    options
        .set_between_bytes_timeout(nanoseconds("between_ms"))
        .unwrap();
    Some(options)
}

fn pass_on(response: IncomingResponse, out: ResponseOutparam) {
    let headers = Fields::new();
    let content_type = response.headers().get("content-type");
    headers.set("content-type", &content_type).unwrap();
    let incoming = response.consume().unwrap();
    let (body, sink) = kit::start(out, response.status(), headers);
    let source = incoming.stream().unwrap();
    let whole = splice(&source, &sink);
    drop((source, sink));
    drop(IncomingBody::finish(incoming));
    if whole {
        // The client may be gone by now.
        let _ = OutgoingBody::finish(body, None);
    }
    // A body dropped unfinished tells the client that what it has is not all.
}

/// Moves everything; false where either side failed before the end.
fn splice(source: &InputStream, sink: &OutputStream) -> bool {
    loop {
        match sink.blocking_splice(source, 65536) {
            Ok(_) => {}
            Err(StreamError::Closed) => return true,
            Err(StreamError::LastOperationFailed(_)) => return false,
        }
    }
}
