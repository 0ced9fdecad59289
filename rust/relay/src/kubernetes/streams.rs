//! Streams both ways, once the API server and the agent have agreed on one.

use std::{rc::Rc, sync::Arc};

use narrows_wire::kubernetes::{ApiAllow, ApiCall, Reason, Status, UpstreamRequest};

use super::session::Session;
use crate::session::Leg;

/// A connection that has become a stream.
pub(crate) struct Stream {
    pub(crate) session: Rc<Session>,
    pub(crate) call: Arc<ApiCall>,
    /// What let it go up; for ports, also which.
    pub(crate) allow: Arc<ApiAllow>,
    /// What both sides speak: the subprotocol of a WebSocket, the stream protocol of SPDY; empty where the API
    /// server named none.
    pub(crate) protocol: String,
    /// The leg to the API server, with what it has sent behind its 101.
    pub(crate) upstream: Leg,
}

/// What a client is told that asks for a stream that is not served.
pub(crate) fn refusal(call: &ApiCall, _request: &UpstreamRequest) -> Option<Status> {
    let message = format!("Narrows does not serve {} yet", call.verb.as_str());
    Some(Status::new(Reason::Forbidden, &message))
}

/// Moves what passes both ways, until a side closes or the session ends.
pub(crate) async fn splice(stream: Stream, downstream: &mut Leg) {
    let Stream { session, call, allow, protocol, upstream } = stream;
    drop((session, call, allow, protocol, upstream, downstream));
}
