//! Frames on their way to the journal: encoded, chained and not written yet.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::limits::FRAMES_BYTES_KEPT;
use crate::packing::Compressor;
use crate::{Chain, Entry, SessionId, frame};

/// Encoded frames of any number of sessions, to be written together by
/// [`Journal::write`](crate::Journal::write).
#[derive(Debug, Default)]
pub struct Frames {
    bytes: Vec<u8>,
    compressor: Compressor,
    /// When the first of them was added; the clock is read once for all.
    time_us: u64,
    /// Whether a session's payload is there that is not encrypted.
    plain: bool,
}

impl Frames {
    /// Encodes one entry and advances `chain` over it. A payload longer than
    /// [`limits::PAYLOAD_BYTES_MAX`](crate::limits::PAYLOAD_BYTES_MAX) becomes several frames of its kind.
    pub fn add(&mut self, chain: &mut Chain, entry: &Entry<'_>) {
        if self.bytes.is_empty() {
            self.time_us = now_us();
        }
        self.bytes.reserve(frame::encoded_bytes(entry));
        let encoded = frame::encode(entry, self.time_us, chain, &mut self.compressor, &mut self.bytes);
        self.plain |= encoded.is_err() || (chain.key.is_none() && chain.session != SessionId::NODE);
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether something in them can be read without a key.
    pub(crate) fn has_plain(&self) -> bool {
        self.plain
    }

    /// When they were made.
    pub(crate) fn time_us(&self) -> u64 {
        self.time_us
    }

    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// Forgets the frames; their memory is kept for the next ones unless it is much.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(FRAMES_BYTES_KEPT);
        self.plain = false;
    }
}

/// Microseconds since 1970.
pub(crate) fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
