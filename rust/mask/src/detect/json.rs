//! Detectors in JSON: they see strings without their escapes, keys as names, and numbers as digits.
//!
//! What goes out is JSON if what came in was: a find in a string stays inside its quotes, and a number that
//! is one becomes a string.

use bytes::BytesMut;

use super::rewriter::Rewriter;
use super::{Detectors, Hints, Scanned};
use crate::json::{Quoted, put_string, quoted, unescape};

/// Appends the masked form of a JSON text, unless there is nothing to mask or it is to be NULL.
pub(super) fn rewrite(detectors: &Detectors, json: &[u8], column: Hints, out: &mut BytesMut) -> Scanned {
    let mut rewriter = Rewriter::new(json, out);
    let mut hints = column;
    let mut null = false;
    let mut offset = 0;
    while let Some(byte) = json.get(offset) {
        let rest = json.get(offset..).unwrap_or_default();
        match byte {
            b'"' => {
                let Quoted { length, content, .. } = quoted(rest);
                let content = unescape(content);
                let found = detectors.find(&content, hints);
                if !found.is_empty() {
                    null |= detectors.makes_null(&found);
                    let mut masked = BytesMut::with_capacity(length);
                    detectors.put(&content, found, &mut masked);
                    rewriter.replace(offset..offset + length, |_, out| put_string(&masked, out));
                }
                offset += length;
                if is_key(json.get(offset..).unwrap_or_default()) {
                    hints = Hints::of_name(&content);
                }
            }
            b'0'..=b'9' => {
                let length = rest.iter().take_while(|byte| is_number(**byte)).count();
                let digits = rest.get(..length).unwrap_or_default();
                let found = detectors.find(digits, hints);
                if !found.is_empty() {
                    null |= detectors.makes_null(&found);
                    let mut masked = BytesMut::with_capacity(length);
                    detectors.put(digits, found, &mut masked);
                    // A minus sign before the number would stay outside of the string.
                    let start =
                        if offset > 0 && json.get(offset - 1) == Some(&b'-') { offset - 1 } else { offset };
                    rewriter.replace(start..offset + length, |_, out| put_string(&masked, out));
                }
                offset += length;
            }
            _ => offset += 1,
        }
    }
    match (null, rewriter.finish()) {
        (true, _) => Scanned::Null,
        (false, 0) => Scanned::Clean,
        (false, _) => Scanned::Value,
    }
}

/// Whether a text that looks like a literal is JSON: a list, or an object that begins with a key.
pub(super) fn is_json(text: &[u8]) -> bool {
    let inside = text.get(1..).unwrap_or_default().trim_ascii_start();
    match text.first() {
        Some(b'[') => matches!(inside.first(), Some(b'"' | b'{' | b'[' | b']')),
        Some(b'{') => {
            inside.first() == Some(&b'"') && is_key(inside.get(quoted(inside).length..).unwrap_or_default())
        }
        _ => false,
    }
}

fn is_key(rest: &[u8]) -> bool {
    rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

fn is_number(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-')
}
