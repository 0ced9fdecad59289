//! Which columns of which relations are masked for one principal on one target.

use std::collections::HashMap;
use std::sync::Arc;

use crate::{Detectors, PseudonymKey, Transform, Types};

/// The masks of one principal on one target, by table OID and attribute number. The control plane
/// closes it over views, inheritance and materialised views before it publishes it.
#[derive(Clone, Debug, Default)]
pub struct MaskSet {
    /// Every relation that the catalogue knows. A relation that is not here is unknown, hence masked.
    pub relations: HashMap<u32, RelationMasks>,
    /// What looks into the values that no column's mask covers; `None` where no mask names a detector.
    pub detectors: Option<Arc<Detectors>>,
    /// The columns into which other detectors look than these, or none.
    pub columns: HashMap<(u32, i16), Option<Arc<Detectors>>>,
    /// What the types are that the database has beside the built-in ones.
    pub types: Arc<Types>,
    /// The key that pseudonyms are made with, to know those that come back.
    pub key: Option<PseudonymKey>,
}

/// The masks of one relation.
#[derive(Clone, Debug)]
pub enum RelationMasks {
    /// No column of it is masked.
    Clear,
    /// The masked columns by attribute number.
    Columns(Arc<HashMap<i16, Transform>>),
}

/// What a result column's origin says about it.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'a> {
    /// A column that is not masked.
    Clear,
    /// A masked column.
    Masked(&'a Transform),
    /// A whole row of a relation (attribute number 0), with its masked columns.
    Whole(u32, &'a Arc<HashMap<i16, Transform>>),
    /// Of a relation that the catalogue does not know, hence masked.
    Unknown,
    /// An expression: `RowDescription` names no relation.
    None,
}

impl MaskSet {
    /// Whether anything looks into values that no column's mask covers.
    #[must_use]
    pub fn detects(&self) -> bool {
        self.detectors.is_some()
    }

    /// What looks into the values of a column; relation 0 is an expression.
    #[must_use]
    pub fn detectors_of(&self, relation: u32, attribute: i16) -> Option<&Arc<Detectors>> {
        match self.columns.get(&(relation, attribute)) {
            Some(own) => own.as_ref(),
            None => self.detectors.as_ref(),
        }
    }

    /// Looks up the origin that `RowDescription` gives for a result column.
    #[must_use]
    pub fn origin(&self, relation: u32, attribute: i16) -> Origin<'_> {
        if relation == 0 {
            return Origin::None;
        }
        match self.relations.get(&relation) {
            None => Origin::Unknown,
            Some(RelationMasks::Clear) => Origin::Clear,
            Some(RelationMasks::Columns(columns)) if attribute == 0 => Origin::Whole(relation, columns),
            Some(RelationMasks::Columns(columns)) => {
                columns.get(&attribute).map_or(Origin::Clear, Origin::Masked)
            }
        }
    }
}
