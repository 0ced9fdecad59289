//! Where a string of JSON ends, and that it is a legal one (RFC 8259, section 7), however it is cut.

use super::Why;

const ONES: u64 = u64::MAX / 0xff;
const HIGHS: u64 = ONES << 7;

/// How far the reading of a string has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    at: usize,
    /// Whether it has an escape.
    pub(super) escaped: bool,
    beyond_ascii: bool,
}

impl Reading {
    /// At the quote that begins a string.
    pub(super) const fn start() -> Reading {
        Reading { at: 1, escaped: false, beyond_ascii: false }
    }

    /// Reads on in a text that begins with the string's first quote and has grown. The length of the string
    /// with its quotes; `None` while its end has not come.
    ///
    /// # Errors
    /// When it is no legal string.
    pub(super) fn on(&mut self, text: &[u8]) -> Result<Option<usize>, Why> {
        loop {
            let rest = text.get(self.at..).unwrap_or_default();
            let plain = plain(rest);
            self.at += plain;
            match rest.get(plain) {
                None => return Ok(None),
                Some(b'"') => break,
                Some(b'\\') => {
                    self.escaped = true;
                    match escape(rest.get(plain..).unwrap_or_default())? {
                        Some(length) => self.at += length,
                        None => return Ok(None),
                    }
                }
                Some(0x80..) => {
                    self.beyond_ascii = true;
                    self.at += 1;
                }
                Some(_) => return Err(Why::ControlCharacter),
            }
        }
        let content = text.get(1..self.at).unwrap_or_default();
        if self.beyond_ascii && std::str::from_utf8(content).is_err() {
            return Err(Why::NotUnicode);
        }
        Ok(Some(self.at + 1))
    }
}

/// The length of the string that a text begins with, if all of it is there and stands for itself: nearly all do.
#[inline]
pub(super) fn simple(text: &[u8]) -> Option<usize> {
    let inside = text.get(1..)?;
    let plain = plain(inside);
    (inside.get(plain) == Some(&b'"')).then_some(plain + 2)
}

/// How many bytes at the front stand for themselves: ASCII, but no quote, backslash or control character.
///
/// Looks at eight at a time. A comparison may err only above the first byte that it is true of, so that the
/// lowest one is right.
#[inline]
fn plain(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let below = |bytes: u64, limit: u64| bytes.wrapping_sub(ONES * limit) & !bytes;
        let quote = below(word ^ (ONES * u64::from(b'"')), 1);
        let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
        let special = (quote | backslash | below(word, 0x20) | word) & HIGHS;
        if special != 0 {
            return index * 8 + special.trailing_zeros() as usize / 8;
        }
    }
    let is_plain = |byte: &&u8| matches!(**byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7f);
    words.len() * 8 + rest.iter().take_while(is_plain).count()
}

/// The length of the escape that a text begins with, both halves of a surrogate pair together; `None` if more
/// must come.
fn escape(text: &[u8]) -> Result<Option<usize>, Why> {
    match text.get(1) {
        None => Ok(None),
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(Some(2)),
        Some(b'u') => match unit(text)? {
            None => Ok(None),
            Some(0xd800..0xdc00) => match unit(text.get(6..).unwrap_or_default()) {
                Ok(None) => Ok(None),
                Ok(Some(0xdc00..0xe000)) => Ok(Some(12)),
                _ => Err(Why::NotUnicode),
            },
            Some(0xdc00..0xe000) => Err(Why::NotUnicode),
            Some(_) => Ok(Some(6)),
        },
        Some(_) => Err(Why::Malformed),
    }
}

/// The UTF-16 unit of the `\uXXXX` that a text begins with; `None` if more must come.
fn unit(text: &[u8]) -> Result<Option<u16>, Why> {
    let (head, digits) = text.split_at(text.len().min(2));
    let digits = digits.get(..4).unwrap_or(digits);
    if !b"\\u".starts_with(head) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(Why::Malformed);
    }
    if digits.len() < 4 {
        return Ok(None);
    }
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u16::try_from(digit).ok());
    Ok(Some(digits.iter().filter_map(digit).fold(0, |unit, digit| unit << 4 | digit)))
}

/// Whether a scalar that is no string is a legal one: a number, `true`, `false` or `null`.
pub(super) fn is_scalar(text: &[u8]) -> bool {
    matches!(text, b"true" | b"false" | b"null") || is_number(text)
}

fn is_number(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let Some((whole, rest)) = digits(text) else { return false };
    if whole.len() > 1 && whole.starts_with(b"0") {
        return false;
    }
    let rest = match rest.strip_prefix(b".").map(digits) {
        None => rest,
        Some(Some((_, rest))) => rest,
        Some(None) => return false,
    };
    let [b'e' | b'E', exponent @ ..] = rest else { return rest.is_empty() };
    let exponent = exponent.strip_prefix(b"+").or_else(|| exponent.strip_prefix(b"-")).unwrap_or(exponent);
    digits(exponent).is_some_and(|(_, rest)| rest.is_empty())
}

/// The digits at the front, if any, and what is behind them.
fn digits(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.split_at_checked(length).filter(|(digits, _)| !digits.is_empty())
}
