//! What an inspector wants done: the counterpart of what it is fed.
//!
//! One value is reused for a whole session. Bytes for the two sides are appended to two buffers and
//! written once per batch; the relay journals `records` and `downstream` before it writes anything.

use std::ops::Range;

use bytes::BytesMut;

use crate::{AskId, Operation, Permit, RecordLevel, Side, VerdictId};

/// Room for the messages of one short request, so that they are joined without growing.
const REQUEST_BYTES: usize = 128;

/// What follows from what was fed, in order per side. `A` is what a protocol asks, `R` what it records.
#[derive(Debug)]
pub struct Actions<A = Ask, R = Record> {
    upstream: BytesMut,
    downstream: BytesMut,
    /// Questions for policy.
    pub asks: Vec<A>,
    /// What the recording keeps of the agent's side, in order.
    pub records: Vec<R>,
    /// What the recording keeps no copy of, in the order of the downstream buffer.
    pub left_out: Vec<LeftOut>,
    /// Set when the session must end once the buffers are written.
    pub close: Option<Close>,
}

/// An operation put to policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// To be named in [`crate::Inspector::resolve`].
    pub id: AskId,
    /// What is attempted.
    pub operation: Operation,
}

/// One entry for the recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Messages exactly as the agent sent them.
    Request(BytesMut),
    /// The operation recorded just before was decided by this verdict.
    Applied(VerdictId),
}

/// A part of what the agent is sent that the recording has by count and hash alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its bytes in the downstream buffer.
    pub range: Range<usize>,
    /// Rows and messages of COPY data that begin in it; `None` where there are none to count.
    pub rows: Option<u64>,
    /// The answer that it is part of; never reused in a session. Counts and hashes are of a whole answer.
    pub answer: u64,
    /// How much is kept of that.
    pub level: RecordLevel,
    /// The verdict that says so.
    pub by: VerdictId,
}

/// Why a session ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// One sentence for the log and the recording.
    pub reason: String,
}

impl<A, R> Default for Actions<A, R> {
    fn default() -> Self {
        Actions {
            upstream: BytesMut::new(),
            downstream: BytesMut::new(),
            asks: Vec::new(),
            records: Vec::new(),
            left_out: Vec::new(),
            close: None,
        }
    }
}

impl Actions {
    /// Records messages of the agent, joined with what was recorded just before if nothing came between.
    pub fn record_request(&mut self, bytes: &[u8]) {
        if let Some(Record::Request(last)) = self.records.last_mut() {
            last.extend_from_slice(bytes);
            return;
        }
        let mut request = BytesMut::with_capacity(bytes.len().max(REQUEST_BYTES));
        request.extend_from_slice(bytes);
        self.records.push(Record::Request(request));
    }
}

impl<A, R> Actions<A, R> {
    /// Has the recording keep no copy of a part of the downstream buffer that was appended just now.
    pub fn leave_out(&mut self, part: LeftOut) {
        match self.left_out.last_mut() {
            Some(last) if last.answer == part.answer && last.range.end == part.range.start => {
                last.range.end = part.range.end;
                last.rows = last.rows.zip(part.rows).map(|(before, more)| before + more);
            }
            _ => self.left_out.push(part),
        }
    }

    /// Forwards bytes to `side`. Each message that carries an operation costs a permit.
    pub fn forward(&mut self, side: Side, permit: Permit, bytes: &[u8]) {
        self.forwarding(side, permit).extend_from_slice(bytes);
    }

    /// The buffer to `side`, for one message that is written anew.
    pub fn forwarding(&mut self, side: Side, _permit: Permit) -> &mut BytesMut {
        match side {
            Side::Upstream => &mut self.upstream,
            Side::Downstream => &mut self.downstream,
        }
    }

    /// The downstream buffer, for replies that the inspector writes or rewrites itself.
    pub fn reply(&mut self) -> &mut BytesMut {
        &mut self.downstream
    }

    /// Bytes to be written to the target.
    #[must_use]
    pub fn upstream(&mut self) -> &mut BytesMut {
        &mut self.upstream
    }

    /// Bytes to be written to the agent.
    #[must_use]
    pub fn downstream(&mut self) -> &mut BytesMut {
        &mut self.downstream
    }
}
