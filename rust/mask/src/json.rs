//! Strings of JSON (RFC 8259): where they end, what they say, how they are written.

use bytes::{BufMut, BytesMut};

/// A string as it stands at the start of a text.
pub(crate) struct Quoted<'a> {
    /// Its length with its quotes.
    pub(crate) length: usize,
    /// What is between them, escapes and all.
    pub(crate) content: &'a [u8],
    /// Whether it has its second quote; without, it goes to the end of the text.
    pub(crate) closed: bool,
}

/// The string that a text starts with.
pub(crate) fn quoted(text: &[u8]) -> Quoted<'_> {
    let mut offset = 1;
    while let Some(found) = memchr::memchr2(b'"', b'\\', text.get(offset..).unwrap_or_default()) {
        offset += found;
        if text.get(offset) == Some(&b'"') {
            let content = text.get(1..offset).unwrap_or_default();
            return Quoted { length: offset + 1, content, closed: true };
        }
        offset += 2;
    }
    Quoted { length: text.len(), content: text.get(1..).unwrap_or_default(), closed: false }
}

/// The content of a string; borrowed where it has no escape.
pub(crate) fn unescape(content: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    if memchr::memchr(b'\\', content).is_none() {
        return content.into();
    }
    let mut plain = Vec::with_capacity(content.len());
    let mut rest = content;
    loop {
        rest = match rest {
            [] => return plain.into(),
            [b'\\', b'u', tail @ ..] => unescape_unit(tail, &mut plain),
            [b'\\', escaped, tail @ ..] => {
                plain.push(match escaped {
                    b'b' => 8,
                    b'f' => 12,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    other => *other,
                });
                tail
            }
            [byte, tail @ ..] => {
                plain.push(*byte);
                tail
            }
        }
    }
}

/// Reads the four digits of a `\u` escape, and of a second one that a first half of a pair needs.
fn unescape_unit<'a>(digits: &'a [u8], plain: &mut Vec<u8>) -> &'a [u8] {
    let Some((first, rest)) = read_unit(digits) else { return digits };
    let second = rest.strip_prefix(b"\\u").and_then(read_unit);
    let (units, rest) = match second {
        Some((second, rest)) if (0xd800..0xdc00).contains(&first) => (vec![first, second], rest),
        _ => (vec![first], rest),
    };
    plain.extend_from_slice(String::from_utf16_lossy(&units).as_bytes());
    rest
}

fn read_unit(digits: &[u8]) -> Option<(u16, &[u8])> {
    let (four, rest) = digits.split_at_checked(4)?;
    Some((u16::from_str_radix(std::str::from_utf8(four).ok()?, 16).ok()?, rest))
}

/// Appends a string with its quotes, escaped as RFC 8259 asks.
pub(crate) fn put_string(content: &[u8], out: &mut BytesMut) {
    out.put_u8(b'"');
    for byte in content {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            0..=0x1f => {
                let digit = |four: u8| char::from_digit(u32::from(four), 16).map_or(b'0', |it| it as u8);
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
            }
            _ => out.put_u8(*byte),
        }
    }
    out.put_u8(b'"');
}
