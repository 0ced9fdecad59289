//! Tokens that the end of a piece cuts: what there is of them is held until the rest has come.

use bytes::BytesMut;

use super::super::cursor::{Cursor, Token};
use super::super::strings::Reading;
use super::{Cut, HELD_BYTES_KEPT, ObjectScanner, SCALAR_BYTES_MAX, TEXT_BYTES_MAX, Why, scalar_length};

impl ObjectScanner {
    /// Keeps the rest of the piece, which a token begins in.
    pub(super) fn hold(&mut self, cut: Cut, cursor: &mut Cursor<'_>, out: &mut BytesMut) {
        cursor.put_passed(out);
        self.held.extend_from_slice(cursor.rest());
        self.cut = Some(cut);
        cursor.at = cursor.piece.len();
        cursor.omit();
    }

    /// Goes on with a token that was cut; whether its end has come.
    pub(super) fn mend(&mut self, cursor: &mut Cursor<'_>, out: &mut BytesMut) -> Result<bool, Why> {
        let is_whole = match &mut self.cut {
            Some(Cut::Text(reading)) => mend_text(reading, &mut self.held, cursor)?,
            _ => mend_scalar(&mut self.held, cursor)?,
        };
        cursor.omit();
        let Some(cut) = self.cut.take_if(|_| is_whole) else { return Ok(false) };
        let mut held = std::mem::take(&mut self.held);
        match cut {
            Cut::Text(reading) => {
                self.text_token(&Token { raw: &held, escaped: reading.escaped, held: true }, cursor, out)?;
            }
            Cut::Scalar => {
                self.scalar_token(&Token { raw: &held, escaped: false, held: true }, cursor, out)?;
            }
        }
        held.clear();
        held.shrink_to(HELD_BYTES_KEPT);
        self.held = held;
        Ok(true)
    }
}

/// Moves what belongs to a cut string from the piece to `held`; whether its end has come.
fn mend_text(reading: &mut Reading, held: &mut Vec<u8>, cursor: &mut Cursor<'_>) -> Result<bool, Why> {
    while cursor.at < cursor.piece.len() {
        let rest = cursor.rest();
        let length = memchr::memchr(b'"', rest).map_or(rest.len(), |quote| quote + 1);
        held.extend_from_slice(rest.get(..length).unwrap_or_default());
        cursor.at += length;
        if held.len() > TEXT_BYTES_MAX {
            return Err(Why::TooLong);
        }
        if reading.on(held)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The same of a cut number, `true`, `false` or `null`.
fn mend_scalar(held: &mut Vec<u8>, cursor: &mut Cursor<'_>) -> Result<bool, Why> {
    let length = scalar_length(cursor.piece);
    held.extend_from_slice(cursor.piece.get(..length).unwrap_or_default());
    cursor.at = length;
    if held.len() > SCALAR_BYTES_MAX {
        return Err(Why::TooLong);
    }
    Ok(length < cursor.piece.len())
}
