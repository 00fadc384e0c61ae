// SPDX-License-Identifier: Apache-2.0
//! What the guests share: answering, reading a whole body, and query parameters.

use wasip2::http::types::{
    Fields, IncomingBody, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use wasip2::io::streams::{OutputStream, StreamError};

/// The most that one blocking-write-and-flush may carry.
const MOST_AT_ONCE: usize = 4096;

/// A whole text answer, with its length declared.
pub fn respond(out: ResponseOutparam, status: u16, text: &str) {
    let headers = [
        ("content-type".to_string(), b"text/plain".to_vec()),
        (
            "content-length".to_string(),
            text.len().to_string().into_bytes(),
        ),
    ];
    let (body, stream) = start(out, status, Fields::from_list(&headers).unwrap());
    // The client may be gone: then there is nobody to tell.
    let _ = write_all(&stream, text.as_bytes());
    drop(stream);
    let _ = OutgoingBody::finish(body, None);
}

/// Sends the head and opens the body. Drop the stream before finishing the body.
pub fn start(out: ResponseOutparam, status: u16, headers: Fields) -> (OutgoingBody, OutputStream) {
    let response = OutgoingResponse::new(headers);
    response.set_status_code(status).unwrap();
    let body = response.body().unwrap();
    let stream = body.write().unwrap();
    ResponseOutparam::set(out, Ok(response));
    (body, stream)
}

pub fn write_all(stream: &OutputStream, bytes: &[u8]) -> Result<(), StreamError> {
    for chunk in bytes.chunks(MOST_AT_ONCE) {
        stream.blocking_write_and_flush(chunk)?;
    }
    Ok(())
}

/// All of a request's body.
pub fn body_of(request: &IncomingRequest) -> Vec<u8> {
    let body = request.consume().unwrap();
    let bytes = read_to_end(&body).unwrap_or_default();
    drop(IncomingBody::finish(body));
    bytes
}

/// All that is left of a body; an error of its stream other than the end is returned.
pub fn read_to_end(body: &IncomingBody) -> Result<Vec<u8>, StreamError> {
    let stream = body.stream().unwrap();
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(65536) {
            Ok(chunk) => bytes.extend(chunk),
            Err(StreamError::Closed) => return Ok(bytes),
            Err(error) => return Err(error),
        }
    }
}

/// The path and the query parameters of one request, percent-decoded.
pub struct Target {
    pub path: String,
    parameters: Vec<(String, String)>,
}

impl Target {
    pub fn of(request: &IncomingRequest) -> Self {
        Self::parse(&request.path_with_query().unwrap_or_default())
    }

    pub fn parse(path_with_query: &str) -> Self {
        let (path, query) = path_with_query
            .split_once('?')
            .unwrap_or((path_with_query, ""));
        let parameters = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (decode(name), decode(value))
            })
            .collect();
        Self {
            path: decode(path),
            parameters,
        }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// A number, or `otherwise` where it is absent or none.
    pub fn number(&self, name: &str, otherwise: u64) -> u64 {
        self.get(name)
            .and_then(|text| text.parse().ok())
            .unwrap_or(otherwise)
    }
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits: Vec<u8> = rest.by_ref().take(2).collect();
            let value = std::str::from_utf8(&digits)
                .ok()
                .and_then(|digits| u8::from_str_radix(digits, 16).ok());
            bytes.push(value.unwrap_or(b'?'));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
