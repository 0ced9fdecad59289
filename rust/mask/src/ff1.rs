//! Format-preserving encryption of digits: FF1 of NIST SP 800-38G.
//!
//! Digits become as many other digits, and different values different ones. Revision 1 of the publication asks
//! for a domain of a million values at least, below which a table of all of them is soon made: fewer than six
//! digits are redacted. FF3, which it withdraws, is not here.

use std::fmt;
use std::sync::Arc;

use aes::Aes256;
use bytes::{BufMut, BytesMut};
use fpe::ff1::{FF1, FlexibleNumeralString};

use crate::text::Fit;
use crate::{ColumnType, Format, Masked, PseudonymKey, numeric, pseudonym, redact, types};

const RADIX: u32 = 10;
/// A million values.
const DIGITS_MIN: usize = 6;
/// Longer numbers are redacted: the cost grows with the square of their length.
const DIGITS_MAX: usize = 64;
/// How often the walk to a number of the type goes on. One in ten strings of digits begins with a zero, and one
/// in five of ten digits is an `int4`.
const STEPS_MAX: usize = 1_000;
/// What may stand between the digits of a number that is text, and stays.
const SEPARATORS: &[u8] = b" -./()+";

/// The cipher under a key that is derived from that of pseudonyms.
#[derive(Clone)]
pub struct Ff1(Arc<FF1<Aes256>>);

impl fmt::Debug for Ff1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ff1(..)")
    }
}

impl Ff1 {
    /// The cipher; `None` never, since the radix is one that it has.
    pub(crate) fn new(key: &PseudonymKey) -> Option<Ff1> {
        FF1::new(&pseudonym::derived(key, b'f'), RADIX).ok().map(|cipher| Ff1(Arc::new(cipher)))
    }

    fn encrypt(&self, digits: Vec<u16>) -> Option<Vec<u16>> {
        if !(DIGITS_MIN..=DIGITS_MAX).contains(&digits.len()) {
            return None;
        }
        self.0.encrypt(&[], &FlexibleNumeralString::from(digits)).ok().map(Vec::from)
    }

    /// Walks from a number to the next of as many digits that is at most `max`, which is a permutation of those
    /// (cycle walking: Black and Rogaway, "Ciphers with Arbitrary Finite Domains").
    fn encrypt_number(&self, number: u64, max: u64) -> Option<u64> {
        let text = number.to_string();
        let mut digits: Vec<u16> = text.bytes().map(|digit| u16::from(digit - b'0')).collect();
        for _ in 0..STEPS_MAX {
            digits = self.encrypt(digits)?;
            let walked = digits
                .iter()
                .try_fold(0_u64, |number, digit| number.checked_mul(10)?.checked_add(u64::from(*digit)));
            if let Some(walked) = walked.filter(|it| digits.first() != Some(&0) && *it <= max) {
                return Some(walked);
            }
        }
        None
    }
}

/// Appends the encrypted form of a number, or of text that is digits and what separates them. Redacts all else.
pub(crate) fn encrypt(
    cipher: &Ff1,
    column: ColumnType,
    format: Format,
    value: &[u8],
    out: &mut BytesMut,
) -> Masked {
    let start = out.len();
    let done = match Fit::of(column) {
        Some(fit) => put_text(cipher, fit.trim(value), out).map(|()| fit.pad(fit.trim(value).len(), out)),
        None => put_number(cipher, column.oid, format, value, out),
    };
    if done.is_some() {
        return Masked::Value;
    }
    out.truncate(start);
    redact(column, format, value, out)
}

/// Appends text with its digits encrypted as one number; `None` where it holds anything but digits and separators.
pub(crate) fn put_text(cipher: &Ff1, value: &[u8], out: &mut BytesMut) -> Option<()> {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).map(|digit| u16::from(digit - b'0'));
    let mut encrypted = cipher.encrypt(digits.collect())?.into_iter();
    for byte in value {
        match byte {
            b'0'..=b'9' => out.put_u8(b'0' + u8::try_from(encrypted.next()?).ok()?),
            separator if SEPARATORS.contains(separator) => out.put_u8(*separator),
            _ => return None,
        }
    }
    Some(())
}

fn put_number(cipher: &Ff1, oid: u32, format: Format, value: &[u8], out: &mut BytesMut) -> Option<()> {
    let max = match oid {
        types::INT4 => i32::MAX.unsigned_abs().into(),
        types::INT8 => i64::MAX.unsigned_abs(),
        types::NUMERIC => u64::MAX,
        _ => return None,
    };
    let number: u64 = match (oid, format) {
        (_, Format::Text) => std::str::from_utf8(value).ok()?.parse().ok()?,
        (types::INT4, _) => i32::from_be_bytes(value.try_into().ok()?).try_into().ok()?,
        (types::INT8, _) => i64::from_be_bytes(value.try_into().ok()?).try_into().ok()?,
        _ => numeric::whole(value)?.try_into().ok()?,
    };
    let encrypted = cipher.encrypt_number(number, max)?;
    match (oid, format) {
        (_, Format::Text) => out.extend_from_slice(encrypted.to_string().as_bytes()),
        (types::INT4, _) => out.put_u32(encrypted.try_into().ok()?),
        (types::INT8, _) => out.put_u64(encrypted),
        _ => numeric::put(encrypted.into(), out),
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use aes::{Aes128, Aes192};

    use super::*;

    const KEY: [u8; 32] = [
        0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c, 0xef,
        0x43, 0x59, 0xd8, 0xd5, 0x80, 0xaa, 0x4f, 0x7f, 0x03, 0x6d, 0x6f, 0x04, 0xfc, 0x6a, 0x94,
    ];

    fn numerals(text: &str) -> FlexibleNumeralString {
        let numerals = text.chars().map(|it| u16::try_from(it.to_digit(36).unwrap()).unwrap());
        numerals.collect::<Vec<_>>().into()
    }

    /// "FF1 Samples" of the Cryptographic Standards and Guidelines, NIST.
    #[test]
    fn the_samples_of_nist() {
        macro_rules! encrypts {
            ($cipher:ty, $bytes:expr, $radix:expr, $tweak:expr, $plain:expr, $expected:expr) => {
                let cipher = FF1::<$cipher>::new(&KEY[..$bytes], $radix).unwrap();
                let encrypted = cipher.encrypt($tweak, &numerals($plain)).unwrap();
                assert_eq!(Vec::from(encrypted), Vec::from(numerals($expected)));
            };
        }
        let (ten, letters) = ("0123456789", "0123456789abcdefghi");
        encrypts!(Aes128, 16, 10, &[], ten, "2433477484");
        encrypts!(Aes128, 16, 10, b"9876543210", ten, "6124200773");
        encrypts!(Aes128, 16, 36, b"7777pqrs777", letters, "a9tv40mll9kdu509eum");
        encrypts!(Aes192, 24, 10, &[], ten, "2830668132");
        encrypts!(Aes192, 24, 10, b"9876543210", ten, "2496655549");
        encrypts!(Aes192, 24, 36, b"7777pqrs777", letters, "xbj3kv35jrawxv32ysr");
        encrypts!(Aes256, 32, 10, &[], ten, "6657667009");
        encrypts!(Aes256, 32, 10, b"9876543210", ten, "1001623463");
        encrypts!(Aes256, 32, 36, b"7777pqrs777", letters, "xs8a0azh2avyalyzuwd");
    }
}
