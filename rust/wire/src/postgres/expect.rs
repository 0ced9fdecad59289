//! The replies that are expected, in order.
//!
//! Theory of operation. The target answers messages in the order in which they were sent, so a queue of
//! what each is answered with tells what any reply belongs to:
//!
//! | sent                  | expected              | answered by                               |
//! |-----------------------|-----------------------|-------------------------------------------|
//! | Parse                 | `ParseComplete`       | `1`                                       |
//! | Bind                  | `BindComplete`        | `2`                                       |
//! | Describe of statement | `StatementDescription`| `t`, then `T` or `n`                      |
//! | Describe of portal    | `PortalDescription`   | `T` or `n`                                |
//! | Execute               | `ExecutionEnd`        | any `D`; or `G`, or `H d… c`; `C`, `s`, `I`|
//! | Close                 | `CloseComplete`       | `3`                                       |
//! | Sync                  | `ReadyForQuery`       | `Z`                                       |
//! | Query                 | `QueryEnd`            | any `T D… C`, `C`, `I`, `G`, `H`; `Z`     |
//! | poison                | `Denied`              | `E`; in place of a Query also `Z`         |
//! | to count rows         | `Counting`, for each  | `3`, `1`, `2`, `C`, `3`, `3`              |
//!
//! Two rules cover errors. After an error of an extended message the target drops everything up to the
//! next Sync, a Query included: those expectations go, and if no Sync has been sent yet, what the agent
//! sends until it does is dropped here already. After an error of a Query (or of a Sync, which commits)
//! nothing is dropped and its ReadyForQuery follows. Notices, notifications and parameter reports may
//! come anywhere and answer nothing. Whatever fits none of this ends the session: guessing which reply
//! belongs to which message would be guessing which rows to mask.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use super::copy_out::CopyOut;
use super::deny::Denial;
use super::keeping::Keeping;
use super::lineage::Lineage;
use super::row_limit::Counted;
use super::sql_names::Gift;
use crate::{Allow, Effects, Limits};

/// Whom a reply is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// The agent, who sent the message.
    Agent,
    /// The inspector, who put the message in; the reply is swallowed.
    Inspector,
    /// The agent, once the rows that were touched have been counted.
    AgentOnceCounted,
}

/// How rows may pass when no plan says what to do with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unplanned {
    /// As they are: nothing is masked, or the statement touches nothing that is.
    Pass,
    /// Not at all: the session ends.
    Refuse,
}

/// What one message is answered with.
#[derive(Debug)]
pub(super) enum Expected {
    ParseComplete {
        statement: Bytes,
    },
    BindComplete {
        portal: Bytes,
        keeping: Keeping,
    },
    StatementDescription {
        keeping: Keeping,
    },
    PortalDescription {
        portal: Bytes,
        lineage: Lineage,
        audience: Audience,
        keeping: Keeping,
    },
    ExecutionEnd {
        portal: Bytes,
        keeping: Keeping,
        unplanned: Unplanned,
        copy_out: CopyOut,
        gift: Option<Box<Gift>>,
        effects: Effects,
        is_counted: bool,
    },
    CloseStatement {
        statement: Bytes,
    },
    ClosePortal {
        portal: Bytes,
    },
    ReadyForQuery {
        audience: Audience,
    },
    QueryEnd {
        keeping: Keeping,
        lineage: Lineage,
        copy_out: CopyOut,
        gift: Option<Box<Gift>>,
        effects: Effects,
        counted: Option<Counted>,
    },
    Denied {
        denial: Box<Denial>,
        by: PoisonKind,
    },
    /// A message of the inspector's own that counts rows; `is_last` says that they are within the limit.
    Counting {
        reply: u8,
        allow: Arc<Allow>,
        is_last: bool,
    },
}

/// What the poison was sent as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PoisonKind {
    /// Parse, Bind or Execute.
    Extended,
    /// Query.
    Query,
}

/// Where the target goes on after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resumption {
    /// At once: the error belongs to a Query or to a Sync.
    Immediate,
    /// At a Sync that the agent has sent.
    SyncSent,
    /// At a Sync that the agent has yet to send.
    SyncToCome,
}

/// The queue.
#[derive(Debug, Default)]
pub(super) struct Replies {
    queue: VecDeque<Expected>,
    /// Bytes of the names in it.
    bytes: usize,
}

impl Expected {
    fn bytes(&self) -> usize {
        match self {
            Expected::ParseComplete { statement: name }
            | Expected::CloseStatement { statement: name }
            | Expected::BindComplete { portal: name, .. }
            | Expected::ClosePortal { portal: name }
            | Expected::PortalDescription { portal: name, .. }
            | Expected::ExecutionEnd { portal: name, .. } => name.len(),
            Expected::StatementDescription { .. }
            | Expected::ReadyForQuery { .. }
            | Expected::QueryEnd { .. }
            | Expected::Denied { .. }
            | Expected::Counting { .. } => 0,
        }
    }

    /// Whether this may start to copy in.
    pub(super) fn copies_in(&self) -> bool {
        match self {
            Expected::ExecutionEnd { effects, .. } | Expected::QueryEnd { effects, .. } => {
                effects.contains(Effects::COPY_IN)
            }
            _ => false,
        }
    }

    /// How COPY data may pass in answer to this.
    pub(super) fn copy_out(&self) -> &CopyOut {
        match self {
            Expected::ExecutionEnd { copy_out, .. } | Expected::QueryEnd { copy_out, .. } => copy_out,
            _ => &CopyOut::Refuse,
        }
    }

    /// How much the recording keeps of what answers this.
    pub(super) fn keeping(&self) -> Keeping {
        match self {
            Expected::BindComplete { keeping, .. }
            | Expected::StatementDescription { keeping }
            | Expected::PortalDescription { keeping, .. }
            | Expected::ExecutionEnd { keeping, .. }
            | Expected::QueryEnd { keeping, .. } => *keeping,
            _ => Keeping::FULL,
        }
    }

    /// The name that it gives, if `body`, that of a CommandComplete, says that it has.
    pub(super) fn take_gift(&mut self, body: &[u8]) -> Option<Box<Gift>> {
        match self {
            Expected::ExecutionEnd { gift, .. } | Expected::QueryEnd { gift, .. } if gives_name(body) => {
                gift.take()
            }
            _ => None,
        }
    }

    /// A result of it is complete.
    pub(super) fn end_result(&mut self) {
        if let Expected::QueryEnd { lineage, copy_out, .. } = self {
            lineage.end_result();
            copy_out.end_result();
        }
    }
}

fn gives_name(command_tag: &[u8]) -> bool {
    matches!(command_tag, b"DECLARE CURSOR\0" | b"PREPARE\0")
}

impl Replies {
    /// Whether as many replies are outstanding as may be.
    pub(super) fn is_full(&self, limits: &Limits) -> bool {
        self.queue.len() >= limits.pipeline_max || self.bytes > limits.names_bytes_max
    }

    /// Whether a message that is yet to be answered may start to copy in.
    pub(super) fn may_copy_in(&self) -> bool {
        self.queue.iter().any(Expected::copies_in)
    }

    /// What the next reply answers.
    pub(super) fn front(&self) -> Option<&Expected> {
        self.queue.front()
    }

    /// As [`Replies::front`], to be changed in place.
    pub(super) fn front_mut(&mut self) -> Option<&mut Expected> {
        self.queue.front_mut()
    }

    /// A message was sent that is answered with `expected`.
    pub(super) fn push(&mut self, expected: Expected) {
        self.bytes += expected.bytes();
        self.queue.push_back(expected);
    }

    /// A Sync was put in before the last `count` messages.
    pub(super) fn insert_sync(&mut self, count: usize) {
        let place = self.queue.len().saturating_sub(count);
        self.queue.insert(place, Expected::ReadyForQuery { audience: Audience::Inspector });
    }

    /// The next reply has come.
    pub(super) fn pop(&mut self) -> Option<Expected> {
        let expected = self.queue.pop_front()?;
        self.bytes -= expected.bytes();
        Some(expected)
    }

    /// The message that is being answered has started to copy in: what was sent after it, which can only
    /// be Syncs, is read as part of the copy and never answered.
    pub(super) fn drop_syncs_in_copy(&mut self) {
        self.queue.truncate(1);
    }

    /// Where the agent goes on after an error that is told in place of the last reply to the message that is
    /// being answered; `None` when the target, which knows of no error, will do something else.
    pub(super) fn resumption_of_told_error(&self) -> Option<Resumption> {
        match (self.queue.front()?, self.queue.get(1)) {
            (Expected::QueryEnd { .. }, _) => Some(Resumption::Immediate),
            (Expected::ExecutionEnd { .. }, Some(Expected::ReadyForQuery { audience: Audience::Agent })) => {
                Some(Resumption::SyncSent)
            }
            (Expected::ExecutionEnd { .. }, None) => Some(Resumption::SyncToCome),
            _ => None,
        }
    }

    /// The message that is being answered has failed. Hands what will not be answered to `undo`, in order.
    pub(super) fn fail(&mut self, mut undo: impl FnMut(Expected)) -> Resumption {
        match self.queue.front() {
            Some(Expected::QueryEnd { .. } | Expected::ReadyForQuery { .. }) => return Resumption::Immediate,
            Some(Expected::Denied { by: PoisonKind::Query, .. }) => {
                self.queue.pop_front();
                let effects = Effects::default();
                self.queue.push_front(Expected::QueryEnd {
                    keeping: Keeping::FULL,
                    lineage: Lineage::Tainted,
                    copy_out: CopyOut::Refuse,
                    gift: None,
                    effects,
                    counted: None,
                });
                return Resumption::Immediate;
            }
            _ => {}
        }
        while let Some(expected) = self.pop() {
            match expected {
                Expected::ReadyForQuery { audience: Audience::Agent } => {
                    self.queue.push_front(expected);
                    return Resumption::SyncSent;
                }
                Expected::ReadyForQuery { audience: Audience::Inspector } => {
                    self.queue.drain(..).for_each(undo);
                    self.bytes = 0;
                    self.queue.push_front(expected);
                    return Resumption::SyncToCome;
                }
                other => undo(other),
            }
        }
        Resumption::SyncToCome
    }
}
