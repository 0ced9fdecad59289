//! Streams both ways, once the API server and the agent have agreed on one.

mod recording;
mod splice;

use std::{rc::Rc, sync::Arc};

use narrows_wire::kubernetes::{
    ApiAllow, ApiCall, Status,
    streams::{OutputMasks, StreamActions, StreamInspector, StreamProtocol, StreamTerms, requested_ports},
};
use serde_json::json;

use super::session::Session;
use crate::{random, session::Leg};

/// What is to be known of a stream before it is asked for.
pub(crate) struct Terms {
    masks: Option<OutputMasks>,
    ports: Vec<u16>,
}

impl Terms {
    /// # Errors
    /// What the agent is told: its masks are not known, or it may not reach a port that it names.
    pub(crate) fn of(session: &Session, call: &ApiCall, allow: &ApiAllow) -> Result<Terms, Status> {
        let masks = session.masks.as_ref().map(|masks| {
            let current = masks.current().ok_or_else(|| {
                Status::unavailable("Narrows: the masks of this cluster have not been published", Some(1))
            });
            let seen = Arc::clone(&masks.seen);
            current.map(|masks| OutputMasks { masks, seen, terminal: has_terminal(call) })
        });
        Ok(Terms { masks: masks.transpose()?, ports: requested_ports(call, allow)? })
    }
}

/// Whether a process writes for a terminal, as the API server reads `tty`.
fn has_terminal(call: &ApiCall) -> bool {
    let tty = call.query.iter().find(|(name, _)| name == "tty");
    tty.is_some_and(|(_, value)| !matches!(value.to_ascii_lowercase().as_str(), "" | "0" | "false"))
}

/// A connection that has become a stream.
pub(crate) struct Stream {
    session: Rc<Session>,
    call: Arc<ApiCall>,
    inspector: StreamInspector,
    actions: StreamActions,
    masks: Option<OutputMasks>,
    /// Whether what is typed is echoed, as far as it may be seen.
    terminal: bool,
    /// In which the call was decided last.
    policy_epoch: u64,
    upstream: Leg,
}

impl Stream {
    /// A stream of which nothing has passed. `upstream` is the leg to the API server, with what it has sent behind
    /// its 101.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub(crate) fn begin(
        session: Rc<Session>,
        call: Arc<ApiCall>,
        allow: Arc<ApiAllow>,
        terms: Terms,
        protocol: StreamProtocol,
        upstream: Leg,
    ) -> Result<Stream, Status> {
        let seed = random::bytes()
            .map(u64::from_ne_bytes)
            .map_err(|_| Status::unavailable("Narrows: the system has no random numbers", None))?;
        session.ledger.event(&json!({ "event": "stream", "verb": call.verb.as_str() }));
        let Terms { masks, ports } = terms;
        let (mut actions, policy_epoch) = (StreamActions::default(), allow.policy_epoch);
        let terms = StreamTerms { protocol, allow, masks: masks.clone(), ports, seed };
        let inspector = StreamInspector::new(terms, &mut actions);
        let terminal = has_terminal(&call);
        Ok(Stream { session, call, inspector, actions, masks, terminal, policy_epoch, upstream })
    }

    /// Moves what passes both ways, until a side closes or the session ends.
    pub(crate) async fn splice(self, downstream: &mut Leg) {
        splice::Splice::new(self, downstream).run().await;
    }
}
