//! Keyed pseudonyms: equal values of a type give equal pseudonyms, so joins, groups and counts work.
//!
//! A pseudonym is HMAC-SHA-256 (RFC 2104) over the value in a form that does not depend on the wire
//! format, cut to what the type holds. A pseudonym that is written back can be told from data: text carries a
//! mark, `msk_`; a `uuid` and an `int8` carry a tag, an HMAC over the rest of them. Smaller integers have no
//! room for one: their pseudonyms are from a quarter of the type that data hardly uses, the lowest of `int2` and
//! `int4` and the highest of `oid`. Whoever sees many pseudonyms may still count frequencies.
//!
//! Types with few values (`bool`, dates, fractions) are redacted instead: their pseudonyms could be
//! matched to values by counting alone.

use std::ops::RangeInclusive;

use bytes::{BufMut, BytesMut};
use hmac::digest::Key;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::text::Fit;
use crate::{ColumnType, Format, Masked, PseudonymKey, redact, types};

pub(crate) const MARK: &[u8] = b"msk_";
/// Five bits each: 80 bits, so that a billion values collide with a chance below one in a million.
const DIGITS: usize = 16;
const TOKEN_CHARACTERS: usize = MARK.len() + DIGITS;
/// First byte of `jsonb` in binary; the JSON text follows it.
const JSONB_VERSION: u8 = 1;
/// Crockford's base32 in lower case: no letter that looks like a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// The pseudonyms of `int8` begin here: no number that people use is taken for one.
const INT8_MIN: u64 = 1 << 62;
/// The lower bits of an `int8` are its tag. Even odds of a collision at some ten million values.
const INT8_TAG_BITS: u32 = 16;
/// The lower bits of a `uuid` are its tag.
const UUID_TAG_BITS: u32 = 32;

/// Appends the pseudonym of `value`; redacts it if the type has none, if it is malformed, or if the
/// column is too short to hold one (under 20 characters).
pub(crate) fn pseudonym(
    key: &PseudonymKey,
    column: ColumnType,
    format: Format,
    value: &[u8],
    out: &mut BytesMut,
) -> Masked {
    if write(key, column, format, value, out).is_some() {
        return Masked::Value;
    }
    redact(column, format, value, out)
}

fn write(
    key: &PseudonymKey,
    column: ColumnType,
    format: Format,
    value: &[u8],
    out: &mut BytesMut,
) -> Option<()> {
    match (column.oid, format) {
        (types::INT2 | types::INT4 | types::INT8 | types::OID, _) => {
            let digest = Digest::of(key, b'i', &integer(column.oid, format, value)?.to_be_bytes());
            write_integer(key, column.oid, format, digest, out)?;
        }
        (types::UUID, _) => {
            let uuid = Digest::of(key, b'u', &uuid(format, value)?).uuid(key);
            match format {
                Format::Text => write_uuid(uuid, out),
                Format::Binary => out.extend_from_slice(&uuid.to_be_bytes()),
            }
        }
        (types::JSON, _) | (types::JSONB, Format::Text) => write_json(key, value, out),
        (types::JSONB, Format::Binary) => {
            let json = value.strip_prefix(&[JSONB_VERSION])?;
            out.put_u8(JSONB_VERSION);
            write_json(key, json, out);
        }
        _ => {
            let fit = Fit::of(column).filter(|fit| fit.holds(TOKEN_CHARACTERS))?;
            put_text(key, fit.trim(value), out);
            fit.pad(TOKEN_CHARACTERS, out);
        }
    }
    Some(())
}

/// Appends the pseudonym of a text, the same that a column of text would show.
pub(crate) fn put_text(key: &PseudonymKey, value: &[u8], out: &mut BytesMut) {
    write_token(Digest::of(key, b't', value), out);
}

fn write_json(key: &PseudonymKey, json: &[u8], out: &mut BytesMut) {
    out.put_u8(b'"');
    write_token(Digest::of(key, b'j', json), out);
    out.put_u8(b'"');
}

/// A key for something else than pseudonyms.
pub(crate) fn derived(key: &PseudonymKey, domain: u8) -> [u8; 32] {
    hmac(key, domain, b"")
}

/// HMAC-SHA-256 over a domain and a value.
pub(crate) fn hmac(key: &PseudonymKey, domain: u8, value: &[u8]) -> [u8; 32] {
    // HMAC fills a key that is shorter than a block with zeroes, which makes this one infallible.
    let mut block = Key::<Hmac<Sha256>>::default();
    for (slot, byte) in block.iter_mut().zip(key.0) {
        *slot = byte;
    }
    let mut hmac = Hmac::<Sha256>::new(&block);
    hmac.update(&[domain]);
    hmac.update(value);
    hmac.finalize().into_bytes().into()
}

/// The upper 128 bits of a value's HMAC.
#[derive(Clone, Copy)]
struct Digest(u128);

impl Digest {
    /// `domain` keeps the pseudonyms of one type from saying anything about those of another.
    fn of(key: &PseudonymKey, domain: u8, value: &[u8]) -> Digest {
        let bytes = hmac(key, domain, value);
        Digest(bytes.iter().take(16).fold(0, |digest, byte| digest << 8 | u128::from(*byte)))
    }

    /// A number of a quarter of a type. Different values do collide: in `int4` with even odds at some forty
    /// thousand values.
    fn within(self, quarter: RangeInclusive<i64>) -> i64 {
        let count = quarter.end().abs_diff(*quarter.start()) + 1;
        let offset = i64::try_from(self.0 % u128::from(count)).unwrap_or(0);
        quarter.start() + offset
    }

    /// As UUID version 8, variant 1 (RFC 9562): 90 bits of it, and a tag.
    fn uuid(self, key: &PseudonymKey) -> u128 {
        let free = self.0 & !(0xf << 76) & !(0b11 << 62);
        Digest::tagged_uuid(key, (free | 8 << 76 | 0b10 << 62) >> UUID_TAG_BITS)
    }

    fn tagged_uuid(key: &PseudonymKey, body: u128) -> u128 {
        let tag = Digest::of(key, b'U', &body.to_be_bytes()).0 >> (128 - UUID_TAG_BITS);
        body << UUID_TAG_BITS | tag
    }

    /// As `int8`: 46 bits of it, and a tag.
    fn int8(self, key: &PseudonymKey) -> u64 {
        let drawn = u64::try_from(self.0 >> (128 - 46)).unwrap_or(0);
        Digest::tagged_int8(key, (INT8_MIN >> INT8_TAG_BITS) | drawn)
    }

    fn tagged_int8(key: &PseudonymKey, body: u64) -> u64 {
        let tag = Digest::of(key, b'I', &body.to_be_bytes()).0 >> (128 - INT8_TAG_BITS);
        body << INT8_TAG_BITS | u64::try_from(tag).unwrap_or(0)
    }
}

fn write_token(digest: Digest, out: &mut BytesMut) {
    out.extend_from_slice(MARK);
    out.extend((1..=DIGITS).map(|digit| {
        let five = digest.0 >> (128 - 5 * digit) & 31;
        usize::try_from(five).ok().and_then(|index| ALPHABET.get(index)).copied().unwrap_or(b'0')
    }));
}

/// The integer that the value is, of whatever width, so that both formats agree.
fn integer(oid: u32, format: Format, value: &[u8]) -> Option<i64> {
    if format == Format::Text {
        return std::str::from_utf8(value).ok()?.parse().ok();
    }
    match oid {
        types::INT2 => value.try_into().ok().map(i16::from_be_bytes).map(i64::from),
        types::INT4 => value.try_into().ok().map(i32::from_be_bytes).map(i64::from),
        types::OID => value.try_into().ok().map(u32::from_be_bytes).map(i64::from),
        _ => value.try_into().ok().map(i64::from_be_bytes),
    }
}

fn write_integer(
    key: &PseudonymKey,
    oid: u32,
    format: Format,
    digest: Digest,
    out: &mut BytesMut,
) -> Option<()> {
    let Some(quarter) = quarter(oid) else {
        put_int8(digest.int8(key), format, out);
        return Some(());
    };
    let number = digest.within(quarter);
    match (format, oid) {
        (Format::Text, _) => out.extend_from_slice(number.to_string().as_bytes()),
        (Format::Binary, types::INT2) => out.put_i16(number.try_into().ok()?),
        (Format::Binary, types::INT4) => out.put_i32(number.try_into().ok()?),
        (Format::Binary, _) => out.put_u32(number.try_into().ok()?),
    }
    Some(())
}

/// Where the pseudonyms of a small integer type are.
const fn quarter(oid: u32) -> Option<RangeInclusive<i64>> {
    Some(match oid {
        types::INT2 => -(1 << 15)..=-(1 << 14) - 1,
        types::INT4 => -(1 << 31)..=-(1 << 30) - 1,
        types::OID => 3 << 30..=(1 << 32) - 1,
        _ => return None,
    })
}

/// Whether a value of a small integer type is where its pseudonyms are.
pub(crate) fn is_small(oid: u32, format: Format, value: &[u8]) -> bool {
    quarter(oid).is_some_and(|quarter| {
        integer(oid, format, value.trim_ascii()).is_some_and(|number| quarter.contains(&number))
    })
}

/// Whether a number is the pseudonym of some `int8`.
pub(crate) fn is_int8(key: &PseudonymKey, number: u64) -> bool {
    (INT8_MIN..INT8_MIN * 2).contains(&number) && Digest::tagged_int8(key, number >> INT8_TAG_BITS) == number
}

/// Whether a UUID is the pseudonym of some other.
pub(crate) fn is_uuid(key: &PseudonymKey, uuid: u128) -> bool {
    Digest::tagged_uuid(key, uuid >> UUID_TAG_BITS) == uuid
}

/// Whether a text begins with what follows the mark in a pseudonym.
pub(crate) fn begins_with_digits(text: &[u8]) -> bool {
    text.get(..DIGITS).is_some_and(|digits| digits.iter().all(|byte| ALPHABET.contains(byte)))
}

fn put_int8(number: u64, format: Format, out: &mut BytesMut) {
    match format {
        Format::Text => write_decimal(number, out),
        Format::Binary => out.put_u64(number),
    }
}

fn write_decimal(number: u64, out: &mut BytesMut) {
    let divisors = std::iter::successors(Some(10_u64.pow(number.checked_ilog10().unwrap_or(0))), |divisor| {
        Some(divisor / 10).filter(|next| *next > 0)
    });
    out.extend(divisors.map(|divisor| decimal_digit(number / divisor % 10)));
}

fn decimal_digit(digit: u64) -> u8 {
    b'0' + u8::try_from(digit).unwrap_or(0)
}

/// The 16 bytes of a UUID, from the one text form that the server writes or from binary.
pub(crate) fn uuid(format: Format, value: &[u8]) -> Option<[u8; 16]> {
    if format == Format::Binary {
        return value.try_into().ok();
    }
    let mut digits = value.iter().filter(|byte| **byte != b'-').map(|byte| char::from(*byte).to_digit(16));
    let number =
        digits.by_ref().take(32).try_fold(0, |number, digit| Some(number << 4 | u128::from(digit?)))?;
    (value.len() == 36 && digits.next().is_none()).then(|| number.to_be_bytes())
}

fn write_uuid(uuid: u128, out: &mut BytesMut) {
    for digit in 0..32_u32 {
        if matches!(digit, 8 | 12 | 16 | 20) {
            out.put_u8(b'-');
        }
        let nibble = u32::try_from(uuid >> (124 - 4 * digit) & 0xf).ok();
        let letter = nibble.and_then(|nibble| char::from_digit(nibble, 16)).unwrap_or('0');
        out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    }
}
