//! Lines of fields with a delimiter between them: what COPY's text and CSV formats have in common.

use std::fmt;

use bytes::BytesMut;
use narrows_mask::Masked;

use super::copy_out::{Contradiction, Records};
use super::plan::Treatment;

/// How one of the two formats writes a field, and where a line ends.
pub(super) trait Dialect: fmt::Debug + Send {
    /// As [`Records::end`].
    fn end(&mut self, data: &[u8]) -> Option<usize>;

    /// Takes the field at the front of `rest`, as it is written, and the delimiter behind it.
    fn take_field<'a>(&self, delimiter: u8, rest: &mut Option<&'a [u8]>) -> Result<&'a [u8], Contradiction>;

    /// Whether a field is NULL, given what stands for that.
    fn is_null(&self, field: &[u8], null: &[u8]) -> bool;

    /// The value of a field: a part of it, or what is put into `plain`.
    fn read<'a>(&self, field: &'a [u8], plain: &'a mut BytesMut) -> &'a [u8];

    /// Whether the field that stands for a value is the value itself.
    fn is_plain(&self, value: &[u8], delimiter: u8, null: &[u8]) -> bool;

    /// Appends the field that stands for a value that is not plain.
    fn write(&self, value: &[u8], delimiter: u8, out: &mut BytesMut);
}

/// Lines of fields in one of the two formats.
#[derive(Debug)]
pub(super) struct DelimitedRecords<D> {
    dialect: D,
    delimiter: u8,
    null: Box<[u8]>,
    expects_header: bool,
    plain: BytesMut,
    masked: BytesMut,
}

impl<D: Dialect> DelimitedRecords<D> {
    /// Lines as the options of the statement have them.
    pub(super) fn new(dialect: D, delimiter: u8, null: Box<[u8]>, header: bool) -> DelimitedRecords<D> {
        DelimitedRecords {
            dialect,
            delimiter,
            null,
            expects_header: header,
            plain: BytesMut::new(),
            masked: BytesMut::new(),
        }
    }

    /// Appends what a field becomes that is not NULL; false, and nothing, where it is kept.
    fn put_masked(&mut self, field: &[u8], treatment: &Treatment, out: &mut BytesMut) -> bool {
        let value = self.dialect.read(field, &mut self.plain);
        let start = out.len();
        match treatment.mask(value, out) {
            None => return false,
            Some(Masked::Null) => {
                out.truncate(start);
                out.extend_from_slice(&self.null);
            }
            Some(Masked::Value) => {
                let masked = out.get(start..).unwrap_or_default();
                if !self.dialect.is_plain(masked, self.delimiter, &self.null) {
                    self.masked.clear();
                    self.masked.extend_from_slice(masked);
                    out.truncate(start);
                    self.dialect.write(&self.masked, self.delimiter, out);
                }
            }
        }
        true
    }
}

impl<D: Dialect> Records for DelimitedRecords<D> {
    fn end(&mut self, data: &[u8]) -> Result<Option<usize>, Contradiction> {
        Ok(if data.is_empty() { None } else { self.dialect.end(data) })
    }

    /// What lies between two masked fields is given out as it is, in one piece.
    fn put(
        &mut self,
        record: &[u8],
        columns: &[Treatment],
        out: &mut BytesMut,
    ) -> Result<u64, Contradiction> {
        let is_header = std::mem::take(&mut self.expects_header);
        let line = record.strip_suffix(b"\n").ok_or(Contradiction)?;
        let (mut rest, mut kept) = (Some(line), 0);
        let mut masked = 0;
        for treatment in columns {
            let start = line.len() - rest.map_or(0, <[u8]>::len);
            let field = self.dialect.take_field(self.delimiter, &mut rest)?;
            if is_header || !treatment.masks() || self.dialect.is_null(field, &self.null) {
                continue;
            }
            out.extend_from_slice(record.get(kept..start).unwrap_or_default());
            kept = start;
            if self.put_masked(field, treatment, out) {
                kept += field.len();
                masked += 1;
            }
        }
        out.extend_from_slice(record.get(kept..).unwrap_or_default());
        if rest.is_some() { Err(Contradiction) } else { Ok(masked) }
    }

    /// What a client writes may end its lines with a carriage return too.
    fn values(&mut self, record: &[u8], each: &mut dyn FnMut(usize, &[u8])) -> Result<(), Contradiction> {
        if std::mem::take(&mut self.expects_header) {
            return Ok(());
        }
        let line = record.strip_suffix(b"\n").ok_or(Contradiction)?;
        let mut rest = Some(line.strip_suffix(b"\r").unwrap_or(line));
        let mut index = 0;
        while rest.is_some() {
            let field = self.dialect.take_field(self.delimiter, &mut rest)?;
            if !self.dialect.is_null(field, &self.null) {
                each(index, self.dialect.read(field, &mut self.plain));
            }
            index += 1;
        }
        Ok(())
    }

    fn may_end(&self) -> bool {
        true
    }
}
