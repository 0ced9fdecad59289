//! Email addresses as they are used (not all that RFC 5322 allows), internationalised ones too.

use std::ops::Range;

use super::candidate::{Candidate, Judged};

/// What is looked for first.
pub(super) const SIGN: u8 = b'@';
/// The length of a domain's last label (RFC 1035).
const LAST_LABEL_BYTES: std::ops::RangeInclusive<usize> = 2..=63;

/// The address around an at sign that begins at `from` or later.
pub(super) fn around(text: &[u8], sign: usize, from: usize) -> Option<Range<usize>> {
    let local = text.get(from..sign)?.iter().rev().take_while(|byte| is_local(**byte)).count();
    let domain = text.get(sign + 1..)?;
    let end = domain_end(domain)?;
    (local > 0).then(|| sign - local..sign + 1 + end)
}

/// The end of the longest domain at the front of a text: labels with stops between them, the last one of letters.
fn domain_end(text: &[u8]) -> Option<usize> {
    let (mut start, mut end) = (0, None);
    loop {
        let rest = text.get(start..)?;
        let label =
            rest.iter().take_while(|byte| is_letter(**byte) || matches!(byte, b'0'..=b'9' | b'-')).count();
        if start > 0 {
            let letters =
                rest.iter().take_while(|byte| is_letter(**byte)).count().min(*LAST_LABEL_BYTES.end());
            end = if LAST_LABEL_BYTES.contains(&letters) { Some(start + letters) } else { end };
        }
        let hyphens = |at: Option<&u8>| at == Some(&b'-');
        let is_label = label > 0 && !hyphens(rest.first()) && !hyphens(rest.get(label - 1));
        if !is_label || rest.get(label) != Some(&b'.') {
            return end;
        }
        start += label + 1;
    }
}

fn is_local(byte: u8) -> bool {
    is_letter(byte) || matches!(byte, b'0'..=b'9' | b'.' | b'_' | b'%' | b'+' | b'\'' | b'-')
}

/// A letter of ASCII, or a byte of any other.
fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || !byte.is_ascii()
}

/// Endings of file names that are written with an at sign: `icon@2x.png`.
const FILE_ENDINGS: &[&[u8]] =
    &[b"png", b"jpg", b"jpeg", b"gif", b"svg", b"webp", b"css", b"js", b"ts", b"json"];

pub(super) fn judge(candidate: &Candidate<'_>) -> Judged {
    let bytes = candidate.bytes();
    let ending = bytes.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    let is_file = FILE_ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known));
    // `git@github.com:owner/name` is a place; `//user:password@host` has a detector of its own.
    let is_remote = bytes.starts_with(b"git@") && candidate.at(candidate.span.end) == Some(b':');
    if is_file || is_remote || is_in_authority(candidate) {
        return candidate.skip();
    }
    Ok(candidate.span.clone())
}

/// Whether the local part belongs to a URL's `user:password`.
fn is_in_authority(candidate: &Candidate<'_>) -> bool {
    let before = candidate.part(0..candidate.span.start);
    let word = before.rsplit(u8::is_ascii_whitespace).next().unwrap_or_default();
    memchr::memmem::rfind(word, b"://").and_then(|at| word.get(at + 3..)).is_some_and(|authority| {
        authority.iter().all(|byte| !matches!(byte, b'/' | b'?' | b'#')) && authority.contains(&b':')
    })
}
