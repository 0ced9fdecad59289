//! A call on its way to the API server, until the head of the answer is there.

use std::time::Duration;

use bytes::Bytes;
use hyper::{
    Request, Response, Uri, Version,
    body::Incoming,
    client::conn::http1,
    header::{HeaderName, HeaderValue},
};
use narrows_wire::kubernetes::{Method, Status, UpstreamRequest};
use serde_json::json;
use tokio::{task::spawn_local, time::timeout};

use super::{
    cluster::ClusterUpstream,
    http_io::HttpIo,
    pool::{self, Sender},
    session::Session,
    whole::Whole,
};
use crate::bounds::{ANSWER_HEADERS_MAX, HTTP_BUFFER_BYTES_MAX};

/// The head of an answer, and the connection on which its body follows.
pub(crate) struct Answered {
    pub(crate) response: Response<Incoming>,
    pub(crate) sender: Sender,
}

/// Why there is no answer: what the agent is told, and what is written down.
pub(crate) struct Unanswered {
    pub(crate) status: Status,
    pub(crate) why: String,
}

/// Sends a call and waits for the head of its answer, over a connection that waits or a new one.
pub(crate) async fn forward(
    session: &Session,
    request: &UpstreamRequest,
    audit_id: &str,
) -> Result<Answered, Unanswered> {
    let upstream = &session.upstream;
    let limit = upstream.answer_deadline();
    let read_only = matches!(request.method, Method::Get | Method::Head);
    while let Some(mut sender) = pool::take(upstream.identity()) {
        if sender.ready().await.is_err() {
            continue;
        }
        match send(&mut sender, compose(upstream, request, audit_id)?, limit).await {
            Ok(response) => return Ok(Answered { response, sender }),
            // The API server has closed a connection that waited: the request may be sent once more if it was
            // not sent, or does nothing.
            Err(error) if !error.late && (error.unsent || read_only) => {}
            Err(error) => return Err(broken(read_only, error.why)),
        }
    }
    let mut sender = connect(upstream).await.map_err(|(status, why)| Unanswered { status, why })?;
    match send(&mut sender, compose(upstream, request, audit_id)?, limit).await {
        Ok(response) => Ok(Answered { response, sender }),
        Err(error) => Err(broken(read_only || error.unsent, error.why)),
    }
}

/// Makes a connection of its own and has it driven.
pub(crate) async fn connect(upstream: &ClusterUpstream) -> Result<Sender, (Status, String)> {
    let transport = upstream
        .dial()
        .await
        .map_err(|error| (Status::unavailable(error.for_agent(), Some(1)), error.to_string()))?;
    let shaken = http1::Builder::new()
        .max_headers(ANSWER_HEADERS_MAX)
        .max_buf_size(HTTP_BUFFER_BYTES_MAX)
        .handshake(HttpIo::upstream(transport))
        .await;
    let (sender, connection) = shaken.map_err(|error| {
        (Status::unavailable("Narrows cannot reach the API server", Some(1)), error.to_string())
    })?;
    // Whoever waits for an answer is told of its errors.
    spawn_local(async { drop(connection.await) });
    Ok(sender)
}

struct SendError {
    why: String,
    /// Nothing of the request has been sent.
    unsent: bool,
    /// It took too long.
    late: bool,
}

async fn send(
    sender: &mut Sender,
    request: Request<Whole>,
    limit: Duration,
) -> Result<Response<Incoming>, SendError> {
    match timeout(limit, sender.try_send_request(request)).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(mut error)) => {
            let unsent = error.take_message().is_some();
            Err(SendError { why: error.into_error().to_string(), unsent, late: false })
        }
        Err(_) => Err(SendError { why: late(limit), unsent: false, late: true }),
    }
}

/// What is written down of an answer that did not begin, or go on, in time.
pub(crate) fn late(limit: Duration) -> String {
    format!("the API server was silent for answer_deadline_ms = {}", limit.as_millis())
}

fn broken(harmless: bool, why: String) -> Unanswered {
    let status = if harmless {
        Status::unavailable("Narrows: the API server gave no answer that can be read", Some(1))
    } else {
        let message = "Narrows: the API server gave no answer that can be read; whether it did what was asked is not known";
        Status::unavailable(message, None)
    };
    Unanswered { status, why }
}

/// The request with all that the target's own terms add to it.
pub(crate) fn compose(
    upstream: &ClusterUpstream,
    request: &UpstreamRequest,
    audit_id: &str,
) -> Result<Request<Whole>, Unanswered> {
    let unfit = |why: String| Unanswered {
        status: Status::bad_request("the request cannot be written as HTTP"),
        why,
    };
    let uri: Uri = request.path.parse().map_err(|error| unfit(format!("{error}")))?;
    let mut composed = Request::new(Whole::from(Bytes::clone(&request.body)));
    *composed.method_mut() = hyper::Method::from_bytes(request.method.as_str().as_bytes())
        .map_err(|error| unfit(error.to_string()))?;
    *composed.uri_mut() = uri;
    *composed.version_mut() = Version::HTTP_11;
    let headers = composed.headers_mut();
    for (name, value) in &request.headers {
        let value = HeaderValue::try_from(value).map_err(|error| unfit(error.to_string()))?;
        headers.append(HeaderName::from_static(name), value);
    }
    for (name, value) in upstream.headers() {
        headers.append(name.clone(), value.clone());
    }
    let audit_id = HeaderValue::try_from(audit_id).map_err(|error| unfit(error.to_string()))?;
    headers.insert(HeaderName::from_static("audit-id"), audit_id);
    Ok(composed)
}

/// Writes down that there was no answer.
pub(crate) fn record_unanswered(session: &Session, why: &str) {
    session.ledger.event(&json!({ "event": "unanswered", "why": why }));
}
