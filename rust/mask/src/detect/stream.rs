//! Detectors in text that comes in pieces: a terminal's output, a log, a copied file.
//!
//! What comes out depends on the text alone and never on where it was cut. Nothing is held back but what could
//! still become a find: the word that the text ends in, and what could go on behind a blank (`live`). The front
//! of a line is kept after it has gone on, because what stands before a number can say what it is.
//!
//! A line that is longer than is kept is forgotten in steps: its last bytes stay, so that what began in them is
//! seen whole. The lines of a private key are dropped one by one.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use bytes::BytesMut;

use super::credential::private_key_end;
use super::escapes::{Escapes, Piece, is_control};
use super::known::KnownValues;
use super::line::Line;
use super::live::settled;
use super::{Detector, Detectors, Found, Hints};
use crate::part;

/// How much of a line is kept at most.
const LINE_BYTES_MAX: usize = 16_384;
/// How long a find may be to be seen whole in a line that is longer than is kept.
const FIND_BYTES_MAX: usize = 4_096;
/// After so much without an end, a private key's armour was not one.
const PRIVATE_KEY_BYTES_MAX: usize = 65_536;
/// The longest last line of an armour that is looked for across pieces.
const ARMOUR_BYTES_MAX: usize = 128;

/// One direction of one stream of text.
#[derive(Debug)]
pub struct Stream {
    detectors: Arc<Detectors>,
    known: Arc<KnownValues>,
    /// Where the text is a terminal's.
    escapes: Option<Escapes>,
    line: Line,
    /// How much of the line's text has gone on.
    released: usize,
    inside: Inside,
    masked: BTreeMap<&'static str, u64>,
}

/// What the next byte belongs to.
#[derive(Clone, Copy, Debug)]
enum Inside {
    Line,
    /// A private key whose end has not come, so many bytes of which have been dropped.
    PrivateKey(usize),
}

impl Stream {
    /// A stream in which detectors and known values are looked for.
    ///
    /// With `ansi` it is a terminal's output: control sequences are kept, and finds are seen without them.
    #[must_use]
    pub fn new(detectors: Arc<Detectors>, known: Arc<KnownValues>, ansi: bool) -> Stream {
        Stream {
            detectors,
            known,
            escapes: ansi.then(Escapes::default),
            line: Line::default(),
            released: 0,
            inside: Inside::Line,
            masked: BTreeMap::new(),
        }
    }

    /// Takes the next piece and appends what may go on, masked.
    pub fn feed(&mut self, mut piece: &[u8], out: &mut BytesMut) {
        while !piece.is_empty() {
            let taken = self.take(piece);
            piece = piece.get(taken..).unwrap_or_default();
            if self.line.text.ends_with(b"\n") || self.line.text.len() >= LINE_BYTES_MAX {
                self.end_line(out);
            }
        }
        if matches!(self.inside, Inside::Line) {
            self.release_settled(out);
        }
    }

    /// The stream has ended. Appends what is held, masked.
    pub fn finish(&mut self, out: &mut BytesMut) {
        if let Some(escapes) = &mut self.escapes {
            let rest = escapes.take();
            self.line.text.extend_from_slice(&rest);
        }
        if let Inside::PrivateKey(dropped) = self.inside {
            self.drop_key(dropped, out);
        }
        if matches!(self.inside, Inside::Line) {
            let found = self.find(&self.line.text);
            self.release(self.line.text.len(), &found, out);
        }
        self.line.put_sequences(self.line.text.len(), out);
        self.forget(self.line.text.len());
    }

    /// How many bytes are held back.
    #[must_use]
    pub fn held(&self) -> usize {
        let pending = self.escapes.as_ref().map_or(0, Escapes::pending);
        self.line.text.len() - self.released + self.line.sequence_bytes() + pending
    }

    /// How many finds have been masked, by what they were.
    #[must_use]
    pub fn masked(&self) -> &BTreeMap<&'static str, u64> {
        &self.masked
    }

    /// Takes what belongs to the line from the front of a piece; how many bytes that were.
    fn take(&mut self, piece: &[u8]) -> usize {
        let room = LINE_BYTES_MAX.saturating_sub(self.line.text.len()).max(1);
        let near = piece.get(..room).unwrap_or(piece);
        let line = memchr::memchr(b'\n', near).map_or(near.len(), |newline| newline + 1);
        let Some(escapes) = &mut self.escapes else {
            self.line.text.extend_from_slice(near.get(..line).unwrap_or_default());
            return line;
        };
        let plain = near.iter().take(line).position(|byte| is_control(*byte)).unwrap_or(line);
        if plain > 0 && escapes.expects_text() {
            self.line.text.extend_from_slice(near.get(..plain).unwrap_or_default());
            return plain;
        }
        let Some(byte) = near.first() else { return 0 };
        match escapes.feed(*byte) {
            Piece::Pending => {}
            Piece::Text => self.line.text.extend_from_slice(&[*byte]),
            Piece::NotOne => self.line.text.extend_from_slice(&escapes.take()),
            Piece::Sequence => self.line.push_sequence(escapes.take()),
            Piece::Command => {
                let command = escapes.take();
                let masked = self.mask_command(&command);
                self.line.push_sequence(masked);
            }
        }
        1
    }

    /// A title, a link or what goes to the clipboard is text that is seen as well.
    fn mask_command(&mut self, command: &[u8]) -> Vec<u8> {
        let mut out = BytesMut::new();
        let mut line = Line::default();
        line.text.extend_from_slice(command);
        let found = self.find(command);
        self.put(&mut line, 0..command.len(), &found, &mut out);
        out.to_vec()
    }

    /// The line has ended, or is longer than is kept.
    fn end_line(&mut self, out: &mut BytesMut) {
        if let Inside::PrivateKey(dropped) = self.inside {
            self.drop_key(dropped, out);
            if matches!(self.inside, Inside::PrivateKey(_)) || self.line.text.is_empty() {
                return;
            }
        }
        let length = self.line.text.len();
        let found = self.find(&self.line.text);
        if self.line.text.ends_with(b"\n") {
            self.release(length, &found, out);
            return self.forget(length);
        }
        let settled = self.settled();
        self.release_before(settled, &found, out);
        let end = self.released.max(length.saturating_sub(FIND_BYTES_MAX));
        self.release(end, &found, out);
        self.forget(self.released);
    }

    /// Appends what is certain of the line.
    fn release_settled(&mut self, out: &mut BytesMut) {
        let end = self.settled();
        if end <= self.released {
            return self.line.put_sequences(self.released, out);
        }
        let found = self.find(&self.line.text);
        self.release_before(end, &found, out);
    }

    fn settled(&self) -> usize {
        let text = &self.line.text;
        settled(&self.detectors, text).min(self.known.live(text))
    }

    /// Appends the line up to an offset, or to the start of the find that this would cut.
    fn release_before(&mut self, end: usize, found: &[Found], out: &mut BytesMut) {
        let last = found.iter().find(|it| it.span.end > end || self.goes_on(it));
        let end = last.map_or(end, |it| it.span.start.min(end));
        self.put_released(end, found, out);
    }

    /// Appends the line up to an offset, or to the end of the find that this would cut.
    fn release(&mut self, end: usize, found: &[Found], out: &mut BytesMut) {
        let cut = found.iter().filter(|it| it.span.start < end).map(|it| it.span.end).max();
        let end = cut.map_or(end, |cut| cut.max(end));
        if found.last().is_some_and(|it| it.span.start < end && self.goes_on(it)) {
            self.inside = Inside::PrivateKey(0);
        }
        self.put_released(end, found, out);
    }

    /// Whether a find is a private key whose end has not come.
    fn goes_on(&self, it: &Found) -> bool {
        let text = self.line.text.get(it.span.clone()).unwrap_or_default();
        it.detector == Detector::PrivateKey
            && it.span.end == self.line.text.len()
            && private_key_end(text).is_none()
    }

    fn put_released(&mut self, end: usize, found: &[Found], out: &mut BytesMut) {
        if end < self.released {
            return;
        }
        let mut line = std::mem::take(&mut self.line);
        self.put(&mut line, self.released..end, found, out);
        self.line = line;
        self.released = end;
    }

    /// Appends a part of a line, and what stands for the finds that are wholly in it.
    fn put(&mut self, line: &mut Line, span: Range<usize>, found: &[Found], out: &mut BytesMut) {
        let mut start = span.start;
        for it in found.iter().filter(|it| it.span.start >= span.start && it.span.end <= span.end) {
            line.put(start..it.span.start, out);
            let value = line.text.get(it.span.clone()).unwrap_or_default();
            part::mask(self.detectors.transform(it.detector), it.detector.name(), value, out);
            line.put_sequences(it.span.end, out);
            *self.masked.entry(it.detector.name()).or_default() += 1;
            start = it.span.end;
        }
        line.put(start..span.end, out);
    }

    fn find(&self, text: &[u8]) -> Vec<Found> {
        self.detectors.find_all(&self.known, text, Hints::default())
    }

    fn forget(&mut self, end: usize) {
        self.line.drop_front(end);
        self.released = self.released.saturating_sub(end);
    }

    /// Drops the lines of a private key, up to and with its last.
    fn drop_key(&mut self, dropped: usize, out: &mut BytesMut) {
        let length = self.line.text.len();
        let end = private_key_end(&self.line.text);
        let kept = if self.line.text.ends_with(b"\n") { 0 } else { ARMOUR_BYTES_MAX.min(length) };
        let gone = end.unwrap_or(length - kept);
        self.line.put_sequences(gone, out);
        self.forget(gone);
        self.released = 0;
        let dropped = dropped + gone;
        let is_over = end.is_some() || dropped > PRIVATE_KEY_BYTES_MAX;
        self.inside = if is_over { Inside::Line } else { Inside::PrivateKey(dropped) };
    }
}
