//! Detectors in values that hold values: arrays and records, masked one element at a time.

use bytes::BytesMut;

use super::{Detectors, Hints, Scanned, literal};
use crate::{ColumnType, Format};

impl Detectors {
    pub(super) fn scan_literal(
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
    pub(super) fn scan_array(
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
    pub(super) fn scan_record(
        &self,
        hints: Hints,
        value: &[u8],
        out: &mut BytesMut,
        depth: usize,
    ) -> Option<Scanned> {
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
