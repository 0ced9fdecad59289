//! Text: what fits in a column's declared length, and the transforms that keep to it.
//!
//! Lengths are in characters (code points), since that is what `varchar(n)` counts. Text that is not
//! UTF-8 cannot come from a session whose `client_encoding` is pinned to it; it is redacted.

use bytes::{BufMut, BytesMut};

use crate::{ColumnType, types};

const REDACTED: &str = "[redacted]";
/// How many characters of a value `last4` may show.
const SHOWN: usize = 4;
/// `varchar(n)` and `char(n)` carry n + 4.
const MODIFIER_HEADER: i32 = 4;
/// The server's own limit for the n of `varchar(n)` and `char(n)`.
const CHARACTERS_MAX: usize = 10_485_760;
/// `NAMEDATALEN - 1`, in bytes.
const NAME_BYTES_MAX: usize = 63;

/// How long a text of some column may be, and whether it is padded to that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fit {
    max: Option<usize>,
    padded: bool,
}

impl Fit {
    /// The fit of a text-like type; `None` for all other types.
    pub(crate) fn of(column: ColumnType) -> Option<Fit> {
        Some(match column.oid {
            types::TEXT | types::UNKNOWN => Fit { max: None, padded: false },
            types::VARCHAR => Fit { max: declared_characters(column.modifier), padded: false },
            types::BPCHAR => Fit { max: declared_characters(column.modifier), padded: true },
            types::NAME => Fit { max: Some(NAME_BYTES_MAX), padded: false },
            types::CHAR => Fit { max: Some(1), padded: false },
            _ => return None,
        })
    }

    /// Whether a text of so many characters may stand in the column.
    pub(crate) fn holds(self, characters: usize) -> bool {
        self.max.is_none_or(|max| characters <= max)
    }

    /// Pads a text of so many characters as `char(n)` is.
    pub(crate) fn pad(self, characters: usize, out: &mut BytesMut) {
        if let (true, Some(max)) = (self.padded, self.max) {
            out.put_bytes(b' ', max.saturating_sub(characters));
        }
    }

    /// The value without the padding of `char(n)`, which means nothing.
    pub(crate) fn trim(self, value: &[u8]) -> &[u8] {
        let length = value.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
        if self.padded { value.get(..length).unwrap_or(value) } else { value }
    }
}

/// The n of `varchar(n)` or `char(n)`; `None` if none was declared.
fn declared_characters(modifier: i32) -> Option<usize> {
    let characters = usize::try_from(modifier.checked_sub(MODIFIER_HEADER)?).ok()?;
    Some(characters.min(CHARACTERS_MAX))
}

/// Appends `[redacted]`, or as much of it as fits.
pub(crate) fn redact(fit: Fit, out: &mut BytesMut) {
    // All of it is ASCII, so that characters are bytes.
    let fitting = fit.max.and_then(|max| REDACTED.get(..max)).unwrap_or(REDACTED);
    out.extend_from_slice(fitting.as_bytes());
    fit.pad(fitting.len(), out);
}

/// Appends the value with every character before its last four as `*`. A value of four characters
/// or fewer is starred whole: it would show itself. The separators of a card number are characters too.
pub(crate) fn last4(fit: Fit, value: &[u8], out: &mut BytesMut) {
    let Ok(text) = std::str::from_utf8(fit.trim(value)) else {
        return redact(fit, out);
    };
    let characters = if text.is_ascii() { text.len() } else { text.chars().count() };
    if !fit.holds(characters) {
        return redact(fit, out);
    }
    let shown = if characters > SHOWN { tail(text) } else { "" };
    let starred = if shown.is_empty() { characters } else { characters - SHOWN };
    out.put_bytes(b'*', starred);
    out.extend_from_slice(shown.as_bytes());
    fit.pad(characters, out);
}

/// The last four characters.
fn tail(text: &str) -> &str {
    text.char_indices().rev().nth(SHOWN - 1).and_then(|(start, _)| text.get(start..)).unwrap_or("")
}
