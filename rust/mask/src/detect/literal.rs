//! Detectors in the text form of arrays, records and types that are not known.
//!
//! `PostgreSQL` writes `{a,"b \"c\""}` and `(1,"b ""c""")`. What is quoted is scanned without its escapes and
//! quoted again; what is not is scanned between the delimiters.

use bytes::BytesMut;

use super::rewriter::Rewriter;
use crate::array::put_quoted;

/// Appends the masked form of a literal, given what masks one element: it appends the element's masked form
/// and answers true, or does neither. Says how many elements changed; appends nothing if none did.
pub(super) fn rewrite(
    literal: &[u8],
    mut element: impl FnMut(&[u8], &mut BytesMut) -> bool,
    out: &mut BytesMut,
) -> u64 {
    let mut rewriter = Rewriter::new(literal, out);
    let mut masked = BytesMut::new();
    let mut offset = 0;
    while let Some(byte) = literal.get(offset) {
        let rest = literal.get(offset..).unwrap_or_default();
        if is_delimiter(*byte) {
            offset += 1;
            continue;
        }
        let quoted = *byte == b'"';
        let (length, content) = if quoted { read_quoted(rest) } else { read_bare(rest) };
        masked.clear();
        if element(&content, &mut masked) {
            rewriter.replace(offset..offset + length, |_, out| put_quoted(&masked, out));
        }
        offset += length;
    }
    rewriter.finish()
}

/// Whether a text looks like an array or a record.
pub(super) fn is_literal(text: &[u8]) -> bool {
    matches!(text.first(), Some(b'{' | b'(' | b'['))
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'{' | b'}' | b'(' | b')' | b',')
}

fn read_bare(text: &[u8]) -> (usize, Vec<u8>) {
    let length = text.iter().take_while(|byte| !is_delimiter(**byte) && **byte != b'"').count();
    (length, text.get(..length).unwrap_or_default().to_vec())
}

/// The length of a quoted element with its quotes, and its content. A quote is escaped by a backslash or
/// by another quote, and a backslash likewise.
fn read_quoted(text: &[u8]) -> (usize, Vec<u8>) {
    let mut content = Vec::new();
    let mut rest = text.get(1..).unwrap_or_default();
    loop {
        rest = match rest {
            [b'\\', escaped, tail @ ..] => {
                content.push(*escaped);
                tail
            }
            [b'"', b'"', tail @ ..] => {
                content.push(b'"');
                tail
            }
            [b'"', tail @ ..] => return (text.len() - tail.len(), content),
            [byte, tail @ ..] => {
                content.push(*byte);
                tail
            }
            [] => return (text.len(), content),
        }
    }
}
