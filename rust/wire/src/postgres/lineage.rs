//! What is known of a result's columns apart from their origins.
//!
//! RowDescription names an origin for a bare column of a table and for nothing else. Of the rest the verdict
//! may speak column by column, and only of the one result of the very statement that it answers.

use std::sync::Arc;

use crate::OutputColumn;

/// What the verdict says of the columns without an origin.
#[derive(Clone, Debug)]
pub(super) enum Lineage {
    /// None of them can hold anything masked.
    Clear,
    /// Any of them may.
    Tainted,
    /// It speaks of each.
    Columns(Arc<[OutputColumn]>),
}

impl Lineage {
    /// Whether the column at `index` of `count` derives from nothing masked. What was said of another number
    /// of columns was said of another result, and clears nothing.
    pub(super) fn clears(&self, index: usize, count: usize) -> bool {
        match self {
            Lineage::Clear => true,
            Lineage::Tainted => false,
            Lineage::Columns(columns) => {
                columns.len() == count && matches!(columns.get(index), Some(OutputColumn::Clear(_)))
            }
        }
    }

    /// Whether a result of `count` columns may be the one that is spoken of.
    pub(super) fn fits(&self, count: usize) -> bool {
        !matches!(self, Lineage::Columns(columns) if columns.len() != count)
    }

    /// The result that it speaks of is complete; of a further one nothing is known.
    pub(super) fn end_result(&mut self) {
        if matches!(self, Lineage::Columns(_)) {
            *self = Lineage::Tainted;
        }
    }
}
