//! Follows frames in their order and says what cannot have been written so: numbering, hash chains, time,
//! open and close. Where the frames come from, a journal or a bundle, is for others to know.

use std::collections::HashMap;

use crate::chain::{Chain, link};
use crate::frame::Header;
use crate::limits::CLOCK_BACK_MAX_US;
use crate::merkle::{Hash, Leaf};
use crate::report::{Problem, Report};
use crate::segment::{SegmentHeader, Tail, follows};
use crate::{Kind, SessionId};

/// Follows all sessions through the segments.
#[derive(Debug, Default)]
pub(crate) struct Checker {
    pub(crate) report: Report,
    previous: Option<Tail>,
    leaf: Option<Leaf>,
    sessions: HashMap<SessionId, Progress>,
}

/// How far a session has been followed.
#[derive(Debug)]
struct Progress {
    chain: Chain,
    closed: bool,
    /// Whether payloads of it were there, or left out of a bundle.
    shown: bool,
    withheld: bool,
}

impl Progress {
    fn at(chain: Chain) -> Progress {
        Progress { chain, closed: false, shown: false, withheld: false }
    }
}

/// A session as a bundle shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) session: SessionId,
    pub(crate) frames: u64,
    pub(crate) closed: bool,
    pub(crate) withheld: bool,
}

impl Checker {
    /// A segment begins.
    pub(crate) fn begin(&mut self, header: SegmentHeader) {
        let number = header.number;
        let next = self.previous.is_none_or(|previous| previous.header.number.checked_add(1) == Some(number));
        if let Err(what) = follows(self.previous, header) {
            self.problem(number, 0, what);
        }
        let mut leaf = Leaf::new();
        leaf.update(&header.encode());
        self.leaf = Some(leaf);
        let node = self.sessions.entry(SessionId::NODE).or_insert_with(|| Progress::at(header.node()));
        let (sequence, head) = (node.chain.sequence, node.chain.head);
        node.chain = header.node();
        if next && (sequence, head) != (header.node_sequence, header.node_head) {
            self.problem(number, 0, "the node's own chain does not go on from the segment before it");
        }
    }

    /// As [`Checker::begin`] in a bundle, which has only the segments that it needs.
    pub(crate) fn begin_apart(&mut self, header: SegmentHeader) {
        let number = header.number;
        if self.previous.is_some_and(|previous| number <= previous.header.number) {
            self.problem(number, 0, "it is behind one with a later number");
        }
        if self.previous.is_some_and(|previous| previous.header.number.checked_add(1) != Some(number)) {
            self.previous = None;
            self.sessions.remove(&SessionId::NODE);
        }
        self.begin(header);
    }

    /// The segment that has begun ends at `length` bytes; returns its leaf.
    pub(crate) fn end(&mut self, header: SegmentHeader, length: u64) -> Hash {
        self.previous = Some(Tail { header, length });
        self.leaf.take().unwrap_or_else(Leaf::new).finish()
    }

    /// A frame of the segment; `stored` is its payload, unless that was left out.
    pub(crate) fn frame(
        &mut self,
        segment: SegmentHeader,
        offset: u64,
        header: &Header,
        stored: Option<&[u8]>,
    ) {
        if let Some(leaf) = &mut self.leaf {
            leaf.update(&header.bytes);
        }
        self.report.frames += 1;
        let session = header.session;
        let progress = self.sessions.entry(session).or_insert_with(|| Progress::at(Chain::new(session)));
        let expected = progress.chain.sequence;
        let (closed, before_us) = (progress.closed, progress.chain.time_us);
        let linked =
            stored.is_none_or(|stored| link(&progress.chain.head, &header.fields, stored) == header.link);
        let left_out = stored.is_none() && progress.shown || stored.is_some() && progress.withheld;
        // What follows is judged from here on, so that one fault is reported once.
        progress.chain.sequence = header.sequence.saturating_add(1);
        progress.chain.head = header.link;
        progress.chain.time_us = header.time_us;
        progress.closed |= header.kind == Kind::Close;
        progress.shown |= stored.is_some();
        progress.withheld |= stored.is_none();
        let number = segment.number;
        let mut wrong = |what: String| self.report.problems.push(Problem { segment: number, offset, what });
        if stored.is_none() {
            // Of sessions that a bundle does not show, the log vouches for the headers.
            if left_out {
                wrong(format!("session {session}: a payload is left out"));
            }
            return;
        }
        if header.sequence != expected {
            wrong(format!("session {session}: frame {} where {expected} is due", header.sequence));
        } else if !linked {
            wrong(format!("session {session}: the hash chain breaks here"));
        }
        if left_out {
            wrong(format!("session {session}: a payload before it is left out"));
        }
        if header.time_us < before_us || header.time_us.saturating_add(CLOCK_BACK_MAX_US) < segment.time_us {
            wrong(format!("session {session}: it is older than what is before it"));
        }
        if let Some(what) = misplaced(header.kind, session, expected, closed) {
            wrong(format!("session {session}: {what}"));
        }
    }

    pub(crate) fn problem(&mut self, segment: u64, offset: u64, what: &str) {
        self.report.problems.push(Problem { segment, offset, what: what.to_owned() });
    }

    /// The sessions of which payloads were there, in order.
    pub(crate) fn shown(&self) -> Vec<Shown> {
        let shown =
            self.sessions.iter().filter(|(session, progress)| **session != SessionId::NODE && progress.shown);
        let mut shown: Vec<_> = shown
            .map(|(session, progress)| Shown {
                session: *session,
                frames: progress.chain.sequence,
                closed: progress.closed,
                withheld: progress.withheld,
            })
            .collect();
        shown.sort_unstable_by_key(|shown| shown.session);
        shown
    }

    pub(crate) fn finish(mut self) -> Report {
        self.sessions.remove(&SessionId::NODE);
        self.report.sessions = self.sessions.len() as u64;
        let unfinished = self.sessions.iter().filter(|(_, progress)| !progress.closed);
        self.report.unfinished = unfinished.map(|(session, _)| *session).collect();
        self.report.unfinished.sort_unstable();
        self.report
    }
}

/// What is wrong with a frame of this kind at this point of its session.
fn misplaced(kind: Kind, session: SessionId, sequence: u64, closed: bool) -> Option<&'static str> {
    let node = session == SessionId::NODE;
    if node != matches!(kind, Kind::Recovered | Kind::Damaged) {
        return Some("recoveries and damage belong to the node, and nothing else does");
    }
    if closed {
        return Some("a frame after its close");
    }
    if !node && (sequence == 0) != (kind == Kind::Open) {
        return Some("a session starts with one open");
    }
    None
}
