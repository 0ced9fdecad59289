//! What is done to each column of a result, and doing it.
//!
//! A plan is made from a RowDescription, which names each column's origin. It belongs to what was
//! described (a portal, or one result of a simple Query) and to nothing else: the same statement bound
//! again may have been planned onto other tables.

use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use narrows_mask::{ColumnType, Detectors, Format, Hints, MaskSet, Masked, Origin, Scanned, Transform, mask};

use super::frame::patch_length;
use super::message::{Column, Reader, read_columns};
use crate::{Error, Side};

/// What is done to the rows of one result.
#[derive(Debug)]
pub(super) enum Rows {
    /// They pass as they are.
    Pass,
    /// They are rewritten.
    Rewrite(Arc<Plan>),
}

/// What is done to each column.
#[derive(Debug)]
pub(super) struct Plan {
    columns: Vec<Treatment>,
    masks_any: bool,
    names_unknown_relation: bool,
}

#[derive(Debug)]
enum Treatment {
    Keep,
    Mask { transform: Transform, column: ColumnType, format: Format },
    /// No mask covers the column; its values are masked where the detectors find something.
    Scan { detectors: Arc<Detectors>, column: ColumnType, format: Format, hints: Hints },
}

impl Plan {
    /// Makes the plan for a RowDescription's `body`. `tainted` says that a column without an origin may
    /// hold what is masked elsewhere.
    pub(super) fn new(body: &[u8], masks: &MaskSet, tainted: bool) -> Result<Plan, Error> {
        let columns = read_columns(body)?;
        let names_unknown_relation = columns
            .iter()
            .any(|column| column.relation != 0 && !masks.relations.contains_key(&column.relation));
        let columns: Vec<Treatment> =
            columns.into_iter().map(|column| Treatment::of(column, masks, tainted)).collect();
        let masks_any = columns.iter().any(|treatment| !matches!(treatment, Treatment::Keep));
        Ok(Plan { columns, masks_any, names_unknown_relation })
    }

    /// What it does to rows: nothing, where no column is masked.
    pub(super) fn rows(self: &Arc<Plan>) -> Rows {
        if self.masks_any { Rows::Rewrite(Arc::clone(self)) } else { Rows::Pass }
    }

    /// Whether the description names a relation that the masks do not know.
    pub(super) fn names_unknown_relation(&self) -> bool {
        self.names_unknown_relation
    }

    /// Appends the masked form of a DataRow and says how many values it masked. On an error nothing has
    /// been appended.
    pub(super) fn rewrite(&self, body: &[u8], out: &mut BytesMut) -> Result<u64, Error> {
        let start = out.len();
        let masked = self.put_row(body, out);
        match masked {
            Ok(_) => patch_length(out, start + 1, out.len() - start - 1),
            Err(_) => out.truncate(start),
        }
        masked
    }

    fn put_row(&self, body: &[u8], out: &mut BytesMut) -> Result<u64, Error> {
        let mut reader = Reader::new(Side::Upstream, body);
        let count = reader.i16()?;
        if usize::try_from(count) != Ok(self.columns.len()) {
            return Err(reader.malformed("a row has other columns than its description"));
        }
        out.put_u8(b'D');
        out.put_u32(0);
        out.put_i16(count);
        let mut masked = 0;
        for treatment in &self.columns {
            let value = reader.value()?;
            masked += treatment.put_value(value, out);
        }
        reader.end()?;
        Ok(masked)
    }
}

impl Treatment {
    fn of(column: Column, masks: &MaskSet, tainted: bool) -> Treatment {
        let hints = column.hints;
        let format = if column.format == 0 { Format::Text } else { Format::Binary };
        let kind = ColumnType { oid: column.type_oid, modifier: column.modifier };
        let transform = match masks.origin(column.relation, column.attribute) {
            Origin::Clear => return Treatment::unmasked(masks, kind, format, hints),
            Origin::None if !tainted => return Treatment::unmasked(masks, kind, format, hints),
            Origin::None | Origin::Whole => Transform::Redact,
            Origin::Masked(transform) => transform.clone(),
        };
        Treatment::Mask { transform, column: kind, format }
    }

    /// Of a column that no mask covers.
    fn unmasked(masks: &MaskSet, column: ColumnType, format: Format, hints: Hints) -> Treatment {
        match &masks.detectors {
            Some(detectors) if Detectors::scans(column) => {
                Treatment::Scan { detectors: Arc::clone(detectors), column, format, hints }
            }
            _ => Treatment::Keep,
        }
    }

    /// Appends one value with its length; 1 if it was masked. NULL stays NULL.
    fn put_value(&self, value: Option<&[u8]>, out: &mut BytesMut) -> u64 {
        let Some(value) = value else {
            out.put_i32(-1);
            return 0;
        };
        let start = out.len();
        out.put_i32(-1);
        match self.mask(value, out) {
            Scanned::Clean => {
                out.extend_from_slice(value);
                patch_length(out, start, value.len());
                0
            }
            Scanned::Value => {
                patch_length(out, start, out.len() - start - 4);
                1
            }
            Scanned::Null => {
                out.truncate(start + 4);
                1
            }
        }
    }

    /// Appends what a value becomes; nothing, where it stays or becomes NULL.
    fn mask(&self, value: &[u8], out: &mut BytesMut) -> Scanned {
        match self {
            Treatment::Keep => Scanned::Clean,
            Treatment::Scan { detectors, column, format, hints } => {
                detectors.mask(*column, *format, *hints, value, out)
            }
            Treatment::Mask { transform, column, format } => {
                match mask(transform, *column, *format, value, out) {
                    Masked::Value => Scanned::Value,
                    Masked::Null => Scanned::Null,
                }
            }
        }
    }
}
