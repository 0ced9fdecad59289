//! What the data plane tells the control plane.

use std::sync::{Arc, Mutex, PoisonError};

use narrows_journal::{SessionId, Trouble};
use narrows_wire::{Epoch, Statement};
use zeroize::Zeroizing;

use crate::epochs::Target;
pub use crate::kubernetes::event::{ApiCallAsked, ClusterOpenAsked};

/// One event; see the variants' types.
#[derive(Debug)]
pub enum Event {
    /// Someone wants a session.
    OpenAsked(OpenAsked),
    /// A session wants to run a statement.
    StatementAsked(StatementAsked),
    /// A bearer token wants a session on a cluster.
    ClusterOpenAsked(ClusterOpenAsked),
    /// A session wants to make an API call.
    ApiCallAsked(ApiCallAsked),
    /// An ask needs no answer any more.
    AskWithdrawn(AskWithdrawn),
    /// The upstream login succeeded.
    SessionOpened(SessionOpened),
    /// A connection is over.
    SessionClosed(SessionClosed),
    /// A query of the gateway's own has an answer.
    QueryAnswered(QueryAnswered),
    /// DDL was seen, or a relation that the masks do not know.
    CatalogueMoved(CatalogueMoved),
    /// The journal cannot be written.
    JournalFailed(JournalFailed),
    /// Somebody has to look at the journal, which goes on.
    JournalAlarmed(JournalAlarmed),
}

/// Someone presents evidence and wants a session.
#[derive(Debug)]
pub struct OpenAsked {
    /// To be named in the answer.
    pub ask: u64,
    /// The session it would become.
    pub session: SessionId,
    /// The listener's address.
    pub listener: Arc<str>,
    /// The agent's address.
    pub peer: Arc<str>,
    /// The startup packet's `user`.
    pub user: String,
    /// The startup packet's `database`.
    pub database: String,
    /// The startup packet's other parameters.
    pub parameters: Vec<(String, String)>,
    /// The name that TLS asked for (SNI).
    pub server_name: Option<String>,
    /// `TLSv1.3` or `TLSv1.2`.
    pub tls_version: &'static str,
    /// What was presented.
    pub evidence: Evidence,
}

/// A secret that can be taken once and shows itself to nobody else.
pub struct Evidence(Mutex<Zeroizing<Vec<u8>>>);

impl Evidence {
    /// Keeps `secret` until it is taken.
    #[must_use]
    pub fn new(secret: Vec<u8>) -> Evidence {
        Evidence(Mutex::new(Zeroizing::new(secret)))
    }

    /// The secret; empty from the second call on.
    #[must_use]
    pub fn take(&self) -> Zeroizing<Vec<u8>> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for Evidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Evidence(..)")
    }
}

/// A session wants to run a statement for which no cached verdict holds.
#[derive(Debug)]
pub struct StatementAsked {
    /// To be named in the answer.
    pub ask: u64,
    /// Whose it is.
    pub session: SessionId,
    /// What is attempted.
    pub statement: Statement,
    /// The epochs in which it was asked.
    pub epoch: Epoch,
}

/// An ask needs no answer any more.
#[derive(Debug)]
pub struct AskWithdrawn {
    /// The ask.
    pub ask: u64,
    /// Whose it was.
    pub session: SessionId,
    /// Why.
    pub reason: Withdrawal,
}

/// Why an ask needs no answer any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawal {
    /// The agent is gone.
    HangUp,
    /// The agent cancelled what it waited for.
    Cancelled,
    /// The answer took too long.
    Deadline,
    /// The session ended for another reason.
    SessionClosed,
}

impl Withdrawal {
    /// The word for it in events and recordings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Withdrawal::HangUp => "hang-up",
            Withdrawal::Cancelled => "cancelled",
            Withdrawal::Deadline => "deadline",
            Withdrawal::SessionClosed => "session-closed",
        }
    }
}

/// The upstream login succeeded and the agent has been told so.
#[derive(Debug)]
pub struct SessionOpened {
    /// The session.
    pub session: SessionId,
    /// The target's `server_version`.
    pub server_version: String,
}

/// A connection is over, whether or not a session was ever admitted on it.
#[derive(Debug)]
pub struct SessionClosed {
    /// The session.
    pub session: SessionId,
    /// One sentence.
    pub reason: String,
    /// Whether the control plane had admitted it.
    pub admitted: bool,
    /// The agent's address.
    pub peer: Arc<str>,
    /// What happened in it.
    pub counts: Counts,
    /// Frames in its recording.
    pub frames: u64,
    /// The last link of its hash chain.
    pub head: [u8; 32],
}

/// What happened in a session.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Operations decided.
    pub operations: u64,
    /// Of these, denied.
    pub denials: u64,
    /// Values replaced by their mask.
    pub masked_values: u64,
    /// Plaintext bytes sent to the agent.
    pub bytes_to_agent: u64,
}

/// A query of the gateway's own has an answer.
#[derive(Debug)]
pub struct QueryAnswered {
    /// The number that `query` returned.
    pub query: u64,
    /// Rows of text, or what went wrong.
    pub answer: Result<Vec<Vec<Option<String>>>, String>,
}

/// DDL was seen on a target, or a result named a relation that its masks do not know. At most one per
/// target waits at a time; the epoch is read when it is drained.
#[derive(Debug)]
pub struct CatalogueMoved {
    /// The target.
    pub target: Arc<Target>,
}

/// The journal cannot be written: every session is being stopped.
#[derive(Debug)]
pub struct JournalFailed {
    /// What the operating system said.
    pub reason: String,
}

/// Damage was found in the journal, or it cannot be sealed for now. Sessions go on.
#[derive(Debug)]
pub struct JournalAlarmed {
    /// Of which sort it is.
    pub trouble: Trouble,
    /// What is wrong, and where.
    pub what: String,
}
