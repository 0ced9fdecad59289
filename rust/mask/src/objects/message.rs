//! What a Status says in words, about objects that have masks.
//!
//! Errors of validation quote the value that is wrong (`Invalid value: "hunter2"`), and a test that a patch
//! makes of a masked field would be answered with it. So whatever is quoted goes, but the names that the agent
//! asked with; and where a message goes on to show values without quotes, it ends.

use bytes::BytesMut;
use memchr::memmem;

use super::Answer;

const REDACTED: &[u8] = b"[redacted]";
/// Values follow: those of maps and structs, what a webhook says in its own words, what did not decode.
const VALUES_FOLLOW: &[&[u8]] =
    &[b"map[", b"{", b"`", b"denied the request", b"denied request", b"failed expression", b"unmarshal"];
/// A value follows, in quotes as a rule.
const VALUE_FOLLOWS: &[u8] = b"alue: ";
/// What may stand behind a quotation that has really ended.
const BEHIND_QUOTATION: &[u8] = b" :,;.)]'";

/// Appends what is safe to show of a message.
pub(super) fn put_safe(answer: &Answer, message: &[u8], out: &mut BytesMut) {
    let end = VALUES_FOLLOW.iter().filter_map(|marker| memmem::find(message, marker)).min();
    let mut rest = message.get(..end.unwrap_or(message.len())).unwrap_or_default();
    let mut is_cut = end.is_some();
    while let Some(start) = memchr::memchr(b'"', rest) {
        let (before, quotation) = rest.split_at(start);
        out.extend_from_slice(unquoted(before, &mut is_cut));
        if before.len() > unquoted_length(before) {
            rest = &[];
            break;
        }
        let Some(length) = quotation_length(quotation) else {
            (rest, is_cut) = (&[], true);
            break;
        };
        let (quotation, behind) = quotation.split_at(length);
        put_quotation(answer, quotation, out);
        rest = behind;
        if rest.first().is_some_and(|byte| !BEHIND_QUOTATION.contains(byte)) {
            (rest, is_cut) = (&[], true);
            break;
        }
    }
    out.extend_from_slice(unquoted(rest, &mut is_cut));
    if is_cut {
        out.extend_from_slice(REDACTED);
    }
}

/// As much of a text without quotes as is safe: up to a value that has none.
fn unquoted<'a>(text: &'a [u8], is_cut: &mut bool) -> &'a [u8] {
    let safe = unquoted_length(text);
    *is_cut |= safe < text.len();
    text.get(..safe).unwrap_or(text)
}

fn unquoted_length(text: &[u8]) -> usize {
    let follows = memmem::find(text, VALUE_FOLLOWS).map(|at| at + VALUE_FOLLOWS.len());
    follows.unwrap_or(text.len())
}

/// The length of a quotation with its quotes, as Go's `%q` writes it; `None` if it does not end.
fn quotation_length(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// A name that the agent asked with is as it was.
fn put_quotation(answer: &Answer, quotation: &[u8], out: &mut BytesMut) {
    let inside = quotation.get(1..quotation.len() - 1).unwrap_or_default();
    let names = [&answer.name, &answer.namespace, &answer.resource, &answer.group];
    if names.into_iter().any(|name| name.as_bytes() == inside) {
        return out.extend_from_slice(quotation);
    }
    out.extend_from_slice(b"\"");
    out.extend_from_slice(REDACTED);
    out.extend_from_slice(b"\"");
}
