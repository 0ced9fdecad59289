//! What a masked value becomes, without changing its type or its format.
//!
//! A client decodes by the type OID and the format that it asked for, so a mask may change neither.
//! Where no value of the type can be made that tells nothing, the result is NULL.

#![forbid(unsafe_code)]

use std::sync::LazyLock;

use bytes::BytesMut;

mod array;
mod bits;
mod bucket;
mod composite;
mod constant;
mod date;
mod detect;
mod ff1;
mod json;
mod numeric;
mod objects;
mod part;
mod paths;
mod pseudonym;
mod range;
mod set;
mod text;
mod time;
mod transform;
mod types;
mod user_types;
mod written_back;

pub use detect::{Detector, Detectors, Found, Hints, KnownValues, Scanned, ShapeError, Stream};
pub use ff1::Ff1;
pub use objects::{
    Answer, MasksError, ObjectMasks, ObjectScanner, PLACEHOLDER_MARK, Refused, SecretsSeen, Why,
};
pub use paths::JsonPaths;
pub use set::{MaskSet, Origin, RelationMasks};
pub use transform::{Period, PseudonymKey, Transform};
pub use user_types::{Field, Types, UserType};

use text::Fit;
use user_types::FIRST_USER_OID;

/// The wire format of one value (Bind's result-format codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Code 0.
    Text,
    /// Code 1.
    Binary,
}

/// A column's type as `RowDescription` gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ColumnType {
    /// `pg_type.oid`; a domain is sent as its base type.
    pub oid: u32,
    /// Type modifier; -1 for none. `varchar(n)` has n + 4.
    pub modifier: i32,
}

impl ColumnType {
    /// A type that is not known. Its values are masked to NULL.
    pub const UNKNOWN: ColumnType = ColumnType { oid: 0, modifier: -1 };
}

/// What a transform made of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Masked {
    /// A value of the same type and format was appended.
    Value,
    /// Nothing was appended: the column is to be sent as NULL.
    Null,
}

impl Masked {
    /// What came of masking a value part by part: NULL, with nothing appended, where a part has no masked form.
    fn in_whole(out: &mut BytesMut, mask: impl FnOnce(&mut BytesMut) -> Option<()>) -> Masked {
        let start = out.len();
        if mask(out).is_some() {
            return Masked::Value;
        }
        out.truncate(start);
        Masked::Null
    }
}

/// No types but the built-in ones.
static BUILT_IN: LazyLock<Types> = LazyLock::new(Types::default);

/// As [`Types::mask`], where no type is known but the built-in ones.
#[must_use]
pub fn mask(
    transform: &Transform,
    column: ColumnType,
    format: Format,
    value: &[u8],
    out: &mut BytesMut,
) -> Masked {
    BUILT_IN.mask(transform, column, format, value, out)
}

impl Types {
    /// Appends the masked form of `value`, which is not NULL, to `out`.
    ///
    /// Never fails: a malformed value is redacted, and a type that is not known becomes NULL. An array keeps its
    /// shape and a composite its fields, which are masked one by one: those of an array as the column would be,
    /// those of a composite redacted. Allocates little but the growth of `out`.
    #[must_use]
    pub fn mask(
        &self,
        transform: &Transform,
        column: ColumnType,
        format: Format,
        value: &[u8],
        out: &mut BytesMut,
    ) -> Masked {
        let column = self.base(column);
        let fit = Fit::of(column);
        if fit.is_none() {
            if let Some(element) = self.element(column.oid) {
                let element = ColumnType { oid: element, ..column };
                return array::mask_elements(self, transform, element, format, value, out);
            }
            if column.oid >= FIRST_USER_OID || types::bound(column.oid).is_some() {
                return self.mask_made(transform, column.oid, format, value, out);
            }
        }
        match (transform, fit) {
            (Transform::Null, _) => Masked::Null,
            (Transform::Paths(paths), _) => paths::mask_paths(paths, column, format, value, out),
            (Transform::Last4, Some(fit)) => {
                text::last4(fit, value, out);
                Masked::Value
            }
            (Transform::First(shown), Some(fit)) => {
                text::first(fit, value, *shown, out);
                Masked::Value
            }
            (Transform::Date(period), _) => date::truncate(*period, column, format, value, out),
            (Transform::Ff1(cipher), _) => ff1::encrypt(cipher, column, format, value, out),
            (Transform::Bucket(width), _) => bucket::floor(*width, column, format, value, out),
            (Transform::Redact | Transform::Last4 | Transform::First(_) | Transform::Fields(_), _) => {
                redact(column, format, value, out)
            }
            (Transform::Pseudonym(key), _) => pseudonym::pseudonym(key, column, format, value, out),
        }
    }

    /// The same for a range, and for a type that somebody made and that is no array.
    fn mask_made(
        &self,
        transform: &Transform,
        oid: u32,
        format: Format,
        value: &[u8],
        out: &mut BytesMut,
    ) -> Masked {
        if matches!(transform, Transform::Null) {
            return Masked::Null;
        }
        if let Some(bound) = self.bound(oid) {
            return range::mask_range(self, transform, bound, format, value, out);
        }
        match (self.find(oid), transform) {
            (Some(UserType::Composite { fields, .. }), Transform::Fields(by_attribute)) => {
                let transform = |field: &Field| by_attribute.get(&field.attribute);
                composite::mask_fields(self, fields, transform, format, value, out)
            }
            (Some(UserType::Composite { fields, .. }), _) => {
                composite::mask_fields(self, fields, |_| Some(&Transform::Redact), format, value, out)
            }
            (Some(UserType::Enum { label }), _) => {
                out.extend_from_slice(label);
                Masked::Value
            }
            (Some(UserType::Multirange), _) => {
                out.extend_from_slice(constant::MULTIRANGE.written(format));
                Masked::Value
            }
            _ => Masked::Null,
        }
    }
}

/// Appends the constant of the column's type. `value` is asked for its style alone.
fn redact(column: ColumnType, format: Format, value: &[u8], out: &mut BytesMut) -> Masked {
    if let Some(fit) = Fit::of(column) {
        text::redact(fit, out);
        return Masked::Value;
    }
    if matches!(column.oid, types::BIT | types::VARBIT) {
        bits::redact(column, format, out);
        return Masked::Value;
    }
    let Some(constant) = constant::constant(column.oid) else {
        return Masked::Null;
    };
    let styled = if format == Format::Text { time::styled(column.oid, value) } else { None };
    out.extend_from_slice(styled.unwrap_or(constant.written(format)));
    Masked::Value
}
