//! Keys of Azure and AWS.

use super::candidate::{Candidate, Judged};
use super::entropy::bits_per_byte;

pub(super) const AZURE_SHAPES: &[&str] = &[
    // A storage account's key: 64 bytes in base64, with its name or without.
    "[A-Za-z0-9+/]{86}==",
    // A client secret of Entra: its 4th to 6th characters are `7Q~` or `8Q~`.
    r"[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}",
    // A shared access signature: 32 bytes in base64, as a URL writes them.
    "[?&;]sig=[A-Za-z0-9%+/]{43,}(?:=|%3[Dd])",
];
pub(super) const AWS_SHAPES: &[&str] = &[
    "(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",
    r"(?i:secret_?-?access_?-?key|aws_?secret)[^A-Za-z0-9+/\r\n]{1,10}[A-Za-z0-9+/]{40}",
];

const STORAGE_KEY: usize = 0;
const SIGNATURE: usize = 2;
const SIGNATURE_NAME_BYTES: usize = 5;
const AWS_NAMED_SECRET: usize = 1;
const AWS_SECRET_BYTES: usize = 40;
/// Below this, a text is a word or a pattern and not a key.
const KEY_BITS_PER_BYTE: f64 = 3.0;

pub(super) fn judge_azure(candidate: &Candidate<'_>) -> Judged {
    let (start, end) = (candidate.span.start, candidate.span.end);
    if candidate.shape == SIGNATURE {
        return Ok(start + SIGNATURE_NAME_BYTES..end);
    }
    let before = candidate.before(start);
    // `sha512-…==` is the digest of a package, as package managers pin it.
    let part_of_longer =
        before.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'*' | b'-'));
    let random = bits_per_byte(candidate.bytes()) >= KEY_BITS_PER_BYTE;
    if part_of_longer || !random || (candidate.shape == STORAGE_KEY && candidate.at(end) == Some(b'=')) {
        return candidate.skip();
    }
    Ok(start..end)
}

pub(super) fn judge_aws(candidate: &Candidate<'_>) -> Judged {
    let mut span = candidate.span.clone();
    if candidate.shape == AWS_NAMED_SECRET {
        span.start = span.end.saturating_sub(AWS_SECRET_BYTES);
    }
    let whole = candidate.is_whole(&span) && !matches!(candidate.at(span.end), Some(b'/' | b'+' | b'='));
    if whole && bits_per_byte(candidate.part(span.clone())) >= KEY_BITS_PER_BYTE {
        Ok(span)
    } else {
        candidate.skip()
    }
}
