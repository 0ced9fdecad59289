//! Detectors in text that comes in pieces: a terminal's output, a log, a copied file.
//!
//! What is found depends on the text alone and never on where it was cut. A line is held back until it ends,
//! for anything but a private key lies within one. A line that is longer than is held is scanned in steps: its
//! last bytes stay, so that what began in them is seen whole. Whoever must let a line go that has not ended (a
//! prompt) flushes it; what was cut there can escape.

use bytes::{Buf, BytesMut};

use super::credential::private_key_end;
use super::{Detector, Detectors, Hints};

/// How much of a line is held back at most.
const HELD_BYTES_MAX: usize = 16_384;
/// How long a find may be to be seen whole in a line that is longer than is held.
const FIND_BYTES_MAX: usize = 4_096;
/// After so much without an end, a private key's armour was not one.
const PRIVATE_KEY_BYTES_MAX: usize = 65_536;
/// The longest last line of an armour that is looked for across pieces.
const ARMOUR_BYTES_MAX: usize = 128;

/// One direction of one stream of text.
#[derive(Debug)]
pub struct Stream {
    held: BytesMut,
    inside: Inside,
}

/// What the next byte belongs to.
#[derive(Debug)]
enum Inside {
    Line,
    /// A private key whose end has not come, so many bytes of which have been dropped.
    PrivateKey(usize),
}

impl Default for Stream {
    fn default() -> Stream {
        Stream { held: BytesMut::new(), inside: Inside::Line }
    }
}

impl Stream {
    /// Takes the next piece and appends what may go on, masked. Says how many finds were masked.
    pub fn feed(&mut self, detectors: &Detectors, mut piece: &[u8], out: &mut BytesMut) -> u64 {
        let mut masked = 0;
        while !piece.is_empty() {
            let room = HELD_BYTES_MAX.saturating_sub(self.held.len()).max(1);
            let line = memchr::memchr(b'\n', piece).map_or(piece.len(), |newline| newline + 1);
            let (taken, rest) = piece.split_at(line.min(room));
            self.held.extend_from_slice(taken);
            piece = rest;
            masked += self.take(detectors, out);
        }
        masked
    }

    /// The stream has ended, or what is held may wait no longer. Appends it, masked.
    pub fn flush(&mut self, detectors: &Detectors, out: &mut BytesMut) -> u64 {
        if let Inside::PrivateKey(dropped) = self.inside {
            self.drop_key(dropped);
        }
        if matches!(self.inside, Inside::PrivateKey(_)) {
            return 0;
        }
        self.release(detectors, self.held.len(), out)
    }

    /// How many bytes are held back.
    #[must_use]
    pub fn held(&self) -> usize {
        self.held.len()
    }

    fn take(&mut self, detectors: &Detectors, out: &mut BytesMut) -> u64 {
        let is_line = self.held.ends_with(b"\n");
        if !is_line && self.held.len() < HELD_BYTES_MAX {
            return 0;
        }
        if let Inside::PrivateKey(dropped) = self.inside {
            self.drop_key(dropped);
            return 0;
        }
        let end = if is_line { self.held.len() } else { self.held.len() - FIND_BYTES_MAX };
        self.release(detectors, end, out)
    }

    /// Appends what is held up to an offset, or to the end of the find that this would cut.
    fn release(&mut self, detectors: &Detectors, end: usize, out: &mut BytesMut) -> u64 {
        let mut found = detectors.find(&self.held, Hints::default());
        found.retain(|it| it.span.start < end);
        let end = found.last().map_or(end, |it| it.span.end.max(end));
        // A key without its end goes on in the lines that follow.
        let key =
            found.last().filter(|it| it.detector == Detector::PrivateKey && it.span.end == self.held.len());
        let key = key.and_then(|it| self.held.get(it.span.clone()));
        if key.is_some_and(|key| private_key_end(key).is_none()) {
            self.inside = Inside::PrivateKey(0);
        }
        let masked = u64::try_from(found.len()).unwrap_or(u64::MAX);
        detectors.put(&self.held.split_to(end), found, out);
        masked
    }

    /// Drops the lines of a private key, up to and with its last.
    fn drop_key(&mut self, dropped: usize) {
        if let Some(end) = private_key_end(&self.held) {
            self.held.advance(end);
            self.inside = Inside::Line;
            return;
        }
        let kept = if self.held.ends_with(b"\n") { 0 } else { ARMOUR_BYTES_MAX.min(self.held.len()) };
        let gone = self.held.len() - kept;
        self.held.advance(gone);
        let dropped = dropped + gone;
        self.inside =
            if dropped > PRIVATE_KEY_BYTES_MAX { Inside::Line } else { Inside::PrivateKey(dropped) };
    }
}
