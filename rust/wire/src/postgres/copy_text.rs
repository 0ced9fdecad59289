//! COPY's text format: a line for each row, backslash escapes, no quotes (PostgreSQL documentation, COPY,
//! "File Formats").

use bytes::{BufMut, BytesMut};
use memchr::{memchr, memchr2};
use narrows_mask::Masked;

use super::copy_out::{Contradiction, Records};
use super::plan::Treatment;

/// What stands for NULL by default. No value looks like it, since a backslash in one is doubled.
const BACKSLASH_N: &[u8] = b"\\N";

/// The letters that stand for control characters after a backslash.
const ESCAPES: [(u8, u8); 6] =
    [(b'b', 0x08), (b'f', 0x0c), (b'n', b'\n'), (b'r', b'\r'), (b't', b'\t'), (b'v', 0x0b)];

/// Lines of fields.
#[derive(Debug)]
pub(super) struct TextRecords {
    delimiter: u8,
    null: Box<[u8]>,
    expects_header: bool,
    /// Bytes of an unfinished line in which its end has been looked for.
    searched: usize,
    value: BytesMut,
    masked: BytesMut,
}

impl TextRecords {
    /// Lines as the options of the statement have them.
    pub(super) fn new(delimiter: u8, null: Box<[u8]>, header: bool) -> TextRecords {
        TextRecords {
            delimiter,
            null,
            expects_header: header,
            searched: 0,
            value: BytesMut::new(),
            masked: BytesMut::new(),
        }
    }

    /// Takes the field at the front of `rest`, and the delimiter behind it.
    fn take_field<'a>(&self, rest: &mut Option<&'a [u8]>) -> Result<&'a [u8], Contradiction> {
        let line = rest.ok_or(Contradiction)?;
        let mut at = 0;
        loop {
            let ahead = line.get(at..).ok_or(Contradiction)?;
            let Some(found) = memchr2(self.delimiter, b'\\', ahead) else {
                *rest = None;
                return Ok(line);
            };
            at += found;
            if line.get(at) == Some(&self.delimiter) {
                let (field, behind) = line.split_at_checked(at).ok_or(Contradiction)?;
                *rest = behind.get(1..);
                return Ok(field);
            }
            at += 2;
        }
    }

    fn put_field(&mut self, field: &[u8], treatment: &Treatment, out: &mut BytesMut) -> u64 {
        if self.is_null(field) {
            out.extend_from_slice(field);
            return 0;
        }
        let value = if memchr(b'\\', field).is_some() {
            self.value.clear();
            unescape(field, &mut self.value);
            &self.value
        } else {
            field
        };
        self.masked.clear();
        match treatment.mask(value, &mut self.masked) {
            None | Some(Masked::Null) => out.extend_from_slice(&self.null),
            Some(Masked::Value) => escape(&self.masked, self.delimiter, out),
        }
        1
    }

    /// Whether a field is NULL. Of text that a value might be as well, nothing but emptiness may show: such a
    /// NULL is masked as that value would be, or the agent could have its guess confirmed.
    fn is_null(&self, field: &[u8]) -> bool {
        *field == *self.null && (field == BACKSLASH_N || field.is_empty())
    }
}

impl Records for TextRecords {
    fn end(&mut self, data: &[u8]) -> Result<Option<usize>, Contradiction> {
        let found = memchr(b'\n', data.get(self.searched..).unwrap_or_default());
        let end = found.map(|at| self.searched + at + 1);
        self.searched = if end.is_some() { 0 } else { data.len() };
        Ok(end)
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

/// Appends the value that a field stands for. The target writes no other escapes than these.
fn unescape(field: &[u8], out: &mut BytesMut) {
    let mut bytes = field.iter().copied();
    while let Some(byte) = bytes.next() {
        let literal = if byte == b'\\' { bytes.next().map_or(byte, unescaped) } else { byte };
        out.put_u8(literal);
    }
}

fn unescaped(letter: u8) -> u8 {
    ESCAPES.iter().find(|(escape, _)| *escape == letter).map_or(letter, |(_, control)| *control)
}

/// Appends the field that stands for a value.
fn escape(value: &[u8], delimiter: u8, out: &mut BytesMut) {
    let is_plain = |byte: &u8| *byte >= b' ' && *byte != b'\\' && *byte != delimiter;
    if value.iter().all(is_plain) {
        return out.extend_from_slice(value);
    }
    for &byte in value {
        let letter = ESCAPES.iter().find(|(_, control)| *control == byte).map(|(letter, _)| *letter);
        if let Some(letter) = letter {
            out.extend_from_slice(&[b'\\', letter]);
        } else if byte == b'\\' || byte == delimiter {
            out.extend_from_slice(&[b'\\', byte]);
        } else {
            out.put_u8(byte);
        }
    }
}
