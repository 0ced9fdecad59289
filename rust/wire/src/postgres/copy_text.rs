//! COPY's text format: a line for each row, backslash escapes, no quotes (PostgreSQL documentation, COPY,
//! "File Formats").

use bytes::{BufMut, BytesMut};
use memchr::memchr;

use super::copy_delimited::Dialect;
use super::copy_out::Contradiction;
use super::copy_search::{below, contains, equal, find, find_either};

/// What stands for NULL by default. No value looks like it, since a backslash in one is doubled.
const BACKSLASH_N: &[u8] = b"\\N";

/// The letters that stand for control characters after a backslash.
const ESCAPES: [(u8, u8); 6] =
    [(b'b', 0x08), (b'f', 0x0c), (b'n', b'\n'), (b'r', b'\r'), (b't', b'\t'), (b'v', 0x0b)];

/// Fields with backslash escapes.
#[derive(Debug, Default)]
pub(super) struct Backslashed {
    /// Bytes of an unfinished line in which its end has been looked for.
    searched: usize,
}

impl Dialect for Backslashed {
    fn end(&mut self, data: &[u8]) -> Option<usize> {
        let found = memchr(b'\n', data.get(self.searched..).unwrap_or_default());
        let end = found.map(|at| self.searched + at + 1);
        self.searched = if end.is_some() { 0 } else { data.len() };
        end
    }

    fn take_field<'a>(&self, delimiter: u8, rest: &mut Option<&'a [u8]>) -> Result<&'a [u8], Contradiction> {
        let line = rest.ok_or(Contradiction)?;
        let mut at = 0;
        loop {
            let ahead = line.get(at..).ok_or(Contradiction)?;
            let Some(found) = find_either(delimiter, b'\\', ahead) else {
                *rest = None;
                return Ok(line);
            };
            at += found;
            if line.get(at) == Some(&delimiter) {
                let (field, behind) = line.split_at_checked(at).ok_or(Contradiction)?;
                *rest = behind.get(1..);
                return Ok(field);
            }
            at += 2;
        }
    }

    /// Of text that a value might be as well, nothing but emptiness may show: such a NULL is masked as that
    /// value would be, or the agent could have its guess confirmed.
    fn is_null(&self, field: &[u8], null: &[u8]) -> bool {
        field == null && (field == BACKSLASH_N || field.is_empty())
    }

    fn read<'a>(&self, field: &'a [u8], plain: &'a mut BytesMut) -> &'a [u8] {
        if !contains(b'\\', field) {
            return field;
        }
        plain.clear();
        unescape(field, plain);
        plain
    }

    fn is_plain(&self, value: &[u8], delimiter: u8, _null: &[u8]) -> bool {
        find(value, |word| below(word, b' ') | equal(word, b'\\') | equal(word, delimiter)).is_none()
    }

    fn write(&self, value: &[u8], delimiter: u8, out: &mut BytesMut) {
        escape(value, delimiter, out);
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
