//! A session: one connection's calls on one target with one token.

use std::{cell::Cell, rc::Rc, sync::Arc, time::Instant};

use narrows_wire::kubernetes::{Status, Token};
use tokio::{sync::mpsc, time::timeout};

use super::{
    ClusterAdmission,
    asking::{Waiting, overloaded, unanswered},
    cluster::ClusterUpstream,
    connection::Connection,
    event::ClusterOpenAsked,
    ledger::Ledger,
    life::Life,
    masks::SessionMasks,
    verdicts::CallScene,
};
use crate::event::{Event, Evidence, SessionOpened, Withdrawal};

/// An admitted session.
pub(crate) struct Session {
    pub(crate) ledger: Ledger,
    pub(crate) life: Life,
    pub(crate) upstream: Arc<ClusterUpstream>,
    pub(crate) scene: CallScene,
    /// `None`: nothing is masked for this principal on this target.
    pub(crate) masks: Option<SessionMasks>,
    target: String,
    token: blake3::Hash,
    calls: Cell<u64>,
}

impl Session {
    /// Puts a token to the control plane and opens the session that it is good for.
    ///
    /// # Errors
    /// What the agent is told when it is good for none.
    pub(crate) async fn open(
        connection: &Connection,
        target: &str,
        token: Token,
        user_agent: String,
    ) -> Result<Rc<Session>, Status> {
        let shared = &connection.shared;
        if shared.events.is_full() {
            return Err(overloaded());
        }
        let id = shared.next_session();
        let (mailbox, commands) = mpsc::unbounded_channel();
        shared.sessions.insert(id, mailbox);
        let ledger = Ledger::new(shared, Rc::clone(&connection.batch), id, Arc::clone(&connection.peer));
        let life = Life::new(commands);
        let fingerprint = shared.call_verdicts.fingerprint(&token);
        let (ask, answer) = shared.asks.open_cluster(Instant::now() + shared.ask_deadline);
        let waiting = Waiting::new(&ledger, ask);
        shared.events.push(Event::ClusterOpenAsked(ClusterOpenAsked {
            ask,
            session: id,
            listener: Arc::clone(&connection.listener.address),
            peer: Arc::clone(&connection.peer),
            target: target.to_owned(),
            server_name: connection.server_name.clone(),
            tls_version: connection.tls_version,
            user_agent,
            evidence: Evidence::new(token.into_bytes()),
        }));
        let answer = tokio::select! {
            biased;
            answer = timeout(shared.ask_deadline, answer) => match answer {
                Ok(Ok(answer)) => answer,
                Ok(Err(_)) => Err(unanswered(shared.ask_deadline)),
                Err(_) => {
                    waiting.end(Withdrawal::Deadline);
                    Err(unanswered(shared.ask_deadline))
                }
            },
            status = life.ended(&ledger) => {
                waiting.end(Withdrawal::SessionClosed);
                Err(status)
            }
        };
        drop(waiting);
        let admission = match answer {
            Ok(admission) => *admission,
            Err(status) => {
                ledger.refuse(&status);
                return Err(status);
            }
        };
        ledger.admit(&admission.document).await?;
        let ClusterAdmission { upstream, principal, target: name, mask_set, expires_ms, .. } = admission;
        life.expires(expires_ms);
        shared
            .events
            .push(Event::SessionOpened(SessionOpened { session: id, server_version: String::new() }));
        Ok(Rc::new(Session {
            scene: shared.call_verdicts.scene(&principal, &name, mask_set),
            masks: (mask_set != 0).then(|| shared.cluster_masks.of(mask_set, &name)),
            ledger,
            life,
            upstream,
            target: target.to_owned(),
            token: fingerprint,
            calls: Cell::new(0),
        }))
    }

    /// Whether calls on that target with that token are part of it.
    pub(crate) fn is_for(&self, target: &str, token: &blake3::Hash) -> bool {
        self.target == target && self.token == *token && self.life.has_ended().is_none()
    }

    /// The number of its next call, and its name: in the recording, in the answer, and in the cluster's own audit
    /// log.
    pub(crate) fn next_call(&self) -> (u64, String) {
        let number = self.calls.get() + 1;
        self.calls.set(number);
        (number, format!("{}-{number}", self.ledger.session()))
    }
}
