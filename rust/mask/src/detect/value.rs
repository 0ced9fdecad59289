//! Detectors in one value of a column: which types are looked into, and how each is put together again.

use bytes::{BufMut, BytesMut};

use super::{Detectors, Hints, json, literal};
use crate::text::Fit;
use crate::{ColumnType, Format, text, types};

/// What the detectors made of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scanned {
    /// They found nothing, and nothing was appended.
    Clean,
    /// A masked value of the same type and format was appended.
    Value,
    /// Nothing was appended: the value is to be sent as NULL.
    Null,
}

/// How deep arrays, records and JSON in them may nest in binary. A deeper value becomes NULL.
const DEPTH_MAX: usize = 8;
/// First byte of `jsonb` in binary; the JSON text follows it.
const JSONB_VERSION: u8 = 1;
/// Types that an extension or a user made have OIDs from here (`FirstNormalObjectId`).
const FIRST_USER_OID: u32 = 16_384;

impl Detectors {
    /// Whether values of a type are looked into. Numbers, dates, `uuid`, `bytea` and the like are not.
    #[must_use]
    pub fn scans(column: ColumnType) -> bool {
        Content::of(column) != Content::Other
    }

    /// Appends the masked form of a value that holds something.
    ///
    /// Never fails, and keeps type and format. Where that cannot be done (a find in the binary form of a
    /// type that is not known, or under the `null` transform), the whole value becomes NULL.
    #[must_use]
    pub fn mask(
        &self,
        column: ColumnType,
        format: Format,
        hints: Hints,
        value: &[u8],
        out: &mut BytesMut,
    ) -> Scanned {
        let start = out.len();
        let scanned = self.scan(column, format, hints, value, out, DEPTH_MAX);
        if scanned != Scanned::Value {
            out.truncate(start);
        }
        scanned
    }

    fn scan(
        &self,
        column: ColumnType,
        format: Format,
        hints: Hints,
        value: &[u8],
        out: &mut BytesMut,
        depth: usize,
    ) -> Scanned {
        let Some(depth) = depth.checked_sub(1) else { return Scanned::Null };
        match (Content::of(column), format) {
            (Content::Other, _) => Scanned::Clean,
            (Content::Text, _) => self.scan_text(Fit::of(column), hints, value, out),
            (Content::Json, _) | (Content::Jsonb, Format::Text) => json::rewrite(self, value, hints, out),
            (Content::Jsonb, Format::Binary) => {
                let Some(json) = value.strip_prefix(&[JSONB_VERSION]) else { return Scanned::Null };
                out.put_u8(JSONB_VERSION);
                json::rewrite(self, json, hints, out)
            }
            (Content::Array(oid), Format::Text) => {
                let element = ColumnType { oid, modifier: column.modifier };
                self.scan_literal(element, hints, value, out, depth)
            }
            (Content::Record | Content::Unknown, Format::Text) => {
                let element = ColumnType { oid: types::TEXT, modifier: -1 };
                self.scan_literal(element, hints, value, out, depth)
            }
            (Content::Array(_), Format::Binary) => {
                self.scan_array(column.modifier, hints, value, out, depth).unwrap_or(Scanned::Null)
            }
            (Content::Record, Format::Binary) => {
                self.scan_record(hints, value, out, depth).unwrap_or(Scanned::Null)
            }
            (Content::Unknown, Format::Binary) => {
                if self.find(value, hints).is_empty() {
                    Scanned::Clean
                } else {
                    Scanned::Null
                }
            }
        }
    }

    fn scan_text(&self, fit: Option<Fit>, hints: Hints, value: &[u8], out: &mut BytesMut) -> Scanned {
        let trimmed = fit.map_or(value, |fit| fit.trim(value));
        let found = self.find(trimmed, hints);
        if found.is_empty() {
            return Scanned::Clean;
        }
        if self.makes_null(&found) {
            return Scanned::Null;
        }
        let start = out.len();
        self.put(trimmed, found, out);
        if let Some(fit) = fit {
            text::refit(fit, start, out);
        }
        Scanned::Value
    }

    fn scan_literal(
        &self,
        element: ColumnType,
        hints: Hints,
        value: &[u8],
        out: &mut BytesMut,
        depth: usize,
    ) -> Scanned {
        let mut null = false;
        let mask_element = |content: &[u8], masked: &mut BytesMut| {
            let scanned = self.scan(element, Format::Text, hints, content, masked, depth);
            null |= scanned == Scanned::Null;
            scanned == Scanned::Value
        };
        let changed = literal::rewrite(value, mask_element, out);
        match (null, changed) {
            (true, _) => Scanned::Null,
            (false, 0) => Scanned::Clean,
            (false, _) => Scanned::Value,
        }
    }

    /// Dimensions, whether there are NULLs, the elements' type; per dimension its length and lower bound;
    /// then the elements. `None` for anything else.
    fn scan_array(
        &self,
        modifier: i32,
        hints: Hints,
        value: &[u8],
        out: &mut BytesMut,
        depth: usize,
    ) -> Option<Scanned> {
        let dimensions = usize::try_from(i32::from_be_bytes(*value.first_chunk()?)).ok()?;
        let oid = u32::from_be_bytes(*value.get(8..)?.first_chunk()?);
        let (head, mut rest) = value.split_at_checked(dimensions.checked_mul(8)?.checked_add(12)?)?;
        out.extend_from_slice(head);
        let element = ColumnType { oid, modifier };
        let mut all = Scanned::Clean;
        while !rest.is_empty() {
            rest = self.scan_field(element, hints, rest, out, depth, &mut all)?;
        }
        Some(all)
    }

    /// A count, then per field its type, its length and its value. `None` for anything else.
    fn scan_record(&self, hints: Hints, value: &[u8], out: &mut BytesMut, depth: usize) -> Option<Scanned> {
        let (count, mut rest) = value.split_first_chunk::<4>()?;
        out.extend_from_slice(count);
        let mut all = Scanned::Clean;
        while !rest.is_empty() {
            let (oid, field) = rest.split_first_chunk::<4>()?;
            out.extend_from_slice(oid);
            let column = ColumnType { oid: u32::from_be_bytes(*oid), modifier: -1 };
            rest = self.scan_field(column, hints, field, out, depth, &mut all)?;
        }
        Some(all)
    }

    /// Masks one value with its length before it; what is left after it. NULL has the length -1.
    fn scan_field<'a>(
        &self,
        column: ColumnType,
        hints: Hints,
        field: &'a [u8],
        out: &mut BytesMut,
        depth: usize,
        all: &mut Scanned,
    ) -> Option<&'a [u8]> {
        let (length, rest) = field.split_first_chunk::<4>()?;
        out.extend_from_slice(length);
        let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else { return Some(rest) };
        let (value, rest) = rest.split_at_checked(length)?;
        let start = out.len();
        match self.scan(column, Format::Binary, hints, value, out, depth) {
            Scanned::Clean => {
                out.truncate(start);
                out.extend_from_slice(value);
            }
            Scanned::Value => {
                let masked = i32::try_from(out.len() - start).ok()?.to_be_bytes();
                out.get_mut(start - 4..start)?.copy_from_slice(&masked);
                *all = Scanned::Value;
            }
            Scanned::Null => return None,
        }
        Some(rest)
    }
}

/// How a type's values are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Text,
    Json,
    Jsonb,
    /// An array of elements of a type.
    Array(u32),
    Record,
    /// A type that is not built in: an enum, a domain over an array, a composite, an extension's.
    Unknown,
    Other,
}

impl Content {
    fn of(column: ColumnType) -> Content {
        match column.oid {
            types::XML => Content::Text,
            types::JSON => Content::Json,
            types::JSONB => Content::Jsonb,
            types::RECORD => Content::Record,
            types::RECORD_ARRAY => Content::Array(types::RECORD),
            oid if oid >= FIRST_USER_OID => Content::Unknown,
            _ if Fit::of(column).is_some() => Content::Text,
            oid => match types::element(oid) {
                Some(element) if Content::of(ColumnType { oid: element, modifier: -1 }) != Content::Other => {
                    Content::Array(element)
                }
                _ => Content::Other,
            },
        }
    }
}
