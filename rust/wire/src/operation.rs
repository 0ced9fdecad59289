//! What is being attempted, in words that policy understands.

use std::sync::Arc;

use bytes::Bytes;

/// The protocol-neutral thing attempted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// SQL, by any of the ways in which the Postgres protocol carries it.
    Statement(Statement),
}

/// One text of SQL put to policy. A simple Query is judged whole, all its statements as one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Which message asks.
    pub phase: Phase,
    /// The exact text, valid UTF-8 without NUL.
    pub text: Arc<str>,
    /// The parameter type OIDs that Parse declared; another type can mean another function.
    pub parameter_types: Arc<[u32]>,
    /// The parameter values, known from Bind on; `None` before.
    pub parameters: Option<Arc<[Parameter]>>,
    /// The transaction status last seen from the target.
    pub transaction: TransactionStatus,
    /// What the session has changed that may alter what a text means. Zero: nothing, as opened.
    pub settings_epoch: u64,
}

/// The message at which a statement is put to policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// A simple Query: this is the only chance to decide.
    Query,
    /// A Parse: decides what no parameter can change.
    Parse,
    /// A Bind: the parameters are known and planning, which runs functions, comes next.
    Bind,
    /// An Execute whose earlier decision an epoch has overtaken.
    Execute,
}

/// One bound parameter as the agent sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// 0 text, 1 binary.
    pub format: i16,
    /// The value; `None` for NULL.
    pub value: Option<Bytes>,
}

/// The status byte of ReadyForQuery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TransactionStatus {
    /// `I`: no transaction is open.
    #[default]
    Idle,
    /// `T`: inside a transaction block.
    Open,
    /// `E`: inside a failed transaction block.
    Failed,
}
