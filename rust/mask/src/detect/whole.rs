//! Detectors in values that are no text: numbers that are a card's or a person's, and bytes that are text.

use bytes::{BufMut, BytesMut};

use super::{Detector, Detectors, Found, Hints, Scanned};
use crate::text::put_hex;
use crate::{ColumnType, Format, Masked, mask, numeric, types};

/// The shortest number that any detector could find.
const DIGITS_MIN: usize = 9;
/// How `bytea` is written in text.
const HEX_PREFIX: &[u8] = b"\\x";

impl Detectors {
    /// A number is masked whole, as a mask of its column would: it has no parts that could be replaced.
    pub(super) fn scan_number(
        &self,
        column: ColumnType,
        format: Format,
        hints: Hints,
        value: &[u8],
        out: &mut BytesMut,
    ) -> Scanned {
        let found = match format {
            Format::Text => self.find_number(value, hints),
            Format::Binary => whole_number(column, value)
                .and_then(|number| self.find_number(number.to_string().as_bytes(), hints)),
        };
        let Some(found) = found else { return Scanned::Clean };
        match mask(self.transform(found.detector), column, format, value, out) {
            Masked::Value => Scanned::Value,
            Masked::Null => Scanned::Null,
        }
    }

    fn find_number(&self, digits: &[u8], hints: Hints) -> Option<Found> {
        if digits.len() < DIGITS_MIN {
            return None;
        }
        let found = self.find(digits, hints);
        found.into_iter().find(|it| matches!(it.detector, Detector::Pan | Detector::UsSsn))
    }

    /// Bytes are looked into where they are UTF-8: what is found in an image is chance.
    pub(super) fn scan_bytes(
        &self,
        format: Format,
        hints: Hints,
        value: &[u8],
        out: &mut BytesMut,
    ) -> Scanned {
        let Some(digits) = value.strip_prefix(HEX_PREFIX).filter(|_| format == Format::Text) else {
            return self.scan_if_text(hints, value, out);
        };
        let Some(bytes) = decode_hex(digits) else { return Scanned::Clean };
        let mut masked = BytesMut::new();
        let scanned = self.scan_if_text(hints, &bytes, &mut masked);
        if scanned == Scanned::Value {
            out.put_slice(HEX_PREFIX);
            put_hex(&masked, out);
        }
        scanned
    }

    fn scan_if_text(&self, hints: Hints, bytes: &[u8], out: &mut BytesMut) -> Scanned {
        if std::str::from_utf8(bytes).is_err() {
            return Scanned::Clean;
        }
        self.scan_text(None, hints, bytes, out)
    }
}

/// The whole number that a binary value is; `None` for fractions.
fn whole_number(column: ColumnType, value: &[u8]) -> Option<i128> {
    match column.oid {
        types::INT4 => Some(i32::from_be_bytes(value.try_into().ok()?).into()),
        types::INT8 => Some(i64::from_be_bytes(value.try_into().ok()?).into()),
        _ => numeric::whole(value),
    }
}

fn decode_hex(digits: &[u8]) -> Option<Vec<u8>> {
    let nibble = |digit: &u8| char::from(*digit).to_digit(16);
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(nibble(high)? << 4 | nibble(low)?).ok(),
        _ => None,
    });
    pairs.collect()
}
