//! Whether a text could hold one of many long literals, at a glance: most texts could not.
//!
//! Whatever is at least six bytes long holds, wherever it begins, a whole run of four bytes at one of every three
//! offsets of the text. So a third of the offsets are looked up, and false alarms are all that can go wrong.

use super::known::VALUE_BYTES_MIN;

const GRAM_BYTES: usize = 4;
/// Between the offsets that are looked up.
const STRIDE: usize = VALUE_BYTES_MIN - GRAM_BYTES + 1;
/// 32 KiB of bits: ten thousand forms set an eighth of them.
const BITS: u32 = 18;
/// Spreads four bytes over the upper bits (Knuth's multiplicative hash).
const FACTOR: u32 = 0x9e37_79b1;

/// The runs of four bytes with which literals begin.
#[derive(Clone, Default)]
pub(super) struct Grams(Vec<u64>);

impl Grams {
    /// Of literals of at least six bytes.
    pub(super) fn new<'a>(literals: impl IntoIterator<Item = &'a [u8]>) -> Grams {
        let mut bits = vec![0; 1 << (BITS - u64::BITS.ilog2())];
        for literal in literals {
            let begins = literal.get(..VALUE_BYTES_MIN).unwrap_or(literal);
            for gram in begins.windows(GRAM_BYTES) {
                let (word, bit) = place(gram);
                if let Some(word) = bits.get_mut(word) {
                    *word |= bit;
                }
            }
        }
        Grams(bits)
    }

    /// Whether one of the literals could be in the text.
    pub(super) fn may_be_in(&self, text: &[u8]) -> bool {
        text.windows(GRAM_BYTES).step_by(STRIDE).any(|gram| {
            let (word, bit) = place(gram);
            self.0.get(word).is_some_and(|word| word & bit != 0)
        })
    }
}

fn place(gram: &[u8]) -> (usize, u64) {
    let value = gram.first_chunk().map_or(0, |gram| u32::from_le_bytes(*gram));
    let index = value.wrapping_mul(FACTOR) >> (u32::BITS - BITS);
    ((index >> u64::BITS.ilog2()) as usize, 1 << (index % u64::BITS))
}
