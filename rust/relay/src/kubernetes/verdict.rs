//! What the control plane says of a call.

use std::time::Instant;

use narrows_wire::{RecordLevel, Scope, VerdictId, kubernetes::ApiVerdict};
use serde_json::{Value, json};

use crate::command::Notice;

/// What the control plane says to a call that waits.
#[derive(Debug)]
pub(crate) enum CallAnswer {
    /// It is decided.
    Ruled(CallVerdict),
    /// It waits on people.
    Held { deadline: Instant, notice: Notice },
}

/// A verdict and the name under which recordings know it.
#[derive(Clone, Debug)]
pub(crate) struct CallVerdict {
    pub(crate) id: VerdictId,
    pub(crate) verdict: ApiVerdict,
}

impl CallVerdict {
    /// Whether it decides anything in that policy epoch. A denial does in every one.
    pub(crate) fn is_good_in(&self, policy_epoch: u64) -> bool {
        match &self.verdict {
            ApiVerdict::Allow(allow) => allow.policy_epoch == policy_epoch,
            ApiVerdict::Deny(_) => true,
        }
    }

    /// Whether the same call may be answered by it again.
    pub(crate) fn is_reusable(&self) -> bool {
        let scope = match &self.verdict {
            ApiVerdict::Allow(allow) => allow.scope,
            ApiVerdict::Deny(deny) => deny.scope,
        };
        scope == Scope::Statement
    }

    /// Whether it denies.
    pub(crate) fn denies(&self) -> bool {
        matches!(self.verdict, ApiVerdict::Deny(_))
    }

    /// What is written down of it.
    pub(crate) fn describe(&self) -> Value {
        let scope = if self.is_reusable() { "statement" } else { "once" };
        match &self.verdict {
            ApiVerdict::Allow(allow) => json!({
                "id": self.id.0,
                "effect": "allow",
                "rule": &*allow.rule,
                "approval": allow.approval.as_deref(),
                "ports": allow.ports.as_deref().map(|ports| {
                    ports.iter().map(|range| [*range.start(), *range.end()]).collect::<Vec<_>>()
                }),
                "scope": scope,
                "record": (allow.record != RecordLevel::Full).then(|| allow.record.name()),
            }),
            ApiVerdict::Deny(deny) => json!({
                "id": self.id.0,
                "effect": "deny",
                "rule": &*deny.rule,
                "reason": &*deny.reason,
                "scope": scope,
            }),
        }
    }
}
