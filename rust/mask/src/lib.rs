//! What a masked value becomes, without changing its type or its format.
//!
//! A client decodes by the type OID and the format that it asked for, so a mask may change neither.
//! Where no value of the type can be made that tells nothing, the result is NULL.

#![forbid(unsafe_code)]
#![allow(clippy::todo, unused_variables, reason = "signatures come first")]

use bytes::BytesMut;

mod set;
mod transform;

pub use set::{MaskSet, Origin, RelationMasks};
pub use transform::{PseudonymKey, Transform};

/// The wire format of one value (Bind's result-format codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Code 0.
    Text,
    /// Code 1.
    Binary,
}

/// A column's type as RowDescription gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ColumnType {
    /// `pg_type.oid`; a domain is sent as its base type.
    pub oid: u32,
    /// Type modifier; -1 for none. `varchar(n)` has n + 4.
    pub modifier: i32,
}

/// What a transform made of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Masked {
    /// A value of the same type and format was appended.
    Value,
    /// Nothing was appended: the column is to be sent as NULL.
    Null,
}

/// Appends the masked form of `value`, which is not NULL, to `out`.
#[must_use]
pub fn mask(
    transform: &Transform,
    column: ColumnType,
    format: Format,
    value: &[u8],
    out: &mut BytesMut,
) -> Masked {
    todo!()
}
