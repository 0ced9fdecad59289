//! What of a terminal's output is not text: control sequences (ECMA-48) and the control characters that move
//! the cursor within a line.
//!
//! Detectors see the text without them, so that a colour in the middle of a card number does not hide it. The
//! eight-bit forms are no controls in UTF-8 and count as text.

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;
/// A longer sequence was none, or hides something: it counts as text.
const SEQUENCE_BYTES_MAX: usize = 4_096;

/// What one byte completes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Nothing yet: it is within a sequence.
    Pending,
    /// The byte itself is text.
    Text,
    /// A sequence or a control character ends with it. All of it is in [`Escapes::take`].
    Sequence,
    /// A command to the terminal (a title, a link, the clipboard) ends with it; its argument is text.
    Command,
    /// A sequence that is none. All of it, this byte as well, is in [`Escapes::take`] and is text.
    NotOne,
}

/// The sequence that the output is in.
#[derive(Debug, Default)]
pub(super) struct Escapes {
    pending: Vec<u8>,
    expected: Expected,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "states are named for what they wait for")]
enum Expected {
    #[default]
    ExpectText,
    /// After ESC: what kind of sequence.
    ExpectKind,
    /// After ESC and intermediates: the final byte. A character set, for one.
    ExpectFinal,
    /// After CSI: parameters, then the final byte.
    ExpectParameters,
    /// After OSC, DCS, SOS, PM or APC: anything up to ST; BEL ends it too.
    ExpectTerminator,
    /// After ESC within such a string: the rest of ST.
    ExpectBackslash,
}

impl Escapes {
    /// Takes the next byte.
    pub(super) fn feed(&mut self, byte: u8) -> Piece {
        use Expected::{
            ExpectBackslash, ExpectFinal, ExpectKind, ExpectParameters, ExpectTerminator, ExpectText,
        };
        if self.expected == ExpectText && !is_control(byte) {
            return Piece::Text;
        }
        self.pending.push(byte);
        let (next, piece) = match (self.expected, byte) {
            // Within a sequence ESC breaks it off and begins another.
            (ExpectText | ExpectKind | ExpectFinal | ExpectParameters, ESC) => (ExpectKind, Piece::Pending),
            (ExpectTerminator, ESC) => (ExpectBackslash, Piece::Pending),
            (ExpectTerminator, BEL) | (ExpectBackslash, b'\\') => (ExpectText, Piece::Command),
            (ExpectKind, b']' | b'P' | b'X' | b'^' | b'_') | (ExpectTerminator | ExpectBackslash, _) => {
                (ExpectTerminator, Piece::Pending)
            }
            (ExpectKind, b'[') | (ExpectParameters, 0x20..=0x3f) => (ExpectParameters, Piece::Pending),
            (ExpectKind | ExpectFinal, 0x20..=0x2f) => (ExpectFinal, Piece::Pending),
            (ExpectText, _) | (ExpectKind | ExpectFinal, 0x30..=0x7e) | (ExpectParameters, 0x40..=0x7e) => {
                (ExpectText, Piece::Sequence)
            }
            (ExpectKind | ExpectFinal | ExpectParameters, _) => (ExpectText, Piece::NotOne),
        };
        if piece == Piece::Pending && self.pending.len() >= SEQUENCE_BYTES_MAX {
            self.expected = ExpectText;
            return Piece::NotOne;
        }
        self.expected = next;
        piece
    }

    /// Whether text comes next.
    pub(super) fn expects_text(&self) -> bool {
        self.expected == Expected::ExpectText
    }

    /// Bytes of a sequence that has not ended.
    pub(super) fn pending(&self) -> usize {
        self.pending.len()
    }

    /// The bytes of the sequence. Whatever it was, text comes next.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.expected = Expected::ExpectText;
        std::mem::take(&mut self.pending)
    }
}

/// Whether a byte is no text by itself. Line feed and tab are: they separate.
pub(super) fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=0x08 | 0x0b..=0x1f | 0x7f)
}
