//! What the recording keeps of the answer to a statement, and which messages it has by count and hash alone.
//!
//! | level              | of the target's messages, not kept                                                 |
//! |--------------------|------------------------------------------------------------------------------------|
//! | `full`             | none                                                                               |
//! | `none-of-the-rows` | DataRow, CopyData                                                                  |
//! | `statements`       | also RowDescription, NoticeResponse, NotificationResponse, ParameterStatus         |
//!
//! An *answer* ends with CommandComplete, EmptyQueryResponse, PortalSuspended, ErrorResponse or ReadyForQuery,
//! all of which are kept.

use super::expect::Expected;
use super::inspector::PostgresInspector;
use crate::{Actions, Allow, LeftOut, RecordLevel, VerdictId};

/// How much is kept, and the verdict that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Keeping {
    level: RecordLevel,
    by: VerdictId,
}

impl Keeping {
    /// All of it, as where no verdict speaks of an answer.
    pub(super) const FULL: Keeping = Keeping { level: RecordLevel::Full, by: VerdictId(0) };

    /// As a verdict says of what answers its own statement.
    pub(super) fn of(allow: &Allow) -> Keeping {
        Keeping { level: allow.record, by: allow.id }
    }

    /// Whether messages with that type byte are not kept.
    fn leaves_out(self, tag: u8) -> bool {
        match self.level {
            RecordLevel::Full => false,
            RecordLevel::NoneOfTheRows => matches!(tag, b'D' | b'd'),
            RecordLevel::Statements => matches!(tag, b'D' | b'd' | b'T' | b'N' | b'A' | b'S'),
        }
    }
}

/// Whether a message with that type byte ends an answer.
pub(super) fn ends_answer(tag: u8) -> bool {
    matches!(tag, b'C' | b'I' | b's' | b'E' | b'Z')
}

impl PostgresInspector {
    /// How much is kept of the answer to a statement that is being forwarded. FETCH and EXECUTE show what
    /// another statement named, so that its verdict counts.
    pub(super) fn keeping(&self, allow: &Allow) -> Keeping {
        if !self.leaves_out {
            return Keeping::FULL;
        }
        match (Keeping::of(allow), self.sql_names.keeping(&allow.reads)) {
            (Keeping { level: RecordLevel::Full, .. }, Some(named)) => named,
            (own, _) => own,
        }
    }

    /// How much is kept of what the target says now.
    #[inline]
    pub(super) fn kept_now(&self) -> Keeping {
        if !self.leaves_out {
            return Keeping::FULL;
        }
        self.replies.front().map_or(Keeping::FULL, Expected::keeping)
    }

    /// What was appended for the agent from `start` on, of a message with that type byte, is not kept if
    /// `keeping` says so; `rows` begin in it.
    pub(super) fn leave_out(&self, keeping: Keeping, tag: u8, start: usize, rows: u64, out: &mut Actions) {
        if !keeping.leaves_out(tag) {
            return;
        }
        let range = start..out.reply().len();
        let Keeping { level, by } = keeping;
        out.leave_out(LeftOut { range, rows: Some(rows), answer: self.answers, level, by });
    }
}
