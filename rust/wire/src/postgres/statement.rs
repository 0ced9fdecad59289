//! Prepared statements and portals as the inspector remembers them: with the decision that each rests on.

use std::sync::Arc;

use super::expect::Unplanned;
use super::lineage::Lineage;
use super::names::Entry;
use super::plan::Plan;
use crate::{Allow, Epoch, OutputColumn, Scope};

/// What the world and the session were when something was decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Policy and catalogue.
    pub(super) epoch: Epoch,
    /// What the session has changed that may alter what a text means.
    pub(super) settings: u64,
}

/// An allowing verdict and when it was given.
#[derive(Clone, Debug)]
pub(super) struct Decision {
    /// The verdict.
    pub(super) allow: Arc<Allow>,
    /// When.
    pub(super) stamp: Stamp,
}

impl Decision {
    /// Whether the decision still stands for what it was given for.
    pub(super) fn stands(&self, now: Stamp) -> bool {
        self.stamp == now
    }

    /// Whether the decision stands for the same statement once more.
    pub(super) fn stands_again(&self, now: Stamp) -> bool {
        self.stands(now) && self.allow.scope == Scope::Statement
    }

    /// Whether the decision stands for a Bind of the statement, whatever the parameters.
    pub(super) fn stands_for_bind(&self, now: Stamp) -> bool {
        self.stands_again(now) && !self.allow.ask_at_bind
    }
}

/// What Parse made.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    /// The SQL.
    pub(super) text: Arc<str>,
    /// The declared parameter types.
    pub(super) types: Arc<[u32]>,
    /// The decision at Parse; in a portal the one at Bind.
    pub(super) decision: Decision,
}

impl Entry for Prepared {
    fn bytes(&self) -> usize {
        let columns = self.decision.allow.columns.as_deref().unwrap_or_default();
        self.text.len() + self.types.len() * 4 + size_of_val::<[OutputColumn]>(columns)
    }
}

/// What Bind made.
#[derive(Clone, Debug)]
pub(super) struct Portal {
    /// `None` when the protocol did not prepare the statement (SQL's PREPARE did, or nobody).
    pub(super) statement: Option<Prepared>,
    /// How its rows may pass without a plan.
    pub(super) unplanned: Unplanned,
    /// What is known of columns without an origin, from the verdict as of Bind.
    pub(super) lineage: Lineage,
    /// SQL may have given the statement's name to another one.
    pub(super) doubtful: bool,
    /// Which masks its description was asked for under.
    pub(super) masks_version: u64,
    /// What is done to its rows, once it has been described.
    pub(super) plan: Option<Arc<Plan>>,
}

impl Entry for Portal {
    fn bytes(&self) -> usize {
        0
    }
}
