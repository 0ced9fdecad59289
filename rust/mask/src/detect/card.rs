//! Payment card numbers: ISO/IEC 7812, an issuer's prefix with the lengths it uses, and Luhn's check digit.

use super::candidate::{Candidate, Judged, Resume};

const WORDS: &[&str] = &["card", "visa", "maestro", "mastercard", "amex", "credit", "debit", "pan=", "pan:"];
/// Numbers shorter than this are taken for cards only where a name or a word says so.
const USUAL_DIGITS: usize = 13;
const DIGITS: std::ops::RangeInclusive<usize> = 12..=19;
/// How a number is grouped in print: all groups but the last are of 4 to 6 digits.
const GROUP_DIGITS: std::ops::RangeInclusive<usize> = 4..=6;

/// Twelve to nineteen digits, with a blank or a dash between any two.
pub(super) fn shape(text: &[u8]) -> Option<(usize, usize)> {
    let (mut digits, mut end) = (0, 0);
    let mut separated = true;
    for (offset, byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' if digits < *DIGITS.end() => {
                digits += 1;
                separated = false;
                end = offset + 1;
            }
            b' ' | b'-' if !separated => separated = true,
            _ => break,
        }
    }
    DIGITS.contains(&digits).then_some((end, 0))
}

pub(super) fn judge(candidate: &Candidate<'_>) -> Judged {
    let bytes = candidate.bytes();
    let start = candidate.span.start;
    let separator = bytes.iter().position(|byte| !byte.is_ascii_digit());
    let resume = Resume(separator.map_or(candidate.span.end, |offset| start + offset + 1));
    // A digit of a decimal fraction, or of something longer.
    if candidate.before(start) == Some(b'.') {
        return Err(resume);
    }
    // The longest reading first: what follows a card number is often a number too.
    let ends = std::iter::successors(Some(bytes.len()), |end| {
        bytes.get(..*end)?.iter().rposition(|byte| !byte.is_ascii_digit())
    });
    for end in ends {
        let span = start..start + end;
        let fraction = candidate.at(span.end) == Some(b'.')
            && candidate.at(span.end + 1).is_some_and(|byte| byte.is_ascii_digit());
        let read = bytes.get(..end).unwrap_or_default();
        if !fraction && candidate.is_whole(&span) && is_card(candidate, read) {
            return Ok(span);
        }
    }
    Err(resume)
}

fn is_card(candidate: &Candidate<'_>, read: &[u8]) -> bool {
    let mut digits = [0_u8; 19];
    let mut length = 0;
    for byte in read.iter().filter(|byte| byte.is_ascii_digit()) {
        let Some(slot) = digits.get_mut(length) else { return false };
        *slot = byte - b'0';
        length += 1;
    }
    let digits = digits.get(..length).unwrap_or_default();
    is_issued(digits)
        && is_grouped(read)
        && is_luhn(digits)
        && (length >= USUAL_DIGITS || candidate.expected || candidate.follows(WORDS))
}

/// One kind of separator or none, and groups as they are printed.
fn is_grouped(read: &[u8]) -> bool {
    let (mut separator, mut group) = (None, 0);
    for byte in read {
        if byte.is_ascii_digit() {
            group += 1;
        } else if separator.replace(byte).is_some_and(|before| before != byte)
            || !GROUP_DIGITS.contains(&std::mem::take(&mut group))
        {
            return false;
        }
    }
    true
}

/// Whether an issuer gives out numbers that start so and are so long.
fn is_issued(digits: &[u8]) -> bool {
    let prefix = digits.iter().take(4).fold(0_u32, |prefix, digit| prefix * 10 + u32::from(*digit));
    matches!(
        (prefix, digits.len()),
        // Visa; MasterCard; American Express and JCB.
        (4000..=4999, 13 | 16 | 19)
            | (5100..=5599 | 2221..=2720, 16)
            | (3400..=3499 | 3700..=3799 | 1800 | 2131, 15)
            // Discover; JCB, which has less of 35 today; UnionPay; Mir.
            | (6011 | 6440..=6599 | 3500..=3599 | 6200..=6299 | 2200..=2204, 16..=19)
            // Diners Club; Maestro.
            | (3000..=3059 | 3095 | 3600..=3699 | 3800..=3999, 14..=19)
            | (5000..=5099 | 5600..=5899 | 6300..=6399 | 6700..=6799, 12..=19)
    )
}

/// Luhn's check (ISO/IEC 7812-1, annex B).
fn is_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    // A row of zeroes passes, and is nobody's card.
    sum > 0 && matches!(sum % 10, 0)
}
