//! IP addresses, and the version numbers, clock times and hardware addresses that look like them.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::candidate::{Candidate, Judged};

pub(super) const IPV4_SHAPES: &[&str] = &[r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"];
pub(super) const IPV6_SHAPES: &[&str] = &[r"[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:\.[0-9]{1,3}){0,3}"];

const VERSION_WORDS: &[&str] = &["version", "release", "build", "firmware", "rev ", "rv:", " v", "oid"];
/// Bytes of a hardware address in EUI-64, each written with two digits.
const EUI64_BYTES: usize = 8;

pub(super) fn judge_ipv4(candidate: &Candidate<'_>) -> Judged {
    let is_address = parse::<Ipv4Addr>(candidate.bytes()).is_some();
    let goes_on = candidate.at(candidate.span.end) == Some(b'.')
        && candidate.at(candidate.span.end + 1).is_some_and(|byte| byte.is_ascii_digit());
    let dotted =
        candidate.before(candidate.span.start).is_some_and(|byte| matches!(byte, b'.' | b'-' | b'='));
    // `pip` pins versions with two equal signs; one of them is an assignment.
    let pinned = dotted
        && (candidate.before(candidate.span.start) != Some(b'=')
            || candidate.before(candidate.span.start.saturating_sub(1)) == Some(b'='));
    if !is_address || goes_on || pinned || candidate.follows(VERSION_WORDS) {
        return candidate.skip();
    }
    candidate.whole()
}

pub(super) fn judge_ipv6(candidate: &Candidate<'_>) -> Judged {
    let bytes = candidate.bytes();
    let before = candidate.before(candidate.span.start);
    if before == Some(b':') || is_eui64(bytes) {
        return candidate.skip();
    }
    // A sentence's colon or stop after the address is not part of it.
    let trimmed = bytes.iter().rposition(|byte| *byte != b'.').map_or(0, |last| last + 1);
    let ends = [trimmed, trimmed.saturating_sub(1)];
    for end in ends {
        let span = candidate.span.start..candidate.span.start + end;
        let is_address = parse::<Ipv6Addr>(candidate.part(span.clone())).is_some_and(|it| is_allocated(&it));
        if is_address && candidate.is_whole(&span) {
            return Ok(span);
        }
    }
    candidate.skip()
}

fn parse<A: std::str::FromStr>(bytes: &[u8]) -> Option<A> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

fn is_eui64(bytes: &[u8]) -> bool {
    let groups = bytes.split(|byte| *byte == b':');
    groups.clone().count() == EUI64_BYTES && groups.into_iter().all(|group| group.len() == 2)
}

/// Global unicast, unique local, link local, multicast and NAT64 (IANA's registry): `abc::def` is a name.
fn is_allocated(address: &Ipv6Addr) -> bool {
    matches!(
        address.segments().first(),
        Some(0x2000..=0x3fff | 0xfc00..=0xfdff | 0xfe80..=0xfebf | 0xff00.. | 0x64)
    )
}
