//! What the recording keeps of an answer: all of it, or in the place of its body how long that was, and its hash.

use std::ops::Range;

use hyper::StatusCode;
use narrows_wire::{LeftOut, RecordLevel, VerdictId};

/// What is kept of one answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keeping {
    level: RecordLevel,
    /// The verdict that says so.
    by: VerdictId,
    /// Names the answer in its session.
    answer: u64,
}

impl Keeping {
    pub(crate) fn new(level: RecordLevel, by: VerdictId, answer: u64) -> Keeping {
        Keeping { level, by, answer }
    }

    /// The same for an answer of that status. What has failed is kept at every level.
    pub(crate) fn of(self, status: StatusCode) -> Keeping {
        if status.is_success() { self } else { Keeping { level: RecordLevel::Full, ..self } }
    }

    /// What is not kept of some bytes of the answer, of which `body` are of its body.
    pub(crate) fn leaves_out(&self, body: Range<usize>) -> Option<LeftOut> {
        let Keeping { level, by, answer } = *self;
        let leaves_out = level != RecordLevel::Full && !body.is_empty();
        leaves_out.then_some(LeftOut { range: body, rows: None, answer, level, by })
    }
}
