//! The final allow or deny of an API call.

use std::{ops::RangeInclusive, sync::Arc, time::Instant};

use narrows_wire::VerdictId;

use crate::command::Notice;

/// Why and how far a call is allowed.
#[derive(Clone, Debug)]
pub struct CallAllow {
    /// Under which the recording knows this verdict.
    pub id: VerdictId,
    /// The policy rule that allowed it.
    pub rule: Arc<str>,
    /// The approval that released it, if a person had to.
    pub approval: Option<Arc<str>>,
    /// Whether the same call may be let through again without asking.
    pub reusable: bool,
    /// What whoever called is told beside the answer; may be empty.
    pub warning: Arc<str>,
    /// For a port-forward: the ports that may be connected to; `None`: any.
    pub ports: Option<Arc<[RangeInclusive<u16>]>>,
    /// The policy epoch it was decided in.
    pub policy_epoch: u64,
}

/// Why a call is denied; all of it is shown to the agent.
#[derive(Clone, Debug)]
pub struct CallDeny {
    /// Under which the recording knows this verdict.
    pub id: VerdictId,
    /// The policy rule that denied it, or the name of the limit or default that did.
    pub rule: Arc<str>,
    /// One sentence: what was denied and why.
    pub reason: Arc<str>,
    /// What the agent can do next.
    pub hint: Arc<str>,
    /// HTTP's code, 400 to 499.
    pub code: u16,
    /// Whether the same call may be denied again without asking, until policy moves.
    pub reusable: bool,
}

/// What the control plane says to a call that waits.
#[derive(Debug)]
pub(crate) enum CallAnswer {
    /// It is decided.
    Ruled(CallRuling),
    /// It waits on people.
    Held { deadline: Instant, notice: Notice },
}

/// The answer to an ask for a call.
#[derive(Clone, Debug)]
pub(crate) enum CallRuling {
    /// Good in the policy epoch that the verdict names, and in no other.
    Allow(Arc<CallAllow>),
    /// Good whatever has moved since.
    Deny(Arc<CallDeny>),
}
