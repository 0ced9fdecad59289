//! Looking for bytes in the fields of COPY data, eight bytes at a time.
//!
//! A field is short as a rule, and then the call of a vectorised search costs more than the search. So the first
//! bytes are looked at here, as words of 64 bits, and only what is longer is left to `memchr`.

use std::num::NonZeroU64;

use memchr::{memchr, memchr2};

/// So far is looked here.
const NEAR_BYTES: usize = 32;
const LOW_BITS: u64 = u64::MAX / 255;
const HIGH_BITS: u64 = LOW_BITS << 7;

/// Where one of two bytes comes first.
pub(super) fn find_either(a: u8, b: u8, bytes: &[u8]) -> Option<usize> {
    let (near, far) = bytes.split_at(bytes.len().min(NEAR_BYTES));
    let found = find(near, |word| equal(word, a) | equal(word, b));
    if found.is_some() || far.is_empty() {
        return found;
    }
    memchr2(a, b, far).map(|at| near.len() + at)
}

/// Whether a byte is among some.
pub(super) fn contains(byte: u8, bytes: &[u8]) -> bool {
    let (near, far) = bytes.split_at(bytes.len().min(NEAR_BYTES));
    let is_near = find(near, |word| equal(word, byte)).is_some();
    is_near || (!far.is_empty() && memchr(byte, far).is_some())
}

/// Where the first byte is that `matches` tells in a word: by the high bit of that byte, and of bytes behind it
/// by chance.
pub(super) fn find(bytes: &[u8], matches: impl Fn(u64) -> u64) -> Option<usize> {
    let place = |found: NonZeroU64| found.trailing_zeros() as usize / 8;
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        if let Some(found) = NonZeroU64::new(matches(u64::from_le_bytes(*word))) {
            return Some(index * 8 + place(found));
        }
    }
    if rest.is_empty() {
        return None;
    }
    // The last word lies over the one before it, in which nothing was found.
    let (last, start) = match bytes.last_chunk::<8>() {
        Some(word) => (u64::from_le_bytes(*word), bytes.len() - 8),
        None => (rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)), 0),
    };
    NonZeroU64::new(matches(last)).map(|found| start + place(found)).filter(|place| *place < bytes.len())
}

/// The bytes of `word` that are `byte`, as [`find`] asks.
pub(super) fn equal(word: u64, byte: u8) -> u64 {
    below(word ^ (LOW_BITS * u64::from(byte)), 1)
}

/// The bytes of `word` that are below `bound`, which is at most 128, as [`find`] asks.
pub(super) fn below(word: u64, bound: u8) -> u64 {
    word.wrapping_sub(LOW_BITS * u64::from(bound)) & !word & HIGH_BITS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// Bytes among which those that are looked for are frequent, and their neighbours.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            6 => Just(b'a'),
            1 => prop::sample::select(&b"\t\\\n\x08\x1f !,\"\x00\x80\xff\x89\xdc"[..]),
        ];
        vec(byte, 0..90)
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_a_walk_over_the_bytes_finds(bytes in bytes()) {
            let first = |is: fn(&u8) -> bool| bytes.iter().position(is);
            prop_assert_eq!(find_either(b'\t', b'\\', &bytes), first(|byte| b"\t\\".contains(byte)));
            prop_assert_eq!(find(&bytes, |word| equal(word, b',')), first(|byte| *byte == b','));
            prop_assert_eq!(find(&bytes, |word| below(word, b' ')), first(|byte| *byte < b' '));
            prop_assert_eq!(contains(b'"', &bytes), bytes.contains(&b'"'));
        }
    }
}
