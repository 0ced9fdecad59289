//! COPY's CSV format: a line for each row, quotes round what needs them, newlines inside (PostgreSQL
//! documentation, COPY, "File Formats").

use bytes::{BufMut, BytesMut};
use memchr::memchr2;

use super::copy_delimited::Dialect;
use super::copy_out::Contradiction;
use super::copy_search::{contains, equal, find, find_either};

/// A line that would end the data if it stood alone; the target quotes it.
const END_OF_DATA: &[u8] = b"\\.";

/// Fields with quotes.
#[derive(Debug)]
pub(super) struct Quoted {
    quote: u8,
    escape: u8,
    force_quote: bool,
    search: Search,
}

/// How far the end of an unfinished record has been looked for.
#[derive(Debug, Default)]
struct Search {
    bytes: usize,
    is_quoted: bool,
}

impl Quoted {
    /// Fields as the options of the statement have them.
    pub(super) fn new(quote: u8, escape: u8, force_quote: bool) -> Quoted {
        Quoted { quote, escape, force_quote, search: Search::default() }
    }

    /// Bytes of the quoted field at the front of `line`, both quotes included.
    fn quoted_bytes(&self, line: &[u8]) -> Result<usize, Contradiction> {
        let mut at = 1;
        loop {
            at += find_either(self.quote, self.escape, line.get(at..).ok_or(Contradiction)?)
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
}

impl Dialect for Quoted {
    /// A newline outside quotes. Only quotes toggle: an escaped one inside is two of them, or is skipped.
    fn end(&mut self, data: &[u8]) -> Option<usize> {
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
                return None;
            };
            at += found.unwrap_or_default();
            if is_quoted && byte == self.escape && self.escape != self.quote {
                if at + 1 >= data.len() {
                    // Whether it escapes shows with the next byte.
                    self.search = Search { bytes: at, is_quoted };
                    return None;
                }
                at += if self.is_escapable(data.get(at + 1)) { 2 } else { 1 };
            } else if byte == self.quote {
                is_quoted = !is_quoted;
                at += 1;
            } else {
                return Some(at + 1);
            }
        }
    }

    fn take_field<'a>(&self, delimiter: u8, rest: &mut Option<&'a [u8]>) -> Result<&'a [u8], Contradiction> {
        let line = rest.ok_or(Contradiction)?;
        let quoted = if line.first() == Some(&self.quote) { self.quoted_bytes(line)? } else { 0 };
        let unquoted = line.get(quoted..).ok_or(Contradiction)?;
        let bytes = find_either(delimiter, self.quote, unquoted).unwrap_or(unquoted.len());
        if unquoted.get(bytes) == Some(&self.quote) || (quoted > 0 && bytes > 0) {
            return Err(Contradiction);
        }
        let (field, behind) = line.split_at_checked(quoted + bytes).ok_or(Contradiction)?;
        *rest = behind.get(1..);
        Ok(field)
    }

    fn is_null(&self, field: &[u8], null: &[u8]) -> bool {
        field == null && field.first() != Some(&self.quote)
    }

    fn read<'a>(&self, field: &'a [u8], plain: &'a mut BytesMut) -> &'a [u8] {
        if field.first() != Some(&self.quote) {
            return field;
        }
        let mut inside = field.get(1..field.len() - 1).unwrap_or_default();
        if !contains(self.escape, inside) {
            return inside;
        }
        plain.clear();
        while let Some((&byte, behind)) = inside.split_first() {
            let escapes = byte == self.escape && self.is_escapable(behind.first());
            inside = if escapes { behind } else { inside };
            plain.extend_from_slice(inside.get(..1).unwrap_or_default());
            inside = inside.get(1..).unwrap_or_default();
        }
        plain
    }

    /// Quotes are for what would be read as something else without them. That what it stands for had some must
    /// not show: the agent chooses what is quoted, and would learn what is in it.
    fn is_plain(&self, value: &[u8], delimiter: u8, null: &[u8]) -> bool {
        let special = |word| {
            let ends_line = equal(word, b'\r') | equal(word, b'\n');
            ends_line | equal(word, delimiter) | equal(word, self.quote)
        };
        !self.force_quote && value != null && value != END_OF_DATA && find(value, special).is_none()
    }

    fn write(&self, value: &[u8], _delimiter: u8, out: &mut BytesMut) {
        out.put_u8(self.quote);
        for byte in value {
            if self.is_escapable(Some(byte)) {
                out.put_u8(self.escape);
            }
            out.put_u8(*byte);
        }
        out.put_u8(self.quote);
    }
}
