//! Tokens that name their kind themselves: JSON Web Tokens, GitHub's and Slack's.

use memchr::memmem;

use super::candidate::{Candidate, Judged, Resume};

/// JWS has three parts, JWE five (RFC 7515, RFC 7516).
pub(super) const JWT_SHAPES: &[&str] = &[r"eyJ[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){2,4}"];
pub(super) const GITHUB_SHAPES: &[&str] =
    &["gh[pousr]_[A-Za-z0-9]{36}", "github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"];
pub(super) const SLACK_SHAPES: &[&str] = &[
    "xox[abeoprs]-(?:[0-9A-Za-z]+-){1,4}[0-9A-Za-z]{10,}",
    "xapp-[0-9]-[A-Z0-9]+-[0-9]+-[0-9a-f]{32,}",
    r"hooks\.slack\.com/services/T[A-Za-z0-9_]+/B[A-Za-z0-9_]+/[A-Za-z0-9_]+",
];

const CLASSIC: usize = 0;
const GITHUB_PREFIX_BYTES: usize = 4;
const GITHUB_CHECKSUM_DIGITS: usize = 6;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

pub(super) fn judge_jwt(candidate: &Candidate<'_>) -> Judged {
    let bytes = candidate.bytes();
    let header = bytes.split(|byte| *byte == b'.').next().unwrap_or_default();
    let is_header = decode_base64url(header).is_some_and(|json| {
        json.starts_with(b"{") && json.ends_with(b"}") && memmem::find(&json, b"\"alg\"").is_some()
    });
    if is_header {
        let stopped = bytes.len() - bytes.iter().rev().take_while(|byte| **byte == b'.').count();
        return Ok(candidate.span.start..candidate.span.start + stopped);
    }
    Err(Resume(candidate.span.start + header.len() + 1))
}

/// A classic token ends in the CRC-32 of what is between prefix and checksum, in base 62.
pub(super) fn judge_github(candidate: &Candidate<'_>) -> Judged {
    if candidate.shape != CLASSIC || is_github_checksum(candidate.bytes()) {
        return candidate.whole();
    }
    candidate.skip()
}

#[expect(clippy::unnecessary_wraps, reason = "as the other judges")]
pub(super) fn judge_slack(candidate: &Candidate<'_>) -> Judged {
    Ok(candidate.span.clone())
}

fn is_github_checksum(token: &[u8]) -> bool {
    let Some(body) = token.get(GITHUB_PREFIX_BYTES..) else { return false };
    let Some((random, checksum)) = body.split_last_chunk::<GITHUB_CHECKSUM_DIGITS>() else { return false };
    let mut rest = crc32(random);
    checksum.iter().rev().all(|digit| {
        let expected = usize::try_from(rest % 62).ok().and_then(|index| BASE62.get(index));
        rest /= 62;
        expected == Some(digit)
    })
}

/// CRC-32 as in IEEE 802.3, bit by bit: tokens are short and rare.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| {
                if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
            },
        )
    })
}

/// Base64 with the URL's alphabet and without padding (RFC 4648, section 5); `None` for other characters.
fn decode_base64url(text: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            decoded.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(decoded)
}
