//! The node's append-only log, from which every recording is read.
//!
//! Frames are length-prefixed, CRC-framed and numbered; each carries the next link of its session's
//! hash chain. A frame that `append` has acknowledged is in the kernel: it survives `kill -9`.

#![forbid(unsafe_code)]
#![allow(clippy::todo, unused_variables, clippy::missing_errors_doc, reason = "signatures come first")]

use std::path::Path;

/// A session's name: milliseconds since 1970 in the upper 42 bits, a counter below, so that they sort
/// by time. Shown as 13 characters of Crockford base32 in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u64);

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// JSON: who opened what, from where. First frame of a session.
    Open = 1,
    /// Messages as the agent sent them.
    Request = 2,
    /// JSON: a verdict, before its first use in the session.
    Verdict = 3,
    /// Eight bytes, big-endian: the verdict that decided the operation recorded just before.
    Applied = 4,
    /// Bytes as sent to the agent: masked.
    Reply = 5,
    /// JSON: something that happened (held, withdrawn, cancelled, policy moved).
    Event = 6,
    /// JSON: how it ended, with the counts. Last frame of a session.
    Close = 7,
    /// JSON: bytes dropped from a torn tail at start-up. Belongs to session 0, the node itself.
    Recovered = 8,
}

/// One entry to append; its payload in parts so that nothing need be joined first.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// What it holds.
    pub kind: Kind,
    /// The payload's parts.
    pub parts: &'a [&'a [u8]],
}

/// One frame as read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Whose it is.
    pub session: SessionId,
    /// Its number within the session, from 0 without gaps.
    pub sequence: u64,
    /// Microseconds since 1970.
    pub time_us: u64,
    /// What it holds.
    pub kind: Kind,
    /// The payload.
    pub payload: Vec<u8>,
}

/// A session's place in its hash chain; owned by the session, advanced by `append`.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Whose chain it is.
    pub session: SessionId,
    /// Number of the next frame.
    pub sequence: u64,
    /// Hash of the last frame; of the session id at first.
    pub head: [u8; 32],
}

impl Chain {
    /// The chain of a session without frames.
    #[must_use]
    pub fn new(session: SessionId) -> Chain {
        todo!()
    }
}

/// The open journal of this node; shared by all sessions.
#[derive(Debug)]
pub struct Journal {}

impl Journal {
    /// Opens the journal in `directory`, made if missing, and recovers it: a torn tail of the last
    /// segment is cut off and a [`Kind::Recovered`] frame says so.
    pub fn open(directory: &Path, segment_bytes_max: u64) -> std::io::Result<Journal> {
        todo!()
    }

    /// Appends entries of one session in one write. When this returns `Ok` they survive `kill -9`.
    /// After an error the journal refuses every later append: sessions stop.
    pub fn append(&self, chain: &mut Chain, entries: &[Entry<'_>]) -> std::io::Result<()> {
        todo!()
    }
}

/// Reads frames of one session (or of all) from every segment of `directory` in order.
pub fn read(directory: &Path, session: Option<SessionId>) -> std::io::Result<Vec<Frame>> {
    todo!()
}
