//! The final allow or deny, and what it permits.

use std::sync::Arc;

use crate::{CopyFormat, OutputColumn};

/// Names an ask within its session; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AskId(pub u64);

/// Names a verdict within the process, so that a recording can point at it instead of repeating it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VerdictId(pub u64);

/// What the world was when something was decided. A verdict of another epoch decides nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Epoch {
    /// Moves when policy is published or a principal is revoked.
    pub policy: u64,
    /// Moves when DDL is seen anywhere on the target.
    pub catalogue: u64,
}

/// The final answer to an ask.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The operation may go to the target.
    Allow(Arc<Allow>),
    /// The operation must not reach the target.
    Deny(Arc<Deny>),
}

/// Why and how far an operation is allowed.
#[derive(Clone, Debug)]
pub struct Allow {
    /// Under which the recording knows this verdict.
    pub id: VerdictId,
    /// The policy rule that allowed it.
    pub rule: Arc<str>,
    /// The approval that released it, if a person had to.
    pub approval: Option<Arc<str>>,
    /// How far the verdict may be reused.
    pub scope: Scope,
    /// The epoch it was decided in.
    pub epoch: Epoch,
    /// What masked data may come out of it.
    pub exposure: Exposure,
    /// The columns of its one result, in order, where lineage knows them; `None` for several statements.
    pub columns: Option<Arc<[OutputColumn]>>,
    /// How its COPY data is written; only with `columns` can that be masked.
    pub copy: Option<CopyFormat>,
    /// What forwarding it changes.
    pub effects: Effects,
    /// The names that it gives (DECLARE, PREPARE); none with [`Effects::NAMES`]: it may give any.
    pub gives: Arc<[SqlName]>,
    /// The names whose meaning it shows (FETCH, EXECUTE), with [`Exposure::Inherit`]; none: any.
    pub reads: Arc<[SqlName]>,
    /// For [`Phase::Parse`](crate::Phase::Parse): the Parse may go up, but every Bind asks again.
    pub ask_at_bind: bool,
    /// The most rows that it may touch; it is rolled back when there are more. Of one statement, not a COPY.
    pub rows_max: Option<u64>,
    /// How much of its answer the recording keeps.
    pub record: RecordLevel,
}

/// Why an operation is denied; all of it is shown to the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deny {
    /// Under which the recording knows this verdict.
    pub id: VerdictId,
    /// The policy rule that denied it, or the name of the limit or default that did.
    pub rule: Arc<str>,
    /// One sentence: what was denied and why.
    pub reason: Arc<str>,
    /// What the agent can do next.
    pub hint: Arc<str>,
    /// Five characters. 42501 for policy; 57014 for a cancelled wait.
    pub sqlstate: [u8; 5],
    /// How far the verdict may be reused.
    pub scope: Scope,
    /// The epoch it was decided in.
    pub epoch: Epoch,
}

/// How far a verdict may be reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// For the operation that asked, once.
    Once,
    /// For every operation with the same key: text, types, principal, target, settings, epochs.
    Statement,
}

/// How much of an answer the recording keeps. What it does not keep, it has by count and hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RecordLevel {
    /// All that the agent was sent.
    #[default]
    Full,
    /// All but the values: neither rows nor COPY data.
    NoneOfTheRows,
    /// Errors and command tags.
    Statements,
}

impl RecordLevel {
    /// Its name in policy and in recordings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            RecordLevel::Full => "full",
            RecordLevel::NoneOfTheRows => "none-of-the-rows",
            RecordLevel::Statements => "statements",
        }
    }
}

/// What masked data may come out of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exposure {
    /// Provably touches nothing masked. Masks by origin still apply wherever a RowDescription passes.
    Clear,
    /// Touches something masked: a column without an origin is masked whole.
    Tainted,
    /// Shows what an earlier statement named (FETCH, EXECUTE): as tainted as that is.
    Inherit,
}

/// A name that SQL gives or reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlName {
    /// Where it is looked up.
    pub space: NameSpace,
    /// As the target has it: folded, and cut to 63 bytes.
    pub name: Box<[u8]>,
}

/// Where a name is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameSpace {
    /// Names of PREPARE, EXECUTE, Parse.
    Statements,
    /// Names of DECLARE, FETCH, Bind.
    Portals,
}

/// What forwarding a statement changes; a set of flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Effects(pub u8);

impl Effects {
    /// May start COPY FROM STDIN.
    pub const COPY_IN: Effects = Effects(1);
    /// May start COPY TO STDOUT.
    pub const COPY_OUT: Effects = Effects(1 << 1);
    /// Moves the session's settings epoch (SET, RESET, DISCARD, temporary objects…).
    pub const SETTINGS: Effects = Effects(1 << 2);
    /// Moves the target's catalogue epoch (DDL).
    pub const CATALOGUE: Effects = Effects(1 << 3);
    /// Names a result for later (DECLARE, PREPARE).
    pub const NAMES: Effects = Effects(1 << 4);

    /// Whether every flag of `other` is set.
    #[must_use]
    pub const fn contains(self, other: Effects) -> bool {
        self.0 & other.0 == other.0
    }
}

impl std::ops::BitOr for Effects {
    type Output = Effects;

    fn bitor(self, other: Effects) -> Effects {
        Effects(self.0 | other.0)
    }
}

/// Proof that the bytes about to be forwarded were decided. Outside this crate nothing but an allow
/// makes one, and forwarding consumes it.
#[derive(Debug)]
pub struct Permit(());

impl Allow {
    /// The right to forward the operation that this verdict answers.
    #[must_use]
    pub fn permit(&self) -> Permit {
        Permit(())
    }
}

impl Permit {
    /// For an operation that a verdict of another protocol's own kind allows.
    #[must_use]
    pub(crate) fn for_allowed() -> Permit {
        Permit(())
    }

    /// For protocol messages that carry no operation (Sync, Flush, Close, a poisoned message…).
    #[must_use]
    pub(crate) fn for_protocol() -> Permit {
        Permit(())
    }
}
