//! IBAN: ISO 13616, the length of its country and the check digits of ISO 7064 MOD 97-10.

use super::candidate::{Candidate, Judged, Resume};

/// The SWIFT registry's countries with the length of their IBANs.
const LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HN", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];

/// A country, check digits and what may be the rest, with a blank between any two characters of it.
pub(super) fn shape(text: &[u8]) -> Option<(usize, usize)> {
    let [b'A'..=b'Z', b'A'..=b'Z', b'0'..=b'9', b'0'..=b'9', rest @ ..] = text else { return None };
    let mut blank = false;
    let length = rest
        .iter()
        .take_while(|byte| {
            let before = std::mem::replace(&mut blank, **byte == b' ');
            matches!(byte, b'A'..=b'Z' | b'0'..=b'9') || (blank && !before)
        })
        .count();
    Some((length + 4, 0))
}

pub(super) fn judge(candidate: &Candidate<'_>) -> Judged {
    let start = candidate.span.start;
    let Some(length) = country_length(candidate.bytes()) else { return Err(Resume(start + 1)) };
    // The shape takes words that follow as well: an IBAN ends where its country says.
    let last = candidate.bytes().iter().enumerate().filter(|(_, byte)| **byte != b' ').nth(length - 1);
    let Some((last, _)) = last else { return Err(Resume(start + 1)) };
    let span = start..start + last + 1;
    if candidate.is_whole(&span) && remainder(candidate.part(span.clone())) == 1 {
        return Ok(span);
    }
    Err(Resume(start + 1))
}

/// Whether a text is the front of an IBAN that may go on behind a blank.
pub(super) fn is_live(text: &[u8]) -> bool {
    let characters = || text.iter().filter(|byte| **byte != b' ');
    let is_front = shape(text).is_some_and(|(length, _)| length == text.len());
    is_front && country_length(text).is_some_and(|length| characters().count() < length)
}

fn country_length(bytes: &[u8]) -> Option<usize> {
    let country = bytes.first_chunk()?;
    LENGTHS.iter().find(|(code, _)| *code == country).map(|(_, length)| *length)
}

/// The number modulo 97, its first four characters moved to the end, letters counting from 10.
fn remainder(iban: &[u8]) -> u32 {
    let (head, tail) = iban.split_at(iban.len().min(4));
    tail.iter().chain(head).filter(|byte| **byte != b' ').fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte.wrapping_sub(b'A')) + 10) % 97,
    })
}
