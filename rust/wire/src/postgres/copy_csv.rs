//! COPY's CSV format: a line for each row, quotes round what needs them, newlines inside (PostgreSQL
//! documentation, COPY, "File Formats").

use bytes::{BufMut, BytesMut};
use memchr::{memchr, memchr2};
use narrows_mask::Masked;

use super::copy_out::{Contradiction, Records};
use super::plan::Treatment;

/// A line that would end the data if it stood alone; the target quotes it.
const END_OF_DATA: &[u8] = b"\\.";

/// Lines of fields.
#[derive(Debug)]
pub(super) struct CsvRecords {
    delimiter: u8,
    null: Box<[u8]>,
    expects_header: bool,
    quote: u8,
    escape: u8,
    force_quote: bool,
    search: Search,
    value: BytesMut,
    masked: BytesMut,
}

/// How far the end of an unfinished record has been looked for.
#[derive(Debug, Default)]
struct Search {
    bytes: usize,
    is_quoted: bool,
}

impl CsvRecords {
    /// Lines as the options of the statement have them.
    pub(super) fn new(
        delimiter: u8,
        null: Box<[u8]>,
        header: bool,
        (quote, escape): (u8, u8),
        force_quote: bool,
    ) -> CsvRecords {
        CsvRecords {
            delimiter,
            null,
            expects_header: header,
            quote,
            escape,
            force_quote,
            search: Search::default(),
            value: BytesMut::new(),
            masked: BytesMut::new(),
        }
    }

    /// Takes the field at the front of `rest`, quotes included, and the delimiter behind it.
    fn take_field<'a>(&self, rest: &mut Option<&'a [u8]>) -> Result<&'a [u8], Contradiction> {
        let line = rest.ok_or(Contradiction)?;
        let quoted = if line.first() == Some(&self.quote) { self.quoted_bytes(line)? } else { 0 };
        let unquoted = line.get(quoted..).ok_or(Contradiction)?;
        let bytes = memchr(self.delimiter, unquoted).unwrap_or(unquoted.len());
        let bare = unquoted.get(..bytes).ok_or(Contradiction)?;
        if memchr(self.quote, bare).is_some() || (quoted > 0 && !bare.is_empty()) {
            return Err(Contradiction);
        }
        let (field, behind) = line.split_at_checked(quoted + bytes).ok_or(Contradiction)?;
        *rest = behind.get(1..);
        Ok(field)
    }

    /// Bytes of the quoted field at the front of `line`, both quotes included.
    fn quoted_bytes(&self, line: &[u8]) -> Result<usize, Contradiction> {
        let mut at = 1;
        loop {
            at += memchr2(self.quote, self.escape, line.get(at..).ok_or(Contradiction)?)
                .ok_or(Contradiction)?;
            let escapes = line.get(at) == Some(&self.escape) && self.is_escapable(line.get(at + 1));
            if escapes {
                at += 2;
            } else if line.get(at) == Some(&self.quote) {
                return Ok(at + 1);
            } else {
                at += 1;
            }
        }
    }

    fn is_escapable(&self, byte: Option<&u8>) -> bool {
        byte.is_some_and(|byte| *byte == self.quote || *byte == self.escape)
    }

    fn put_field(&mut self, field: &[u8], treatment: &Treatment, out: &mut BytesMut) -> u64 {
        let is_quoted = field.first() == Some(&self.quote);
        if !is_quoted && *field == *self.null {
            out.extend_from_slice(field);
            return 0;
        }
        let value = if is_quoted {
            self.unquote(field);
            &self.value
        } else {
            field
        };
        self.masked.clear();
        match treatment.mask(value, &mut self.masked) {
            None | Some(Masked::Null) => out.extend_from_slice(&self.null),
            Some(Masked::Value) if self.force_quote || self.needs_quotes() => self.put_quoted(out),
            Some(Masked::Value) => out.extend_from_slice(&self.masked),
        }
        1
    }

    /// Puts the value of a quoted field into `value`.
    fn unquote(&mut self, field: &[u8]) {
        self.value.clear();
        let mut inside = field.get(1..field.len() - 1).unwrap_or_default();
        while let Some((&byte, behind)) = inside.split_first() {
            let escapes = byte == self.escape && self.is_escapable(behind.first());
            inside = if escapes { behind } else { inside };
            self.value.extend_from_slice(inside.get(..1).unwrap_or_default());
            inside = inside.get(1..).unwrap_or_default();
        }
    }

    /// Whether the masked value would be read as something else without quotes. That the value itself had some
    /// must not show: the agent chooses what is quoted, and would learn what is in it.
    fn needs_quotes(&self) -> bool {
        let special = |byte: &u8| *byte == self.delimiter || *byte == self.quote || b"\r\n".contains(byte);
        *self.masked == *self.null || *self.masked == *END_OF_DATA || self.masked.iter().any(special)
    }

    fn put_quoted(&self, out: &mut BytesMut) {
        out.put_u8(self.quote);
        for byte in &self.masked {
            if self.is_escapable(Some(byte)) {
                out.put_u8(self.escape);
            }
            out.put_u8(*byte);
        }
        out.put_u8(self.quote);
    }
}

impl Records for CsvRecords {
    /// A newline outside quotes. Only quotes toggle: an escaped one inside is two of them, or is skipped.
    fn end(&mut self, data: &[u8]) -> Result<Option<usize>, Contradiction> {
        let Search { bytes: mut at, mut is_quoted } = std::mem::take(&mut self.search);
        loop {
            let ahead = data.get(at..).unwrap_or_default();
            let found = if is_quoted {
                memchr2(self.quote, self.escape, ahead)
            } else {
                memchr2(self.quote, b'\n', ahead)
            };
            let Some(&byte) = found.and_then(|found| data.get(at + found)) else {
                self.search = Search { bytes: data.len(), is_quoted };
                return Ok(None);
            };
            at += found.unwrap_or_default();
            if is_quoted && byte == self.escape && self.escape != self.quote {
                if at + 1 >= data.len() {
                    // Whether it escapes shows with the next byte.
                    self.search = Search { bytes: at, is_quoted };
                    return Ok(None);
                }
                at += if self.is_escapable(data.get(at + 1)) { 2 } else { 1 };
            } else if byte == self.quote {
                is_quoted = !is_quoted;
                at += 1;
            } else {
                return Ok(Some(at + 1));
            }
        }
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
            let field = self.take_field(&mut rest)?;
            if is_header || !treatment.masks() {
                out.extend_from_slice(field);
            } else {
                masked += self.put_field(field, treatment, out);
            }
        }
        out.put_u8(b'\n');
        if rest.is_some() { Err(Contradiction) } else { Ok(masked) }
    }

    fn may_end(&self) -> bool {
        true
    }
}
