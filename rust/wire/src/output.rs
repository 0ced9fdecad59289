//! What a verdict says of the data that a statement gives out.

use narrows_mask::{ColumnType, Hints, Transform};

/// What lineage says of one column that a statement returns or copies out.
#[derive(Clone, Debug)]
pub enum OutputColumn {
    /// It derives from nothing masked; detectors may look into it.
    Clear(ClearColumn),
    /// It derives from a masked column, or from nobody knows what; of its type, if that is known.
    Whole(ColumnType),
    /// It is a masked column.
    Masked {
        /// What is done to its values.
        transform: Transform,
        /// Its type; OID 0 where that is not known, and then every value becomes NULL.
        column: ColumnType,
    },
}

impl OutputColumn {
    /// A column that derives from nothing masked, of which nothing else is known.
    #[must_use]
    pub fn clear() -> OutputColumn {
        OutputColumn::Clear(ClearColumn::default())
    }
}

/// What is known of a column that derives from nothing masked. Of COPY data nothing else tells it.
#[derive(Clone, Copy, Debug)]
pub struct ClearColumn {
    /// The OID of the relation that it is a column of; 0 where it is an expression, or of several.
    pub relation: u32,
    /// Its attribute number there.
    pub attribute: i16,
    /// Its type; OID 0 where that is not known.
    pub column: ColumnType,
    /// What its name says of its values.
    pub hints: Hints,
}

impl Default for ClearColumn {
    fn default() -> ClearColumn {
        ClearColumn { relation: 0, attribute: 0, column: ColumnType::UNKNOWN, hints: Hints::default() }
    }
}

/// How the data of a COPY TO STDOUT is written, as its statement says. COPY data has no description, and
/// CopyOutResponse does not tell text from CSV.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyFormat {
    /// Lines with backslash escapes.
    Text {
        /// Between two fields. ASCII.
        delimiter: u8,
        /// What stands for NULL.
        null: Box<[u8]>,
        /// Whether the first line has the columns' names.
        header: bool,
    },
    /// Lines with quotes.
    Csv {
        /// Between two fields. ASCII.
        delimiter: u8,
        /// What stands for NULL, unquoted.
        null: Box<[u8]>,
        /// Whether the first line has the columns' names.
        header: bool,
        /// Round a field that needs it. ASCII.
        quote: u8,
        /// Before a quote or itself inside quotes. ASCII.
        escape: u8,
        /// Whether a masked field is quoted even where it needs no quotes.
        force_quote: bool,
    },
    /// Tuples with lengths.
    Binary,
}
