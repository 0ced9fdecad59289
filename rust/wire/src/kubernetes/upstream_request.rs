//! The request that goes to the API server: made anew from what was understood of the client's.

use bytes::Bytes;

use super::{
    Accept, ApiCall, Method, Upgrade, Verb,
    headers::{self, Header},
    status::Status,
    streams::StreamProtocol,
};
use crate::Permit;

/// Characters of a User-Agent that go on.
const USER_AGENT_CHARACTERS_MAX: usize = 256;

/// What a stream's client and server agree on, and so what must pass as the client sent it.
const WEBSOCKET_HEADERS: [&str; 2] = ["sec-websocket-key", "sec-websocket-version"];

/// A request for the API server, but for what the target's own terms add to it: Host, credentials, Audit-ID and
/// the length of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamRequest {
    /// The method.
    pub method: Method,
    /// The canonical path and query.
    pub path: String,
    /// Names in lower case, and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body, whole.
    pub body: Bytes,
}

impl UpstreamRequest {
    /// Makes the request that carries `call`. It costs a permit, so nothing goes up undecided.
    ///
    /// Of the client's headers none passes but those of a closed list: User-Agent, and what an upgrade needs. The
    /// list is what keeps out Authorization, Cookie, Impersonate-*, X-Remote-*, Audit-ID and hop-by-hop headers.
    ///
    /// # Errors
    /// A 400 where one of those few comes twice or with more than printable ASCII, and for an upgrade to no
    /// protocol that is served.
    pub fn build(
        _permit: Permit,
        call: &ApiCall,
        headers: &[Header<'_>],
        accept: &Accept,
    ) -> Result<UpstreamRequest, Status> {
        let mut own =
            vec![("accept", accept.header().to_owned()), ("accept-encoding", "identity".to_owned())];
        if let Some(agent) = user_agent(headers) {
            own.push(("user-agent", agent));
        }
        if !call.content_type.is_empty() && (!call.body.is_empty() || call.verb == Verb::Proxy) {
            own.push(("content-type", call.content_type.clone()));
        }
        if let Some(upgrade) = call.upgrade {
            put_upgrade(&mut own, call.verb, upgrade, headers)?;
        }
        Ok(UpstreamRequest {
            method: call.method,
            path: call.path.clone(),
            headers: own,
            body: call.body.clone(),
        })
    }
}

/// What the client calls itself, so that the API server's audit log has it; it is never relied on.
fn user_agent(headers: &[Header<'_>]) -> Option<String> {
    let value = headers::values(headers, "user-agent").next()?;
    let printable = value.iter().filter(|byte| matches!(byte, b' '..=b'~')).map(|byte| char::from(*byte));
    let agent: String = printable.take(USER_AGENT_CHARACTERS_MAX).collect();
    let agent = agent.trim();
    (!agent.is_empty()).then(|| agent.to_owned())
}

fn put_upgrade(
    own: &mut Vec<(&'static str, String)>,
    verb: Verb,
    upgrade: Upgrade,
    headers: &[Header<'_>],
) -> Result<(), Status> {
    own.push(("connection", "Upgrade".to_owned()));
    own.push(("upgrade", upgrade.token().to_owned()));
    let names = match upgrade {
        Upgrade::WebSocket => "sec-websocket-protocol",
        Upgrade::Spdy => "x-stream-protocol-version",
    };
    // What is left out is what is not served, and the token of a browser, which is no protocol either.
    let mut offers = headers::members(headers, names)?;
    offers.retain(|name| StreamProtocol::of_name(verb, upgrade, name).is_some());
    if offers.is_empty() {
        return Err(Status::bad_request(&StreamProtocol::refusal(verb, upgrade)));
    }
    match upgrade {
        Upgrade::WebSocket => {
            put_websocket(own, headers)?;
            own.push((names, offers.join(", ")));
        }
        Upgrade::Spdy => own.extend(offers.into_iter().map(|name| (names, name.to_owned()))),
    }
    Ok(())
}

fn put_websocket(own: &mut Vec<(&'static str, String)>, headers: &[Header<'_>]) -> Result<(), Status> {
    for name in WEBSOCKET_HEADERS {
        if let Some(value) = headers::single(headers, name)? {
            own.push((name, value.to_owned()));
        }
    }
    Ok(())
}
