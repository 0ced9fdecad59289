//! Where the scanner is in a piece of the answer, and how much of the piece has gone on.

use bytes::BytesMut;

/// A string or another scalar, whole.
pub(super) struct Token<'a> {
    /// With its quotes, if it has any.
    pub(super) raw: &'a [u8],
    /// Whether it has an escape.
    pub(super) escaped: bool,
    /// Whether it was cut, so that it is no part of the piece.
    pub(super) held: bool,
}

/// A piece that is being copied.
pub(super) struct Cursor<'a> {
    pub(super) piece: &'a [u8],
    pub(super) at: usize,
    copied: usize,
    /// What is passed is left out of what goes on.
    pub(super) dropping: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(piece: &'a [u8], dropping: bool) -> Cursor<'a> {
        Cursor { piece, at: 0, copied: 0, dropping }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.piece.get(self.at..).unwrap_or_default()
    }

    /// Appends what has been passed.
    pub(super) fn put_passed(&mut self, out: &mut BytesMut) {
        self.put_up_to(self.at, out);
    }

    fn put_up_to(&mut self, end: usize, out: &mut BytesMut) {
        if !self.dropping {
            out.extend_from_slice(self.piece.get(self.copied..end).unwrap_or_default());
        }
        self.copied = end;
    }

    /// What is between what was appended and here is not to be.
    pub(super) fn omit(&mut self) {
        self.copied = self.at;
    }

    /// Makes `out` end where a token that was just passed begins; something else may be appended for it.
    pub(super) fn replace(&mut self, token: &Token<'_>, out: &mut BytesMut) {
        let length = if token.held { 0 } else { token.raw.len() };
        self.put_up_to(self.at - length, out);
        self.omit();
    }

    /// A token that was just passed goes on as it is.
    pub(super) fn keep(&mut self, token: &Token<'_>, out: &mut BytesMut) {
        if token.held && !self.dropping {
            out.extend_from_slice(token.raw);
        }
    }
}
