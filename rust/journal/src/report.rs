//! What verification has to say.

use std::fmt;

use crate::SessionId;

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
    /// Segments in the log.
    pub logged: u64,
    /// Of those, how many the checkpoint vouches for. `None`: there is none, or no key was given.
    pub signed: Option<u64>,
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
    /// The segment's number; 0 for what is beside the segments: log, checkpoint, bundle.
    pub segment: u64,
    /// The frame's offset in it; 0 for the segment as a whole.
    pub offset: u64,
    /// What is wrong, for a person.
    pub what: String,
}

impl Problem {
    /// The payload of [`Kind::Damaged`](crate::Kind::Damaged). What it says has nothing to be escaped.
    pub(crate) fn json(&self) -> String {
        let Problem { segment, offset, what } = self;
        format!(r#"{{"segment":{segment},"offset":{offset},"what":"{what}"}}"#)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem { segment: 0, offset: 0, what } => f.write_str(what),
            Problem { segment: 0, offset, what } => write!(f, "bundle at byte {offset}: {what}"),
            Problem { segment, offset, what } => write!(f, "segment {segment} at offset {offset}: {what}"),
        }
    }
}
