//! Answers of the gateway's own, and how heads are written down.

use std::fmt::Write as _;

use hyper::{
    Response, StatusCode,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
};
use narrows_wire::kubernetes::{ApiCall, Header, Status};

use super::reply::Reply;

/// A status as the answer to a call, and its bytes as they are recorded.
pub(crate) fn refusal(status: &Status) -> (Response<Reply>, Vec<u8>) {
    let json = status.to_json();
    let mut response = Response::new(Reply::whole(json.clone()));
    *response.status_mut() = StatusCode::from_u16(status.code()).unwrap_or(StatusCode::FORBIDDEN);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(seconds) = status.retry_after_seconds() {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    let recorded = [&head_bytes(response.status(), response.headers())[..], &json].concat();
    (response, recorded)
}

/// A status for an agent whose request no HTTP could be made of; the connection ends behind it.
pub(crate) fn last_words(status: &Status) -> Vec<u8> {
    let (response, _) = refusal(status);
    let json = status.to_json();
    let mut head = head_bytes(response.status(), response.headers());
    head.truncate(head.len() - 2);
    let rest = format!("Content-Length: {}\r\nConnection: close\r\n\r\n", json.len());
    [&head[..], rest.as_bytes(), &json].concat()
}

/// The head of an answer as it is recorded.
pub(crate) fn head_bytes(status: StatusCode, headers: &HeaderMap) -> Vec<u8> {
    let reason = status.canonical_reason().unwrap_or_default();
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", status.as_u16()).into_bytes();
    for (name, value) in headers {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// A call as it is recorded: what of the request means something, with its body.
pub(crate) fn request_bytes(call: &ApiCall, headers: &[Header<'_>]) -> Vec<u8> {
    let mut head = format!("{} {} HTTP/1.1\r\nhost: {}\r\n", call.method.as_str(), call.path, call.target);
    // A string takes whatever is written to it.
    let agent = user_agent(headers);
    if !agent.is_empty() {
        let _ = write!(head, "user-agent: {agent}\r\n");
    }
    if let Some(upgrade) = call.upgrade {
        let _ = write!(head, "upgrade: {}\r\n", upgrade.token());
    }
    if !call.body.is_empty() {
        let _ = write!(head, "content-type: {}\r\n", call.content_type);
        let _ = write!(head, "content-length: {}\r\n", call.body.len());
        if let Some(translated) = call.translated {
            let _ = write!(head, "narrows-translated-from: {translated}\r\n");
        }
    }
    head.push_str("\r\n");
    [head.as_bytes(), &call.body].concat()
}

/// What a client calls itself: 256 printable characters at the most.
pub(crate) fn user_agent(headers: &[Header<'_>]) -> String {
    let named = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("user-agent"));
    let value = named.map_or(&[][..], |(_, value)| value);
    value.iter().filter(|byte| matches!(byte, b' '..=b'~')).take(256).map(|byte| char::from(*byte)).collect()
}
