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
        if !self.padded {
            return value;
        }
        let length = value.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
        value.get(..length).unwrap_or(value)
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

/// Makes the text that `out` has from `start` on fit: what is too long for its column is redacted whole.
pub(crate) fn refit(fit: Fit, start: usize, out: &mut BytesMut) {
    if fit.max.is_none() {
        return;
    }
    let characters = out.get(start..).map_or(0, |text| String::from_utf8_lossy(text).chars().count());
    if fit.holds(characters) {
        return fit.pad(characters, out);
    }
    out.truncate(start);
    redact(fit, out);
}

/// Appends the value with every character but its last four as `*`, or `[redacted]` if it is not UTF-8.
pub(crate) fn last4(fit: Fit, value: &[u8], out: &mut BytesMut) {
    let trimmed = fit.trim(value);
    // What has its last four shown is ASCII as a rule, and there characters are bytes.
    if trimmed.is_ascii() && fit.holds(trimmed.len()) {
        put_last_of(trimmed, SHOWN, trimmed.len(), out);
        return fit.pad(trimmed.len(), out);
    }
    starred(fit, value, out, put_last);
}

/// Appends the value with every character but its first `shown` as `*`, or `[redacted]` if it is not UTF-8.
pub(crate) fn first(fit: Fit, value: &[u8], shown: u8, out: &mut BytesMut) {
    starred(fit, value, out, |text, out| put_first(text, usize::from(shown), out));
}

fn starred(fit: Fit, value: &[u8], out: &mut BytesMut, put: impl FnOnce(&str, &mut BytesMut)) {
    let Ok(text) = std::str::from_utf8(fit.trim(value)) else {
        return redact(fit, out);
    };
    let characters = count(text);
    if !fit.holds(characters) {
        return redact(fit, out);
    }
    put(text, out);
    fit.pad(characters, out);
}

/// Appends a text with every character before its last four as `*`. A text of four characters or fewer is
/// starred whole: it would show itself. The separators of a card number are characters too.
pub(crate) fn put_last(text: &str, out: &mut BytesMut) {
    put_last_of(text.as_bytes(), tail(text).len(), count(text), out);
}

/// The same of a text that has so many characters, of which the last four are so many bytes.
fn put_last_of(text: &[u8], tail_bytes: usize, characters: usize, out: &mut BytesMut) {
    match text.len().checked_sub(tail_bytes).and_then(|start| text.get(start..)) {
        Some(shown) if characters > SHOWN => {
            out.put_bytes(b'*', characters - SHOWN);
            out.extend_from_slice(shown);
        }
        _ => out.put_bytes(b'*', characters),
    }
}

/// Appends a text with every character behind its first `shown` as `*`; all of them, if it has no more.
pub(crate) fn put_first(text: &str, shown: usize, out: &mut BytesMut) {
    let head = text.char_indices().nth(shown).and_then(|(end, _)| text.get(..end)).unwrap_or("");
    out.extend_from_slice(head.as_bytes());
    out.put_bytes(b'*', count(text.get(head.len()..).unwrap_or(text)));
}

/// Appends bytes as digits of base 16.
pub(crate) fn put_hex(bytes: &[u8], out: &mut BytesMut) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0');
    out.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
}

fn count(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

/// The last four characters.
fn tail(text: &str) -> &str {
    text.char_indices().rev().nth(SHOWN - 1).and_then(|(start, _)| text.get(start..)).unwrap_or("")
}
