//! A call that becomes a stream: asked for on a connection of its own, and spliced only behind a 101.

use std::{pin::Pin, rc::Rc, sync::Arc};

use bytes::BytesMut;
use hyper::{
    Response, StatusCode,
    body::Incoming,
    client::conn::http1::{self, Parts},
    header::{CONNECTION, HeaderMap, HeaderName, HeaderValue, UPGRADE, WARNING},
};
use narrows_wire::kubernetes::{ApiCall, Status, Upgrade, UpstreamRequest, streams::StreamProtocol};
use serde_json::json;
use tokio::{task::spawn_local, time::timeout};

use super::{
    answers::head_bytes,
    call::{Allowed, refused},
    cluster::ClusterUpstream,
    connection::Connection,
    fold,
    forward::{compose, late, record_unanswered},
    http_io::HttpIo,
    reply::Reply,
    response,
    streams::{self, Stream},
    verdict::CallVerdict,
    whole::Whole,
};
use crate::{
    bounds::{ANSWER_HEADERS_MAX, HTTP_BUFFER_BYTES_MAX},
    session::Leg,
};

const ACCEPT: HeaderName = HeaderName::from_static("sec-websocket-accept");
const EXTENSIONS: HeaderName = HeaderName::from_static("sec-websocket-extensions");

/// The connection to the API server, until it is taken back from hyper.
type Driven = Pin<Box<dyn Future<Output = hyper::Result<Parts<HttpIo>>>>>;

/// Carries out a call that asks for a stream. Behind a 101, the connection has one to go on with.
///
/// # Errors
/// The journal cannot be written.
pub(crate) async fn upgrade(
    connection: &Connection,
    allowed: Allowed<'_>,
    verdict: &CallVerdict,
) -> Result<Response<Reply>, Status> {
    let session = &allowed.session;
    let request =
        UpstreamRequest::build(allowed.allow.permit(), &allowed.call, allowed.headers, &allowed.accept)?;
    let terms = match streams::Terms::of(session, &allowed.call, &allowed.allow) {
        Ok(terms) => terms,
        Err(status) => {
            fold::keep(session, &allowed.call, verdict);
            return refused(session, &status).await;
        }
    };
    let answered = tokio::select! {
        biased;
        status = session.life.ended(&session.ledger) => Err((status, "the session ended".to_owned())),
        answered = ask(&session.upstream, &request, &allowed.audit_id) => answered,
    };
    let (answer, driven) = match answered {
        Ok(answered) => answered,
        Err((status, why)) => {
            record_unanswered(session, &why);
            fold::keep(session, &allowed.call, verdict);
            return refused(session, &status).await;
        }
    };
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        spawn_local(async { drop(driven.await) });
        fold::keep(session, &allowed.call, verdict);
        return response::pass_on(&allowed, answer, None).await;
    }
    let agreed = match agreed(&allowed.call, &request, answer.headers()) {
        Ok(agreed) => agreed,
        Err(why) => {
            session.ledger.event(&json!({ "event": "unfit", "why": why }));
            let status = Status::unavailable(
                "Narrows: the API server agreed to another stream than was asked for",
                None,
            );
            return refused(session, &status).await;
        }
    };
    let Ok(Parts { io, read_buf, .. }) = driven.await else {
        let status = Status::unavailable("Narrows: the API server broke off before the stream began", None);
        return refused(session, &status).await;
    };
    let (transport, rest) = io.into_parts();
    let mut input = BytesMut::from(&read_buf[..]);
    input.extend_from_slice(&rest);
    let response = switching(&allowed, &agreed, answer.headers());
    session.ledger.reply(&head_bytes(response.status(), response.headers()), 0);
    let (call, allow) = (Arc::clone(&allowed.call), Arc::clone(&allowed.allow));
    let upstream = Leg { transport, input };
    let stream = Stream::begin(Rc::clone(session), call, allow, terms, agreed.protocol, upstream)?;
    session.ledger.write().await?;
    connection.guard.upgraded();
    *connection.stream.borrow_mut() = Some(stream);
    Ok(response)
}

/// Asks for the stream on a connection of its own.
async fn ask(
    upstream: &ClusterUpstream,
    request: &UpstreamRequest,
    audit_id: &str,
) -> Result<(Response<Incoming>, Driven), (Status, String)> {
    let unavailable = |message: &str, why: String| (Status::unavailable(message, None), why);
    let unanswered = "Narrows: the API server gave no answer that can be read";
    let composed = compose(upstream, request, audit_id).map_err(|unfit| (unfit.status, unfit.why))?;
    let transport =
        upstream.dial().await.map_err(|error| unavailable(error.for_agent(), error.to_string()))?;
    let (mut sender, connection) = http1::Builder::new()
        .max_headers(ANSWER_HEADERS_MAX)
        .max_buf_size(HTTP_BUFFER_BYTES_MAX)
        .handshake::<_, Whole>(HttpIo::upstream(transport))
        .await
        .map_err(|error| unavailable(unanswered, error.to_string()))?;
    let mut driven: Driven = Box::pin(connection.without_shutdown());
    let exchange = async {
        let answer = sender.send_request(composed);
        tokio::pin!(answer);
        let early = tokio::select! {
            biased;
            answer = &mut answer => return answer.map(|answer| (answer, None)),
            ended = &mut driven => ended?,
        };
        // Behind a 101 hyper is done with the connection; the answer is there.
        answer.await.map(|answer| (answer, Some(early)))
    };
    let limit = upstream.answer_deadline();
    let answered = timeout(limit, exchange).await.map_or_else(
        |_| Err(late(limit)),
        |answered: hyper::Result<_>| answered.map_err(|error| error.to_string()),
    );
    let (answer, ended) = answered.map_err(|why| unavailable(unanswered, why))?;
    let driven = ended.map_or(driven, |parts| Box::pin(std::future::ready(Ok(parts))));
    Ok((answer, driven))
}

/// What both sides have agreed on.
struct Agreed {
    upgrade: Upgrade,
    /// The header that names the protocol, and the protocol.
    names: HeaderName,
    protocol: StreamProtocol,
}

/// Checks that the API server agreed to what was asked for, and to nothing else.
fn agreed(call: &ApiCall, request: &UpstreamRequest, answer: &HeaderMap) -> Result<Agreed, &'static str> {
    let upgrade = call.upgrade.ok_or("no stream was asked for")?;
    let switched = answer.get(UPGRADE).and_then(|value| value.to_str().ok());
    if !switched.is_some_and(|token| token.eq_ignore_ascii_case(upgrade.token())) {
        return Err("it names another upgrade");
    }
    if answer.contains_key(EXTENSIONS) {
        return Err("it uses an extension of WebSocket that was not offered");
    }
    let names = match upgrade {
        Upgrade::WebSocket => HeaderName::from_static("sec-websocket-protocol"),
        Upgrade::Spdy => HeaderName::from_static("x-stream-protocol-version"),
    };
    let mut choices = answer.get_all(&names).iter();
    let protocol = match (choices.next(), choices.next()) {
        (None, _) => "",
        (Some(name), None) => name.to_str().map_err(|_| "it names no protocol that can be read")?,
        (Some(_), Some(_)) => return Err("it names two protocols"),
    };
    let lines = request.headers.iter().filter(|(name, _)| *name == names.as_str());
    let is_offered = lines.flat_map(|(_, value)| value.split(',')).any(|offer| offer.trim() == protocol);
    let protocol = StreamProtocol::of_name(call.verb, upgrade, protocol).filter(|_| is_offered);
    let protocol = protocol.ok_or("it names no protocol that was offered")?;
    Ok(Agreed { upgrade, names, protocol })
}

/// The 101 for the agent.
fn switching(allowed: &Allowed<'_>, agreed: &Agreed, answer: &HeaderMap) -> Response<Reply> {
    let mut response = Response::new(Reply::whole(bytes::Bytes::new()));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static(agreed.upgrade.token()));
    for name in [&ACCEPT, &agreed.names] {
        if let Some(value) = answer.get(name) {
            headers.insert(name.clone(), value.clone());
        }
    }
    if let Some(Ok(warning)) = allowed.allow.warning_header().map(HeaderValue::try_from) {
        headers.append(WARNING, warning);
    }
    response
}
