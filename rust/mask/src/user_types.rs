//! The types that a database has beside the built-in ones, as far as masks need to know them.
//!
//! An OID tells nothing of a type that somebody made: whether its values are labels, rows or texts under another
//! name has to come from the catalogue. A type that is not here is unknown, and its values become NULL.

use std::collections::HashMap;

use crate::{ColumnType, types};

/// Types that an extension or a user made have OIDs from here (`FirstNormalObjectId`).
pub(crate) const FIRST_USER_OID: u32 = 16_384;
/// How many domains may stand over one another. More of them are an unknown type.
const DOMAINS_MAX: usize = 16;

/// What a type is.
#[derive(Clone, Debug)]
pub enum UserType {
    /// An enum. Of its labels one is known, which stands for each.
    Enum {
        /// The first in the enum's order.
        label: Box<[u8]>,
    },
    /// A row of fields: a composite type, or the type of a relation's rows.
    Composite {
        /// `pg_class.oid` of the relation that it belongs to.
        relation: u32,
        /// In order, dropped ones left out.
        fields: Box<[Field]>,
    },
    /// An array of elements of another type.
    Array {
        /// `pg_type.oid`.
        element: u32,
    },
    /// What is sent as its base type: a domain, or a type with the text and binary forms of `text`.
    Domain(ColumnType),
    /// A range.
    Range {
        /// `pg_type.oid` of its bounds.
        bound: u32,
    },
    /// A multirange.
    Multirange,
}

/// A field of a composite.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// `pg_attribute.attnum`.
    pub attribute: i16,
    /// Its type.
    pub column: ColumnType,
}

/// The types of one database, by `pg_type.oid`.
#[derive(Clone, Debug, Default)]
pub struct Types(HashMap<u32, UserType>);

impl Types {
    /// What a type that somebody made is; `None` for built-in ones, and for what is not known.
    pub(crate) fn find(&self, oid: u32) -> Option<&UserType> {
        if oid < FIRST_USER_OID { None } else { self.0.get(&oid) }
    }

    /// The type under domains.
    pub(crate) fn base(&self, mut column: ColumnType) -> ColumnType {
        for _ in 0..DOMAINS_MAX {
            match self.find(column.oid) {
                Some(UserType::Domain(base)) => column = *base,
                _ => return column,
            }
        }
        ColumnType::UNKNOWN
    }

    /// The type of an array's elements.
    pub(crate) fn element(&self, oid: u32) -> Option<u32> {
        match self.find(oid) {
            Some(UserType::Array { element }) => Some(*element),
            _ => types::element(oid),
        }
    }

    /// The type of a range's bounds.
    pub(crate) fn bound(&self, oid: u32) -> Option<u32> {
        match self.find(oid) {
            Some(UserType::Range { bound }) => Some(*bound),
            _ => types::bound(oid),
        }
    }

    /// Whether it is the type of a relation's rows.
    #[must_use]
    pub fn is_row_of(&self, oid: u32, relation: u32) -> bool {
        matches!(self.find(oid), Some(UserType::Composite { relation: own, .. }) if *own == relation)
    }
}

impl FromIterator<(u32, UserType)> for Types {
    fn from_iter<I: IntoIterator<Item = (u32, UserType)>>(types: I) -> Types {
        Types(types.into_iter().collect())
    }
}
