//! The binary form of `numeric`, as far as whole numbers need it: words of four decimal digits.

use bytes::{BufMut, BytesMut};

const WORD: i128 = 10_000;
const NEGATIVE: u16 = 0x4000;
/// 36 digits, which is within `i128`.
const WORDS_MAX: i16 = 9;

/// The value, where it is a whole number.
pub(crate) fn whole(value: &[u8]) -> Option<i128> {
    parts(value).filter(|(_, has_fraction)| !has_fraction).map(|(integer, _)| integer)
}

/// The greatest integer that is not above the value, and whether the value is more than that. `None` for NaN,
/// infinity and what is too large.
pub(crate) fn parts(value: &[u8]) -> Option<(i128, bool)> {
    let (head, words) = value.split_first_chunk::<8>()?;
    let half = |place: usize| head.get(place..)?.first_chunk().copied();
    let (weight, sign) = (i16::from_be_bytes(half(2)?), u16::from_be_bytes(half(4)?));
    if !matches!(sign, 0 | NEGATIVE) || weight >= WORDS_MAX {
        return None;
    }
    let words: Vec<i128> = words
        .chunks(2)
        .map(|it| i128::from(it.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte))))
        .collect();
    let whole = usize::try_from(i32::from(weight) + 1).unwrap_or(0);
    let integer = (0..whole).fold(0, |number, place| number * WORD + words.get(place).copied().unwrap_or(0));
    let has_fraction = words.iter().skip(whole).any(|word| *word != 0);
    let floor = if sign == NEGATIVE { -integer - i128::from(has_fraction) } else { integer };
    Some((floor, has_fraction))
}

/// Appends a whole number.
pub(crate) fn put(number: i128, out: &mut BytesMut) {
    let mut words = Vec::new();
    let mut rest = number.unsigned_abs();
    while rest > 0 {
        words.push(u16::try_from(rest % WORD.unsigned_abs()).unwrap_or(0));
        rest /= WORD.unsigned_abs();
    }
    let count = u16::try_from(words.len()).unwrap_or(0);
    out.put_u16(count);
    out.put_u16(count.saturating_sub(1));
    out.put_u16(if number < 0 { NEGATIVE } else { 0 });
    out.put_u16(0);
    for word in words.into_iter().rev() {
        out.put_u16(word);
    }
}
