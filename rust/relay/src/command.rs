//! What the control plane tells a session.

use std::{sync::Arc, time::Instant};

use narrows_wire::{Allow, Deny, Epoch, Verdict};
use tokio::sync::oneshot;

use crate::upstream::Upstream;

/// One message in a session's mailbox.
#[derive(Debug)]
pub(crate) enum Command {
    /// The answer to an ask of this session.
    Rule { ask: u64, ruling: Ruling },
    /// The ask waits on people; the agent is to be told.
    Hold { ask: u64, deadline: Instant, notice: Notice },
    /// An event (JSON) for the recording.
    Record(String),
    /// End with a FATAL error.
    Close(Refusal),
    /// The agent cancels what it runs or waits for; dropped when that has been passed on.
    Cancel(oneshot::Sender<()>),
}

/// The answer to an ask for a session.
#[derive(Debug)]
pub struct Admission {
    /// How to reach the target.
    pub upstream: Arc<Upstream>,
    /// The principal's key.
    pub principal: String,
    /// The target's name.
    pub target: String,
    /// Number of the mask set; 0 for none.
    pub mask_set: u64,
    /// Milliseconds since 1970 at which the evidence runs out.
    pub expires_ms: u64,
    /// JSON; the recording's first frame.
    pub document: String,
}

/// A FATAL error for the agent.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Five characters.
    pub sqlstate: [u8; 5],
    /// What and why.
    pub message: String,
    /// What to do next; may be empty.
    pub hint: String,
}

/// What a held agent is told.
#[derive(Clone, Debug)]
pub struct Notice {
    /// What it waits for.
    pub message: String,
    /// More on it; may be empty.
    pub detail: String,
    /// What to do; may be empty.
    pub hint: String,
}

/// The answer to an ask for a statement.
#[derive(Clone, Debug)]
pub(crate) enum Ruling {
    /// Good in the epoch that the verdict names, and in no other.
    Allow(Arc<Allow>),
    /// Good whatever has moved since.
    Deny(Deny),
}

impl Ruling {
    /// The verdict, if it is good in `epoch`.
    pub(crate) fn verdict(self, epoch: Epoch) -> Option<Verdict> {
        match self {
            Ruling::Allow(allow) => (allow.epoch == epoch).then_some(Verdict::Allow(allow)),
            Ruling::Deny(deny) => Some(Verdict::Deny(Arc::new(Deny { epoch, ..deny }))),
        }
    }
}

#[cfg(test)]
impl Ruling {
    pub(crate) fn denied_for_tests() -> Ruling {
        Ruling::Deny(Deny {
            id: narrows_wire::VerdictId(1),
            rule: "r".into(),
            reason: "because".into(),
            hint: "".into(),
            sqlstate: *b"42501",
            scope: narrows_wire::Scope::Once,
            epoch: narrows_wire::Epoch::default(),
        })
    }
}
