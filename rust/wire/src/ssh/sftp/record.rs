//! What the recording keeps of an SFTP session, in order.

use std::sync::Arc;

use super::transfer::Transfer;

/// One entry for the recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SftpRecord {
    /// An operation was decided, by people, by policy or by a verdict that stands. It comes before the bytes.
    Decided {
        /// What was attempted.
        transfer: Transfer,
        /// Whether it goes up.
        allowed: bool,
        /// What decided.
        rule: Arc<str>,
    },
    /// A request was refused without being put to policy: what was wrong with it.
    Refused {
        /// What the agent was told.
        message: String,
    },
    /// The target has answered an allowed operation.
    Answered {
        /// What was attempted.
        transfer: Transfer,
        /// The code of the target's STATUS; 0 for success.
        code: u32,
    },
    /// A file was closed, or its channel was.
    Closed {
        /// The file, as it was opened.
        path: Arc<str>,
        /// What was read.
        read: Digest,
        /// What was written.
        written: Digest,
        /// Whether the target confirmed the closing and every write before it.
        complete: bool,
    },
}

/// What went one way through an open file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    /// How many bytes.
    pub bytes: u64,
    /// SHA-256 of them, if there were any and they went in order from the first byte of the file (or were
    /// appended).
    pub sha256: Option<[u8; 32]>,
}
