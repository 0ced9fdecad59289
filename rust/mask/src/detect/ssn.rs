//! United States social security numbers, by the Social Security Administration's rules of assignment.

use super::candidate::{Candidate, Judged};

const DASHED: usize = 0;
const OTHER: usize = 1;
const WORDS: &[&str] = &["ssn", "social security", "soc sec", "social-security", "ss#"];

/// Three, two and four digits, with dashes, blanks or full stops between them or nothing.
pub(super) fn shape(text: &[u8]) -> Option<(usize, usize)> {
    let digits = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit);
    if text.get(..9).is_some_and(digits) {
        return Some((9, OTHER));
    }
    let (area, [first, group @ .., second], serial) = (text.get(..3)?, text.get(3..7)?, text.get(7..11)?)
    else {
        return None;
    };
    let is_shaped = digits(area) && digits(group) && digits(serial) && first == second;
    match first {
        b'-' if is_shaped => Some((11, DASHED)),
        b' ' | b'.' if is_shaped => Some((11, OTHER)),
        _ => None,
    }
}

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
