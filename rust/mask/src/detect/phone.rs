//! Telephone numbers as ITU-T E.164 writes them: a plus sign, a country code that is assigned, 15 digits at most.
//!
//! Numbers in national form look like any other number, so they are left to masks that name their column.

use std::ops::RangeInclusive;

use super::candidate::{Candidate, Judged, is_word};

pub(super) const SHAPES: &[&str] = &[r"\+[1-9](?:[ .()/-]{0,2}[0-9]){6,14}"];

const DIGITS: RangeInclusive<usize> = 8..=15;
/// Country code 1 has ten digits after it, and no area starts with 0 or 1.
const NORTH_AMERICAN_DIGITS: usize = 11;
/// First two digits under which codes have three.
const THREE_DIGIT_ZONES: [u16; 23] =
    [21, 22, 23, 24, 25, 26, 29, 35, 37, 38, 42, 50, 59, 67, 68, 69, 80, 85, 87, 88, 96, 97, 99];
/// Three-digit codes of those zones that no country or service has.
const UNASSIGNED: [u16; 38] = [
    210, 214, 215, 217, 219, 259, 292, 293, 294, 295, 296, 384, 388, 422, 424, 425, 426, 427, 428, 429, 671,
    684, 693, 694, 695, 696, 697, 698, 699, 851, 854, 857, 858, 859, 969, 978, 991, 999,
];
const TWO_DIGIT_CODES: [u16; 44] = [
    20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57, 58,
    60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
];

pub(super) fn judge(candidate: &Candidate<'_>) -> Judged {
    let start = candidate.span.start;
    if candidate.before(start).is_some_and(|byte| is_word(byte) || byte == b'+') {
        return candidate.skip();
    }
    // What follows a number may be a number too: the longest reading that can be one.
    let bytes = candidate.bytes();
    let ends = std::iter::successors(Some(bytes.len()), |end| {
        let separated = bytes.get(..*end)?.iter().rposition(|byte| !byte.is_ascii_digit())?;
        bytes.get(..separated)?.iter().rposition(u8::is_ascii_digit).map(|digit| digit + 1)
    });
    for end in ends {
        let goes_on = candidate.at(start + end).is_some_and(is_word);
        if !goes_on && is_number(bytes.get(..end).unwrap_or_default()) {
            return Ok(start..start + end);
        }
    }
    candidate.skip()
}

fn is_number(read: &[u8]) -> bool {
    let digits: Vec<u16> =
        read.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| (byte - b'0').into()).collect();
    match digits.as_slice() {
        [1, area, ..] => digits.len() == NORTH_AMERICAN_DIGITS && *area > 1,
        [7, ..] => digits.len() == NORTH_AMERICAN_DIGITS,
        [first, second, third, ..] => {
            let zone = first * 10 + second;
            let is_assigned = TWO_DIGIT_CODES.contains(&zone)
                || (THREE_DIGIT_ZONES.contains(&zone) && !UNASSIGNED.contains(&(zone * 10 + third)));
            is_assigned && DIGITS.contains(&digits.len())
        }
        _ => false,
    }
}
