//! The hash chain of one session: whoever trusts its last link can trust every frame before it.

use sha2::{Digest, Sha256};

use crate::SessionId;
use crate::keys::SessionKey;

/// One link: the hash of the link before, the frame's header fields and its payload as stored.
pub(crate) type Link = [u8; 32];

/// A session's place in its hash chain; owned by the session, advanced by `append`.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Whose chain it is.
    pub session: SessionId,
    /// Number of the next frame.
    pub sequence: u64,
    /// Hash of the last frame; of the session id at first.
    pub head: [u8; 32],
    /// Time of the last frame: a session's frames are in order of time.
    pub(crate) time_us: u64,
    /// What its payloads are encrypted with, if they are.
    pub(crate) key: Option<SessionKey>,
}

impl Chain {
    /// The chain of a session without frames, to be recorded in plain. A journal that encrypts refuses it:
    /// [`Journal::begin`](crate::Journal::begin) makes the chain that suits the journal.
    #[must_use]
    pub fn new(session: SessionId) -> Chain {
        Chain::at(session, 0, Sha256::digest(session.0.to_be_bytes()).into())
    }

    /// The chain of a session of which so many frames are known.
    pub(crate) fn at(session: SessionId, sequence: u64, head: Link) -> Chain {
        Chain { session, sequence, head, time_us: 0, key: None }
    }

    /// Takes a frame into the chain and returns its link.
    pub(crate) fn advance(&mut self, fields: &[u8], payload: &[u8]) -> Link {
        self.head = link(&self.head, fields, payload);
        self.sequence += 1;
        self.head
    }
}

/// The link after `previous` of a frame with these header fields and this payload.
pub(crate) fn link(previous: &Link, fields: &[u8], payload: &[u8]) -> Link {
    Sha256::new().chain_update(previous).chain_update(fields).chain_update(payload).finalize().into()
}
