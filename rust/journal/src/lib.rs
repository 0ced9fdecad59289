//! The node's append-only log, from which every recording is read, and the proof that it is whole.
//!
//! Frames are length-prefixed, CRC-framed and numbered; each carries the next link of its session's
//! hash chain. Sealed segments are the leaves of a Merkle log whose checkpoints are signed, so that whoever
//! was given one can tell later whether anything before it was changed.
//!
//! ```text
//! Entry -> Frames (compressed, encrypted, chained) -> Journal::write -> segment N (open)
//!                                                                         | full or old
//!                                         leaves, checkpoint <- sealer <- segment N (sealed)
//! ```

#![forbid(unsafe_code)]

mod bundle;
mod chain;
mod check;
mod checkpoint;
mod disk;
mod failure;
#[cfg(test)]
mod faults;
mod frame;
mod frames;
mod journal;
mod keys;
pub mod limits;
mod merkle;
mod note;
mod packing;
mod reader;
mod recovery;
mod report;
mod sealer;
mod segment;
mod session_id;
mod session_keys;
mod settings;
mod syncs;
mod tree_log;
mod unpacker;
mod verify;
mod writer;

pub use bundle::{BundleFrames, BundleReport, ShownSession, bundle, verify_bundle};
pub use chain::Chain;
pub use frames::Frames;
pub use journal::Journal;
pub use keys::{ContentKey, KEY_BYTES, KeyRing};
pub use note::{InvalidPublicKey, PublicKey, Signer};
pub use reader::{Position, Reader, collect, read};
pub use report::{Problem, Report, Torn};
pub use session_id::{InvalidSessionId, SessionId};
pub use session_keys::{content_key, erase};
pub use settings::{Alarm, Durability, Settings, Trouble};
pub use syncs::Written;
pub use verify::{Trust, verify, verify_trusting};

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
    /// JSON: damage found at start-up in the last segment, which is left as it is. Belongs to session 0.
    Damaged = 9,
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
            9 => Kind::Damaged,
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
    /// The payload; empty if it cannot be read.
    pub payload: Vec<u8>,
    /// Why the payload cannot be read, if so.
    pub withheld: Option<Withheld>,
}

/// Why a payload cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// The session's key was destroyed.
    Erased,
    /// None of the keys that were given opens the session's.
    Locked,
}
