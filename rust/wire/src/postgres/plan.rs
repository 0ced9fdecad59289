//! What is done to each column of a result, and doing it.
//!
//! A plan is made from a RowDescription, which names each column's origin. It belongs to what was
//! described (a portal, or one result of a simple Query) and to nothing else: the same statement bound
//! again may have been planned onto other tables.

use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use narrows_mask::{
    ColumnType, Detectors, Format, Hints, MaskSet, Masked, Origin, Scanned, Transform, Types,
};

use super::frame::patch_length;
use super::lineage::Lineage;
use super::message::{Column, Reader, read_columns};
use crate::{Error, OutputColumn, Side};

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
    contradicts: bool,
}

/// What is done to one column.
#[derive(Debug)]
pub(super) enum Treatment {
    /// Nothing.
    Keep,
    /// Its values are masked, in the format in which they come.
    Mask { transform: Transform, types: Arc<Types>, column: ColumnType, format: Format },
    /// Parts of its values are masked, and the rest is masked where the detectors find something.
    MaskParts {
        transform: Transform,
        types: Arc<Types>,
        detectors: Arc<Detectors>,
        column: ColumnType,
        format: Format,
        hints: Hints,
    },
    /// No mask covers the column; its values are masked where the detectors find something.
    Scan { detectors: Arc<Detectors>, column: ColumnType, format: Format, hints: Hints },
}

impl Plan {
    /// Makes the plan for a RowDescription's `body`. An origin decides where there is one, `lineage` elsewhere.
    pub(super) fn new(body: &[u8], masks: &MaskSet, lineage: &Lineage) -> Result<Plan, Error> {
        let described = read_columns(body)?;
        let count = described.len();
        let mut contradicts = !lineage.fits(count);
        let mut columns = Vec::with_capacity(count);
        for (index, column) in described.into_iter().enumerate() {
            let (origin, is_clear) =
                (masks.origin(column.relation, column.attribute), lineage.clears(index, count));
            contradicts |= match origin {
                Origin::Unknown => true,
                Origin::Masked(_) | Origin::Whole(..) => is_clear,
                Origin::Clear | Origin::None => false,
            };
            let detectors = masks.detectors_of(column.relation, column.attribute);
            columns.push(Treatment::of(column, origin, is_clear, detectors, &masks.types));
        }
        let masks_any = columns.iter().any(Treatment::masks);
        Ok(Plan { columns, masks_any, contradicts })
    }

    /// What it does to rows: nothing, where no column is masked.
    pub(super) fn rows(self: &Arc<Plan>) -> Rows {
        if self.masks_any { Rows::Rewrite(Arc::clone(self)) } else { Rows::Pass }
    }

    /// Whether the description shows that masks and verdicts were made from a catalogue that is out of date:
    /// it names a relation that they do not know, has another number of columns than lineage found, or gives
    /// a masked origin to a column that lineage cleared.
    pub(super) fn contradicts_catalogue(&self) -> bool {
        self.contradicts
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
    /// Of a result column with that origin, which lineage may have cleared.
    fn of(
        column: Column<'_>,
        origin: Origin<'_>,
        is_clear: bool,
        detectors: Option<&Arc<Detectors>>,
        types: &Arc<Types>,
    ) -> Treatment {
        let hints = detectors.map_or_else(Hints::default, |_| Hints::of_name(column.name));
        let format = if column.format == 0 { Format::Text } else { Format::Binary };
        let column = ColumnType { oid: column.type_oid, modifier: column.modifier };
        let transform = match origin {
            Origin::Clear => return Treatment::unmasked(column, format, hints, detectors),
            Origin::None if is_clear => return Treatment::unmasked(column, format, hints, detectors),
            Origin::Whole(relation, columns) if types.is_row_of(column.oid, relation) => {
                Transform::Fields(Arc::clone(columns))
            }
            Origin::None | Origin::Whole(..) | Origin::Unknown => Transform::Redact,
            Origin::Masked(transform) => transform.clone(),
        };
        Treatment::masked(transform, types, column, format, hints, detectors)
    }

    /// Of a column that a mask covers. What a mask of parts leaves is looked into like any other value.
    fn masked(
        transform: Transform,
        types: &Arc<Types>,
        column: ColumnType,
        format: Format,
        hints: Hints,
        detectors: Option<&Arc<Detectors>>,
    ) -> Treatment {
        let types = Arc::clone(types);
        match (&transform, detectors) {
            (Transform::Paths(_) | Transform::Fields(_), Some(detectors)) => {
                let detectors = Arc::clone(detectors);
                Treatment::MaskParts { transform, types, detectors, column, format, hints }
            }
            _ => Treatment::Mask { transform, types, column, format },
        }
    }

    /// Of a column that no mask covers.
    fn unmasked(
        column: ColumnType,
        format: Format,
        hints: Hints,
        detectors: Option<&Arc<Detectors>>,
    ) -> Treatment {
        match detectors {
            Some(detectors) if Detectors::scans(column) => {
                Treatment::Scan { detectors: Arc::clone(detectors), column, format, hints }
            }
            _ => Treatment::Keep,
        }
    }

    /// Of a column that is copied out, about which there is nothing but the verdict.
    pub(super) fn of_output(output: &OutputColumn, format: Format, masks: &MaskSet) -> Treatment {
        match output {
            OutputColumn::Clear(clear) => {
                let detectors = masks.detectors_of(clear.relation, clear.attribute);
                Treatment::unmasked(clear.column, format, clear.hints, detectors)
            }
            OutputColumn::Whole(column) => {
                let detectors = masks.detectors.as_ref();
                Treatment::masked(
                    Transform::Redact,
                    &masks.types,
                    *column,
                    format,
                    Hints::default(),
                    detectors,
                )
            }
            OutputColumn::Masked { transform, column } => {
                let detectors = masks.detectors.as_ref();
                Treatment::masked(
                    transform.clone(),
                    &masks.types,
                    *column,
                    format,
                    Hints::default(),
                    detectors,
                )
            }
        }
    }

    /// Whether values may be changed.
    pub(super) fn masks(&self) -> bool {
        !matches!(self, Treatment::Keep)
    }

    /// Appends one value with its length; 1 if it was masked. NULL stays NULL.
    pub(super) fn put_value(&self, value: Option<&[u8]>, out: &mut BytesMut) -> u64 {
        let Some(value) = value else {
            out.put_i32(-1);
            return 0;
        };
        if matches!(self, Treatment::Keep) {
            put_kept(value, out);
            return 0;
        }
        let start = out.len();
        out.put_i32(-1);
        match self.mask(value, out) {
            None => {
                out.truncate(start);
                put_kept(value, out);
                0
            }
            Some(Masked::Value) => {
                patch_length(out, start, out.len() - start - 4);
                1
            }
            Some(Masked::Null) => {
                out.truncate(start + 4);
                1
            }
        }
    }

    /// Appends what `value`, which is not NULL, becomes; `None`, and appends nothing, where it is kept.
    pub(super) fn mask(&self, value: &[u8], out: &mut BytesMut) -> Option<Masked> {
        match self {
            Treatment::Keep => None,
            Treatment::Scan { detectors, column, format, hints } => {
                match detectors.mask(*column, *format, *hints, value, out) {
                    Scanned::Clean => None,
                    Scanned::Value => Some(Masked::Value),
                    Scanned::Null => Some(Masked::Null),
                }
            }
            Treatment::MaskParts { transform, types, detectors, column, format, hints } => {
                let mut left = BytesMut::with_capacity(value.len());
                if types.mask(transform, *column, *format, value, &mut left) == Masked::Null {
                    return Some(Masked::Null);
                }
                match detectors.mask(*column, *format, *hints, &left, out) {
                    Scanned::Clean => out.extend_from_slice(&left),
                    Scanned::Value => {}
                    Scanned::Null => return Some(Masked::Null),
                }
                Some(Masked::Value)
            }
            Treatment::Mask { transform, types, column, format } => {
                Some(types.mask(transform, *column, *format, value, out))
            }
        }
    }
}

fn put_kept(value: &[u8], out: &mut BytesMut) {
    out.put_u32(u32::try_from(value.len()).unwrap_or(u32::MAX));
    out.extend_from_slice(value);
}
