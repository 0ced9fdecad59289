//! Credentials that are told by what stands before them: PEM's armour, a URL's user, a key's name.

use std::ops::Range;

use memchr::memmem;

use super::candidate::{Candidate, Judged};
use super::entropy::bits_per_byte;

pub(super) const PRIVATE_KEY_SHAPES: &[&str] = &["-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"];
pub(super) const CONNECTION_SHAPES: &[&str] = &[
    r#"[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s:/?#@"'<>]{0,256}:[^\s/?#"'<>]{1,256}@"#,
    r#"(?i:password|passwd|pwd)=(?:'[^'\r\n]{1,256}'|"[^"\r\n]{1,256}"|[^\s;,&"'<>)}\]]{1,256})"#,
];
pub(super) const SECRET_SHAPES: &[&str] = &[
    r#"(?i:passw(?:or)?d|passphrase|secret|token|api[_-]?key|apikey|access[_-]?key|private[_-]?key|credential|authorization|bearer)[A-Za-z0-9_-]{0,32}["']?(?:[ \t]{0,3}(?::=|=>|[:=])[ \t]{0,3}|[ \t]+)(?i:bearer[ \t]|basic[ \t])?["']?[A-Za-z0-9+/=_.~!@#$%^&*-]{6,512}"#,
];

const END: &[u8] = b"-----END ";
const ARMOUR: &[u8] = b"-----";
const URL: usize = 0;
/// A text that mixes kinds of characters and is this random is no word. A short one mixes three kinds.
const SECRET_BYTES_MIN: usize = 12;
const LONG_SECRET_BYTES: usize = 16;
const SECRET_BITS_PER_BYTE: f64 = 3.0;
/// A password is shorter, and the name beside it speaks louder.
const PASSWORD_BYTES_MIN: usize = 6;

/// From the armour's first line to its last; without one, to the end of the text.
#[expect(clippy::unnecessary_wraps, reason = "as the other judges")]
pub(super) fn judge_private_key(candidate: &Candidate<'_>) -> Judged {
    let body = candidate.part(candidate.span.end..candidate.text.len());
    Ok(candidate.span.start..candidate.span.end + private_key_end(body).unwrap_or(body.len()))
}

/// The offset behind the armour's last line.
pub(super) fn private_key_end(body: &[u8]) -> Option<usize> {
    let label = memmem::find(body, END)? + END.len();
    let rest = body.get(label..)?;
    Some(label + memmem::find(rest, ARMOUR)? + ARMOUR.len())
}

pub(super) fn judge_connection(candidate: &Candidate<'_>) -> Judged {
    let span = if candidate.shape == URL { url_password(candidate) } else { named_password(candidate) };
    let password = candidate.part(span.clone());
    if password.is_empty() || is_placeholder(password) { candidate.skip() } else { Ok(span) }
}

fn url_password(candidate: &Candidate<'_>) -> Range<usize> {
    let authority = memmem::find(candidate.bytes(), b"://").map_or(0, |offset| offset + 3);
    let colon = memchr::memchr(b':', candidate.bytes().get(authority..).unwrap_or_default());
    candidate.span.start + authority + colon.map_or(0, |colon| colon + 1)
        ..candidate.span.end.saturating_sub(1)
}

fn named_password(candidate: &Candidate<'_>) -> Range<usize> {
    let equals = memchr::memchr(b'=', candidate.bytes()).map_or(0, |offset| offset + 1);
    unquoted(candidate, candidate.span.start + equals..candidate.span.end)
}

fn unquoted(candidate: &Candidate<'_>, span: Range<usize>) -> Range<usize> {
    match candidate.part(span.clone()) {
        [b'\'', .., b'\''] | [b'"', .., b'"'] => span.start + 1..span.end - 1,
        _ => span,
    }
}

pub(super) fn judge_secret(candidate: &Candidate<'_>) -> Judged {
    let bytes = candidate.bytes();
    let is_value = |byte: &u8| !matches!(byte, b'"' | b'\'' | b' ' | b'\t');
    let start = bytes.iter().rposition(|byte| !is_value(byte)).map_or(0, |last| last + 1);
    // Without a quote or a blank before it, the value starts behind the name's equal sign or colon.
    let start =
        if start == 0 { separator(bytes).unwrap_or(0) } else { start.max(separator(bytes).unwrap_or(0)) };
    let span = candidate.span.start + start..candidate.span.end;
    let value = candidate.part(span.clone());
    let separated = separator(bytes).is_some_and(|offset| offset <= start);
    let name = bytes.get(..start).unwrap_or_default().to_ascii_lowercase();
    let is_secret =
        if name.starts_with(b"pass") && separated { is_password(value) } else { is_random(value) };
    if is_secret { Ok(span) } else { candidate.skip() }
}

/// The offset behind the first colon or equal sign, or behind the arrow.
fn separator(bytes: &[u8]) -> Option<usize> {
    let offset = memchr::memchr2(b':', b'=', bytes)?;
    Some(if matches!(bytes.get(offset + 1), Some(b'=' | b'>')) { offset + 2 } else { offset + 1 })
}

/// Whether a text by itself is random enough to be a secret: what a column or a key with a telling name holds.
pub(super) fn is_random(value: &[u8]) -> bool {
    value.len() >= SECRET_BYTES_MIN
        && kinds(value) >= if value.len() < LONG_SECRET_BYTES { 3 } else { 2 }
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().all(u8::is_ascii_graphic)
        && bits_per_byte(value) >= SECRET_BITS_PER_BYTE
        && !is_placeholder(value)
}

fn is_password(value: &[u8]) -> bool {
    value.len() >= PASSWORD_BYTES_MIN && kinds(value) >= 2 && !is_placeholder(value)
}

/// How many of lower case, upper case, digits and other characters occur.
fn kinds(value: &[u8]) -> usize {
    let kinds: [fn(&u8) -> bool; 4] =
        [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit, u8::is_ascii_punctuation];
    kinds.into_iter().filter(|kind| value.iter().any(kind)).count()
}

/// Whether a value stands for another: a variable, a parameter, what a mask has put there.
fn is_placeholder(value: &[u8]) -> bool {
    let masked = value.starts_with(b"msk_") || value.starts_with(b"[redacted");
    let variable = value.starts_with(b"$")
        || value.starts_with(b"%")
        || value.starts_with(b"{")
        || value.starts_with(b"<");
    masked || variable
}
