//! United States social security numbers, by the Social Security Administration's rules of assignment.

use super::candidate::{Candidate, Judged};

pub(super) const SHAPES: &[&str] =
    &["[0-9]{3}-[0-9]{2}-[0-9]{4}", "[0-9]{3}[ .][0-9]{2}[ .][0-9]{4}", "[0-9]{9}"];

const DASHED: usize = 0;
const WORDS: &[&str] = &["ssn", "social security", "soc sec", "social-security", "ss#"];

pub(super) fn judge(candidate: &Candidate<'_>) -> Judged {
    let told = candidate.shape == DASHED || candidate.expected || candidate.follows(WORDS);
    // Longer numbers, and dates that go on with another group.
    let grouped =
        [candidate.before(candidate.span.start), candidate.at(candidate.span.end)].contains(&Some(b'-'));
    if told && !grouped && is_assigned(candidate.bytes()) { candidate.whole() } else { candidate.skip() }
}

/// Area 000, 666 and 900 to 999, group 00 and serial 0000 have never been assigned.
fn is_assigned(bytes: &[u8]) -> bool {
    let digits: Vec<u8> = bytes.iter().copied().filter(u8::is_ascii_digit).collect();
    let (area, rest) = digits.split_at(digits.len().min(3));
    let (group, serial) = rest.split_at(rest.len().min(2));
    area != b"000" && area != b"666" && !area.starts_with(b"9") && group != b"00" && serial != b"0000"
}
