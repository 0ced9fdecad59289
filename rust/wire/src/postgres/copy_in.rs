//! COPY FROM STDIN where columns are masked: rows that hold what a mask has put in a value's place.
//!
//! The data passes as it comes, and is looked into on its way: what a copy has put into a table is there only once
//! it is whole. Where a row holds a placeholder the target is told that the copy has failed, and takes back all of
//! it; the agent is told why. A row that cannot be taken apart is looked into as one value.

use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use narrows_mask::{ColumnType, Format, MaskSet};

use super::copy_out::{Contradiction, Records};
use super::deny::Denial;
use super::frame::HEADER_BYTES;
use super::inspector::PostgresInspector;
use crate::{Actions, Allow, Effects, OutputColumn, Permit, Side};

/// A copy that is being looked into.
#[derive(Debug)]
pub(super) struct CopyGuard {
    masks: Arc<MaskSet>,
    columns: Arc<[OutputColumn]>,
    format: Format,
    records: Box<dyn Records>,
    /// The front of a row whose rest has not come yet.
    held: BytesMut,
    /// Bytes of the header of the message that is being taken.
    header: usize,
    /// Why it must fail, once it must.
    refusal: Option<Denial>,
    /// Whether the target has been told.
    has_failed: bool,
}

impl CopyGuard {
    /// Bytes that it keeps.
    pub(super) fn kept_bytes(&self) -> usize {
        self.held.len()
    }

    /// Looks into the payload of a part of a CopyData.
    fn take(&mut self, part: &[u8], row_bytes_max: usize) {
        let header = self.header.min(part.len());
        self.header -= header;
        if self.refusal.is_some() {
            return;
        }
        self.held.extend_from_slice(part.get(header..).unwrap_or_default());
        let held = std::mem::take(&mut self.held);
        let mut rest = &held[..];
        loop {
            match self.records.end(rest) {
                Ok(Some(end)) => {
                    let Some((record, behind)) = rest.split_at_checked(end) else { break };
                    rest = behind;
                    self.look(record);
                }
                Ok(None) => break,
                Err(Contradiction) => {
                    self.look(rest);
                    rest = &[];
                    break;
                }
            }
        }
        self.held = BytesMut::from(rest);
        if self.held.len() > row_bytes_max {
            self.refusal = Some(Denial::of_limit("a row of COPY data is", "bind_bytes_max", row_bytes_max));
        }
    }

    /// The last line may have no end.
    fn finish(&mut self) {
        let mut held = std::mem::take(&mut self.held);
        if !held.is_empty() {
            held.put_u8(b'\n');
            self.look(&held);
        }
    }

    fn look(&mut self, record: &[u8]) {
        let (masks, columns, format) = (&self.masks, &self.columns, self.format);
        let mut found = false;
        let mut look = |index: usize, value: &[u8]| {
            let (transform, column) = match columns.get(index) {
                Some(OutputColumn::Masked { transform, column }) => (Some(transform), *column),
                _ => (None, ColumnType::UNKNOWN),
            };
            found |= masks.knows(transform, column, format, value);
        };
        if self.records.values(record, &mut look).is_err() {
            look(usize::MAX, record);
        }
        if found && self.refusal.is_none() {
            self.refusal = Some(Denial::of_written_back());
        }
    }
}

impl PostgresInspector {
    /// Sets up what looks into the data of a statement that copies in, where something has to.
    pub(super) fn guard_copy(&mut self, allow: &Allow) {
        self.copy_guard = None;
        let (Some(masks), Some(columns), Some(format)) = (&self.masks, &allow.columns, &allow.copy) else {
            return;
        };
        if allow.effects.contains(Effects::COPY_IN) {
            self.copy_guard = Some(Box::new(CopyGuard {
                masks: Arc::clone(masks),
                columns: Arc::clone(columns),
                format: format.of_values(),
                records: format.records(),
                held: BytesMut::new(),
                header: 0,
                refusal: None,
                has_failed: false,
            }));
        }
    }

    /// Whether data of the agent's still goes to the target.
    pub(super) fn copy_passes(&self) -> bool {
        self.copies_in() && !self.copy_guard.as_ref().is_some_and(|guard| guard.has_failed)
    }

    /// A CopyData begins.
    pub(super) fn begin_copy_data(&mut self) {
        if let Some(guard) = &mut self.copy_guard {
            guard.header = HEADER_BYTES;
        }
    }

    /// A part of a CopyData has gone up. A message is not broken off: the copy fails behind it.
    pub(super) fn look_into_copy(&mut self, part: &[u8], out: &mut Actions) {
        let row_bytes_max = self.limits.bind_bytes_max;
        if let Some(guard) = self.copy_guard.as_mut().filter(|guard| !guard.has_failed) {
            guard.take(part, row_bytes_max);
            if !self.from_agent.is_open() {
                self.fail_refused_copy(out);
            }
        }
    }

    /// The agent has ended its data; whether the target may be told so.
    pub(super) fn end_guarded_copy(&mut self, out: &mut Actions) -> bool {
        let Some(guard) = &mut self.copy_guard else { return true };
        guard.finish();
        self.fail_refused_copy(out);
        self.copy_passes()
    }

    fn fail_refused_copy(&mut self, out: &mut Actions) {
        let Some(guard) =
            self.copy_guard.as_mut().filter(|guard| guard.refusal.is_some() && !guard.has_failed)
        else {
            return;
        };
        guard.has_failed = true;
        self.counters.denials += 1;
        let mut failure = BytesMut::new();
        self.poison.put_copy_fail(&mut failure);
        out.forward(Side::Upstream, Permit::for_protocol(), &failure);
    }

    /// Why the copy that is open had to fail.
    pub(super) fn copy_refusal(&self) -> Option<&Denial> {
        self.copy_guard.as_ref()?.refusal.as_ref()
    }
}
