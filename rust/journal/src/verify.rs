//! Whether the journal is what was written: framing, order, and every session's hash chain.
//!
//! The proof is as good as what it starts from: whoever can rewrite a session from its beginning can
//! make a new chain. A link that was published elsewhere fixes everything before it.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::path::Path;

use crate::chain::{Chain, link};
use crate::reader::{Fault, Located, SegmentReader};
use crate::recovery::{Tail, follows};
use crate::segment::Directory;
use crate::{Kind, SessionId};

/// What verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Sessions that have frames, the node itself not counted.
    pub sessions: u64,
    /// Whole frames.
    pub frames: u64,
    /// Sessions without a Close, by id: open still, or ended by a kill.
    pub unfinished: Vec<SessionId>,
    /// The beginning of a frame at the very end, if there is one: a kill left it, or it is being
    /// written. It was never acknowledged, so it is not a problem.
    pub torn: Option<Torn>,
    /// What cannot come from writing alone.
    pub problems: Vec<Problem>,
}

/// Bytes at the end of the last segment that are not a frame yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Torn {
    /// The segment's number.
    pub segment: u64,
    /// Where in it they start.
    pub offset: u64,
    /// How many.
    pub bytes: u64,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The segment's number.
    pub segment: u64,
    /// The frame's offset in it; 0 for the segment as a whole.
    pub offset: u64,
    /// What is wrong, for a person.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "segment {} at offset {}: {}", self.segment, self.offset, self.what)
    }
}

/// Verifies the journal in `directory`. Needs no lock and no network; reads every byte once.
///
/// # Errors
/// The directory or a segment cannot be read. Damage is no error but a [`Problem`].
pub fn verify(directory: &Path) -> io::Result<Report> {
    let directory = Directory::existing(directory);
    let numbers = directory.numbers()?;
    let mut verifier = Verifier::default();
    for number in &numbers {
        verifier.segment(&directory, *number, Some(number) == numbers.last())?;
    }
    Ok(verifier.finish())
}

#[derive(Debug, Default)]
struct Verifier {
    report: Report,
    previous: Option<Tail>,
    sessions: HashMap<SessionId, Progress>,
}

/// How far a session has been followed.
#[derive(Debug)]
struct Progress {
    chain: Chain,
    closed: bool,
}

impl Verifier {
    fn segment(&mut self, directory: &Directory, number: u64, last: bool) -> io::Result<()> {
        if self.previous.is_none() && number != 1 {
            self.problem(number, 0, "the segments before it are missing");
        }
        let mut segment = match SegmentReader::open(directory, number) {
            Ok(segment) => segment,
            Err(Fault::Io(error)) => return Err(error),
            Err(Fault::Torn) if last => {
                let bytes = directory.path(number).metadata()?.len();
                self.report.torn = Some(Torn { segment: number, offset: 0, bytes });
                return Ok(());
            }
            Err(fault) => {
                self.problem(number, 0, &fault.to_string());
                return Ok(());
            }
        };
        if let Err(what) = follows(self.previous, segment.header) {
            self.problem(number, 0, what);
        }
        self.previous = Some(Tail { header: segment.header, length: segment.length });
        self.frames(&mut segment, last)
    }

    fn frames(&mut self, segment: &mut SegmentReader, last: bool) -> io::Result<()> {
        let number = segment.header.number;
        loop {
            match segment.next() {
                Ok(Some(located)) => self.frame(number, &located),
                Ok(None) => return Ok(()),
                Err(Fault::Io(error)) => return Err(error),
                Err(Fault::Torn) if last => {
                    let bytes = segment.length - segment.offset;
                    self.report.torn = Some(Torn { segment: number, offset: segment.offset, bytes });
                    return Ok(());
                }
                Err(fault) => {
                    self.problem(number, segment.offset, &fault.to_string());
                    if !segment.resync()? {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn frame(&mut self, number: u64, located: &Located) {
        let frame = &located.frame;
        self.report.frames += 1;
        let session = frame.session;
        let progress = self
            .sessions
            .entry(session)
            .or_insert_with(|| Progress { chain: Chain::new(session), closed: false });
        let expected = progress.chain.sequence;
        let linked = link(&progress.chain.head, &located.fields, &frame.payload) == located.link;
        let closed = progress.closed;
        // What follows is judged from here on, so that one fault is reported once.
        progress.chain.sequence = frame.sequence.saturating_add(1);
        progress.chain.head = located.link;
        progress.closed |= frame.kind == Kind::Close;
        if frame.sequence != expected {
            let what = format!("session {session}: frame {} where {expected} is due", frame.sequence);
            self.problem(number, located.offset, &what);
        } else if !linked {
            self.problem(number, located.offset, &format!("session {session}: the hash chain breaks here"));
        }
        if let Some(what) = misplaced(frame.kind, session, expected, closed) {
            self.problem(number, located.offset, &format!("session {session}: {what}"));
        }
    }

    fn problem(&mut self, segment: u64, offset: u64, what: &str) {
        self.report.problems.push(Problem { segment, offset, what: what.to_owned() });
    }

    fn finish(mut self) -> Report {
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
    if node != (kind == Kind::Recovered) {
        return Some("a recovery belongs to the node, and nothing else does");
    }
    if closed {
        return Some("a frame after its close");
    }
    if !node && (sequence == 0) != (kind == Kind::Open) {
        return Some("a session starts with one open");
    }
    None
}
