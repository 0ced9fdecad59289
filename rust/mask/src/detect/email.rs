//! Email addresses as they are used (not all that RFC 5322 allows), internationalised ones too.

use super::candidate::{Candidate, Judged};

pub(super) const SHAPES: &[&str] = &[
    r"[A-Za-z0-9._%+'\x80-\xff-]+@(?:[A-Za-z0-9\x80-\xff](?:[A-Za-z0-9\x80-\xff-]*[A-Za-z0-9\x80-\xff])?\.)+[A-Za-z\x80-\xff]{2,63}",
];

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
