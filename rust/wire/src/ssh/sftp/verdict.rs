//! What policy answers, and the verdicts that stand for the rest of a session.

use std::collections::HashMap;
use std::sync::Arc;

use super::status::{PERMISSION_DENIED, Refusal};
use super::transfer::Transfer;
use crate::Permit;

/// The final answer to an ask.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The operation may go to the target.
    Allow(Allow),
    /// It must not.
    Deny(Deny),
}

/// Why an operation is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// The policy rule that allowed it.
    pub rule: Arc<str>,
    /// Whether it stands for the same operation for as long as policy does not move.
    pub reusable: bool,
    /// The policy epoch that it was decided in. One of another epoch decides nothing.
    pub policy_epoch: u64,
}

/// Why an operation is denied; all of it is shown to the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deny {
    /// The policy rule that denied it, or the name of the default that did.
    pub rule: Arc<str>,
    /// One sentence: what was denied and why.
    pub reason: Arc<str>,
    /// What the agent can do next.
    pub hint: Arc<str>,
    /// Whether it stands for the same operation for as long as policy does not move.
    pub reusable: bool,
    /// The policy epoch that it was decided in.
    pub policy_epoch: u64,
}

impl Allow {
    /// The right to forward the operation that this verdict answers.
    #[must_use]
    pub fn permit(&self) -> Permit {
        Permit::for_allowed()
    }
}

impl Deny {
    /// The denial as the protocol says it.
    pub(super) fn refusal(&self) -> Refusal {
        let Deny { rule, reason, hint, .. } = self;
        let separator = if hint.is_empty() { "" } else { "; " };
        Refusal {
            code: PERMISSION_DENIED,
            message: format!("Narrows: {reason} (rule {rule}){separator}{hint}"),
        }
    }
}

impl Verdict {
    fn reusable_in(&self) -> Option<u64> {
        let (reusable, epoch) = match self {
            Verdict::Allow(allow) => (allow.reusable, allow.policy_epoch),
            Verdict::Deny(deny) => (deny.reusable, deny.policy_epoch),
        };
        reusable.then_some(epoch)
    }
}

/// Verdicts of this session that stand for operations to come.
#[derive(Debug)]
pub(super) struct Verdicts {
    kept: HashMap<Transfer, Verdict>,
    kept_max: usize,
    policy_epoch: u64,
}

impl Verdicts {
    pub(super) fn new(kept_max: usize, policy_epoch: u64) -> Verdicts {
        Verdicts { kept: HashMap::new(), kept_max, policy_epoch }
    }

    /// Policy has moved: nothing that was decided stands.
    pub(super) fn set_epoch(&mut self, policy_epoch: u64) {
        self.policy_epoch = policy_epoch;
        self.kept.clear();
    }

    /// Whether a verdict was made from policy as it is now.
    pub(super) fn is_current(&self, allow: &Allow) -> bool {
        allow.policy_epoch == self.policy_epoch
    }

    /// The verdict that stands for an operation.
    pub(super) fn find(&self, transfer: &Transfer) -> Option<Verdict> {
        self.kept.get(transfer).cloned()
    }

    /// Keeps a verdict that may be reused. When there are too many, all are asked for again.
    pub(super) fn keep(&mut self, transfer: &Transfer, verdict: &Verdict) {
        if verdict.reusable_in() != Some(self.policy_epoch) {
            return;
        }
        if self.kept.len() >= self.kept_max {
            self.kept.clear();
        }
        self.kept.insert(transfer.clone(), verdict.clone());
    }
}
