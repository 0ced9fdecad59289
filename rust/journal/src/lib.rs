//! The node's append-only log, from which every recording is read.
//!
//! Frames are length-prefixed, CRC-framed and numbered; each carries the next link of its session's
//! hash chain. A frame that `append` has acknowledged is in the kernel: it survives `kill -9`.

#![forbid(unsafe_code)]

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Mutex;

mod chain;
mod frame;
mod frames;
pub mod limits;
mod reader;
mod recovery;
mod segment;
mod session_id;
mod verify;
mod writer;

pub use chain::Chain;
pub use frames::Frames;
pub use reader::{Position, Reader, read};
pub use session_id::{InvalidSessionId, SessionId};
pub use verify::{Problem, Report, Torn, verify};

use recovery::Found;
use segment::Directory;
use writer::Writer;

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

impl Kind {
    /// The kind with this number in a frame.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Kind> {
        Some(match code {
            1 => Kind::Open,
            2 => Kind::Request,
            3 => Kind::Verdict,
            4 => Kind::Applied,
            5 => Kind::Reply,
            6 => Kind::Event,
            7 => Kind::Close,
            8 => Kind::Recovered,
            _ => return None,
        })
    }
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

/// The open journal of this node; shared by all sessions.
#[derive(Debug)]
pub struct Journal {
    writer: Mutex<Writer>,
    /// Keeps other processes out for as long as the journal is open.
    _lock: File,
}

impl Journal {
    /// Opens the journal in `directory`, made if missing, and recovers it: a torn tail of the last
    /// segment is cut off and a [`Kind::Recovered`] frame says so. A segment that would grow beyond
    /// `segment_bytes_max` is followed by a new one; one append is never split over two.
    ///
    /// # Errors
    /// `ResourceBusy` if another process has it open, `InvalidData` naming segment and offset if it is
    /// damaged elsewhere than in its torn tail, or whatever the file system reports.
    pub fn open(directory: &Path, segment_bytes_max: u64) -> io::Result<Journal> {
        let mut directory = Directory::make(directory)?;
        let lock = directory.lock()?;
        let Found { tail, mut node, dropped } = recovery::recover(&directory)?;
        let (file, tail) = match tail {
            Some(tail) => (directory.append_to(tail.header.number)?, tail),
            None => writer::start_segment(&mut directory, None)?,
        };
        let writer = Writer::new(Box::new(directory), segment_bytes_max, file, tail);
        let journal = Journal { writer: Mutex::new(writer), _lock: lock };
        if let Some(dropped) = dropped {
            let json = dropped.json();
            journal.append(&mut node, &[Entry { kind: Kind::Recovered, parts: &[json.as_bytes()] }])?;
        }
        Ok(journal)
    }

    /// Appends entries of one session in one write. When this returns `Ok` they survive `kill -9`, though
    /// not yet a power cut. After an error the journal refuses every later append: sessions stop.
    ///
    /// A payload longer than [`limits::PAYLOAD_BYTES_MAX`] becomes several frames of its kind.
    ///
    /// # Errors
    /// The write failed, now or before. Nothing of the entries is in the journal and `chain` is as it was.
    pub fn append(&self, chain: &mut Chain, entries: &[Entry<'_>]) -> io::Result<()> {
        let mut advanced = chain.clone();
        let mut frames = Frames::default();
        for entry in entries {
            frames.add(&mut advanced, entry);
        }
        self.write(&mut frames)?;
        *chain = advanced;
        Ok(())
    }

    /// Writes frames, of whatever sessions, in one write and empties `frames`. Acknowledgement and
    /// failure are those of [`Journal::append`]; the chains were advanced when the frames were added.
    ///
    /// # Errors
    /// The write failed, now or before. Nothing of the frames is in the journal.
    pub fn write(&self, frames: &mut Frames) -> io::Result<()> {
        if frames.is_empty() {
            return Ok(());
        }
        // Hashing is done by now, so that sessions wait for one another's write alone.
        let mut writer = self.writer.lock().map_err(|_| io::Error::other("the journal's writer panicked"))?;
        let written = writer.append(frames.bytes());
        frames.clear();
        written
    }
}
