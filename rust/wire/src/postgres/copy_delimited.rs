//! Lines of fields with a delimiter between them: what COPY's text and CSV formats have in common.

use std::fmt;

use bytes::{BufMut, BytesMut};
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

    /// Appends the field that stands for a value.
    fn write(&self, value: &[u8], delimiter: u8, null: &[u8], out: &mut BytesMut);
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

    fn put_field(&mut self, field: &[u8], treatment: &Treatment, out: &mut BytesMut) -> u64 {
        if self.dialect.is_null(field, &self.null) {
            out.extend_from_slice(field);
            return 0;
        }
        self.masked.clear();
        let value = self.dialect.read(field, &mut self.plain);
        match treatment.mask(value, &mut self.masked) {
            None => {
                out.extend_from_slice(field);
                return 0;
            }
            Some(Masked::Null) => out.extend_from_slice(&self.null),
            Some(Masked::Value) => self.dialect.write(&self.masked, self.delimiter, &self.null, out),
        }
        1
    }
}

impl<D: Dialect> Records for DelimitedRecords<D> {
    fn end(&mut self, data: &[u8]) -> Result<Option<usize>, Contradiction> {
        Ok(self.dialect.end(data))
    }

    fn put(
        &mut self,
        record: &[u8],
        columns: &[Treatment],
        out: &mut BytesMut,
    ) -> Result<u64, Contradiction> {
        let is_header = std::mem::take(&mut self.expects_header);
        let mut rest = Some(record.strip_suffix(b"\n").ok_or(Contradiction)?);
        let mut masked = 0;
        for (index, treatment) in columns.iter().enumerate() {
            if index > 0 {
                out.put_u8(self.delimiter);
            }
            let field = self.dialect.take_field(self.delimiter, &mut rest)?;
            if is_header || !treatment.masks() {
                out.extend_from_slice(field);
            } else {
                masked += self.put_field(field, treatment, out);
            }
        }
        out.put_u8(b'\n');
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
