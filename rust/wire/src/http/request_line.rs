//! The first line of a request (RFC 9112, section 3).

use super::{field::is_token, limits::HttpLimits, refused::Refused};

/// The versions that are spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// Knows no chunked bodies and needs no Host.
    Http10,
    /// RFC 9112.
    Http11,
}

/// Bytes besides the target that a request line may have: a method, two spaces and a version.
const REST_BYTES_MAX: usize = 64;

/// The most bytes that a request line may have.
pub(super) fn bytes_max(limits: &HttpLimits) -> usize {
    limits.target_bytes_max.saturating_add(REST_BYTES_MAX)
}

/// A request line that is too long.
pub(super) const TOO_LONG: Refused = Refused { code: 414, what: "the path and query are too long" };

/// Checks a request line without its end.
pub(super) fn check(line: &[u8], limits: &HttpLimits) -> Result<Version, Refused> {
    let mut words = line.split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Refused::malformed("the first line is not a method, a target and a version"));
    };
    if !is_token(method) {
        return Err(Refused::malformed("the method is no token"));
    }
    if target.len() > limits.target_bytes_max {
        return Err(TOO_LONG);
    }
    // Leaves out the absolute form, the authority form of CONNECT, and the asterisk of OPTIONS.
    if target.first() != Some(&b'/') {
        return Err(Refused::malformed("the target is not a path"));
    }
    if method == b"CONNECT" {
        return Err(Refused::malformed("CONNECT is for proxies"));
    }
    if !target.iter().all(u8::is_ascii_graphic) {
        return Err(Refused::malformed("the target has more than printable ASCII"));
    }
    match version {
        b"HTTP/1.1" => Ok(Version::Http11),
        b"HTTP/1.0" => Ok(Version::Http10),
        _ => Err(Refused::malformed("the version is not HTTP/1.1")),
    }
}
