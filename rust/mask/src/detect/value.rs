//! Detectors in one value of a column: which types are looked into, and how each is put together again.

use bytes::{BufMut, BytesMut};

use super::{Detectors, Hints, json, literal};
use crate::text::Fit;
use crate::user_types::FIRST_USER_OID;
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

impl Detectors {
    /// Whether values of a type are looked into. Dates, `uuid`, `inet` and the like are not.
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

    pub(super) fn scan(
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
            (Content::Number, _) => self.scan_number(column, format, hints, value, out),
            (Content::Bytes, _) => self.scan_bytes(format, hints, value, out),
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
            (Content::Unknown, Format::Text) if !literal::is_literal(value) => {
                self.scan_text(None, hints, value, out)
            }
            (Content::Unknown, Format::Text) if json::is_json(value) => {
                json::rewrite(self, value, hints, out)
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

    pub(super) fn scan_text(
        &self,
        fit: Option<Fit>,
        hints: Hints,
        value: &[u8],
        out: &mut BytesMut,
    ) -> Scanned {
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
}

/// How a type's values are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Text,
    /// A number that may be long enough to be a card's.
    Number,
    /// `bytea`.
    Bytes,
    Json,
    Jsonb,
    /// An array of elements of a type.
    Array(u32),
    Record,
    /// A type that is not built in (an enum, a composite, an extension's), or of which nothing is known.
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
            types::INT4 | types::INT8 | types::NUMERIC => Content::Number,
            types::BYTEA => Content::Bytes,
            oid if oid == ColumnType::UNKNOWN.oid || oid >= FIRST_USER_OID => Content::Unknown,
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
