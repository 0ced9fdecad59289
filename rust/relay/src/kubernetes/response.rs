//! The answer of the API server, as the agent gets it: a closed list of headers, and a body that can be masked.

use bytes::BytesMut;
use hyper::{
    Response, StatusCode,
    body::{Body, Incoming},
    header::{
        CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap, HeaderName,
        HeaderValue, RETRY_AFTER, TRANSFER_ENCODING, WARNING,
    },
};
use narrows_wire::kubernetes::{AnswerFormat, Method, Reason, Status};
use serde_json::json;

use super::{
    answers::head_bytes,
    call::{Allowed, refused},
    filter::Filter,
    pool::Sender,
    pump::Pump,
    reply::{Piece, Reply},
};

/// What passes of an answer's headers. Content-Length does not: masks change it.
const PASSED: [HeaderName; 7] = [
    CONTENT_TYPE,
    RETRY_AFTER,
    CACHE_CONTROL,
    ETAG,
    HeaderName::from_static("audit-id"),
    HeaderName::from_static("x-kubernetes-pf-flowschema-uid"),
    HeaderName::from_static("x-kubernetes-pf-prioritylevel-uid"),
];

/// Passes an answer on. `sender` is where the connection that it comes over takes its next request.
///
/// # Errors
/// The journal cannot be written.
pub(crate) async fn pass_on(
    allowed: &Allowed<'_>,
    answer: Response<Incoming>,
    sender: Option<Sender>,
) -> Result<Response<Reply>, Status> {
    let Allowed { session, call, allow, keeping, .. } = allowed;
    let (head, incoming) = answer.into_parts();
    let filter = match filter_for(allowed, head.status, &head.headers, &incoming) {
        Ok(filter) => filter,
        Err(why) => return unfit(allowed, &why).await,
    };
    let mut response = Response::new(());
    *response.status_mut() = head.status;
    for name in PASSED {
        for value in head.headers.get_all(&name) {
            response.headers_mut().append(name.clone(), value.clone());
        }
    }
    for warning in head.headers.get_all(WARNING) {
        if let Some(masked) = mask_warning(allowed, warning) {
            response.headers_mut().append(WARNING, masked);
        }
    }
    if let Some(Ok(warning)) = allow.warning_header().map(HeaderValue::try_from) {
        response.headers_mut().append(WARNING, warning);
    }
    let keeping = keeping.of(head.status);
    let pump = Pump::new(session, call, incoming, filter, sender, keeping, allow.policy_epoch);
    let Ok(Piece { bytes, masked, rest }) = pump.first().await else {
        return unfit(allowed, "it broke off or cannot be masked").await;
    };
    let written = head_bytes(response.status(), response.headers());
    let recorded = [&written[..], &bytes].concat();
    let left_out = keeping.leaves_out(written.len()..recorded.len());
    session.ledger.reply_except(&recorded, left_out.as_slice(), masked);
    session.ledger.write().await?;
    let reply = match rest {
        Some(pump) => Reply::streamed(bytes, pump),
        None => Reply::whole(bytes),
    };
    Ok(response.map(|()| reply))
}

/// What the answer's body passes through.
///
/// # Errors
/// One sentence: it is no answer that may be passed on.
fn filter_for(
    allowed: &Allowed<'_>,
    status: StatusCode,
    headers: &HeaderMap,
    incoming: &Incoming,
) -> Result<Filter, String> {
    if headers.contains_key(CONTENT_LENGTH) && headers.contains_key(TRANSFER_ENCODING) {
        return Err("it has both a Content-Length and a Transfer-Encoding".to_owned());
    }
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err("it is compressed, which was not asked for".to_owned());
    }
    if status.is_informational() {
        return Err("it is no final answer".to_owned());
    }
    if incoming.is_end_stream() || allowed.call.method == Method::Head {
        return Ok(Filter::Clear);
    }
    let types: Vec<_> = headers.get_all(CONTENT_TYPE).iter().collect();
    let [content_type] = types[..] else { return Err("it does not say what it is".to_owned()) };
    let content_type = content_type.to_str().unwrap_or_default();
    let format = allowed.accept.format_of(content_type);
    // A handler that fails before it knows what was asked for does so in plain text.
    let format = format.or_else(|| is_plain_error(status, content_type).then_some(AnswerFormat::Text));
    let format = format.ok_or_else(|| "it is neither JSON nor text that could be masked".to_owned())?;
    Filter::new(allowed.session.masks.as_ref(), &allowed.call, format)
}

fn is_plain_error(status: StatusCode, content_type: &str) -> bool {
    (status.is_client_error() || status.is_server_error())
        && content_type.split(';').next().is_some_and(|essence| essence.trim() == "text/plain")
}

/// A warning of the API server, which can quote what it warns of; `None` where it cannot be masked.
fn mask_warning(allowed: &Allowed<'_>, warning: &HeaderValue) -> Option<HeaderValue> {
    let mut filter = Filter::new(allowed.session.masks.as_ref(), &allowed.call, AnswerFormat::Text).ok()?;
    let mut masked = BytesMut::new();
    filter.feed(warning.as_bytes(), &mut masked).ok()?;
    filter.finish(&mut masked).ok()?;
    HeaderValue::from_bytes(&masked).ok()
}

/// Answers in the place of an answer that may not be passed on.
async fn unfit(allowed: &Allowed<'_>, why: &str) -> Result<Response<Reply>, Status> {
    allowed.session.ledger.event(&json!({ "event": "unfit", "why": why }));
    let message = format!("Narrows does not pass the API server's answer on: {why}");
    refused(&allowed.session, &Status::new(Reason::NotAcceptable, &message)).await
}
