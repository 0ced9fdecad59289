//! COPY's binary format: a header, tuples of fields with lengths, a trailer (PostgreSQL documentation, COPY,
//! "Binary Format").

use bytes::{BufMut, BytesMut};

use super::copy_out::{Contradiction, Records};
use super::message::Reader;
use super::plan::Treatment;
use crate::{Error, Side};

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// Signature, flags, and the length of an extension.
const HEADER_BYTES: usize = SIGNATURE.len() + 8;
/// The field count that ends the data.
const TRAILER: i16 = -1;

/// A header with the tuple behind it, as the target sends them in one message; tuples; the trailer.
#[derive(Debug, Default)]
pub(super) struct BinaryRecords {
    /// Bytes of an unfinished record that have been walked over.
    walked: usize,
    expected: Part,
}

/// What comes next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    ExpectHeader,
    ExpectTuple,
    ExpectField {
        left: i16,
    },
    ExpectEnd,
}

impl BinaryRecords {
    /// Walks over the next part; false while it is not whole.
    fn walk(&mut self, data: &[u8]) -> Result<bool, Contradiction> {
        let ahead = data.get(self.walked..).unwrap_or_default();
        let (bytes, next) = match self.expected {
            Part::ExpectHeader => {
                if ahead.len() < HEADER_BYTES {
                    return Ok(false);
                }
                (HEADER_BYTES, Part::ExpectTuple)
            }
            Part::ExpectTuple => {
                let Some(count) = ahead.first_chunk::<2>() else { return Ok(false) };
                match i16::from_be_bytes(*count) {
                    TRAILER => (2, Part::ExpectEnd),
                    count if count < 0 => return Err(Contradiction),
                    count => (2, Part::ExpectField { left: count }),
                }
            }
            Part::ExpectField { left } => {
                let Some(length) = ahead.first_chunk::<4>() else { return Ok(false) };
                let length = match i32::from_be_bytes(*length) {
                    -1 => 0,
                    length => usize::try_from(length).map_err(|_| Contradiction)?,
                };
                (4 + length, Part::ExpectField { left: left - 1 })
            }
            Part::ExpectEnd => return Err(Contradiction),
        };
        if ahead.len() < bytes {
            return Ok(false);
        }
        self.walked += bytes;
        self.expected = next;
        Ok(true)
    }
}

impl Records for BinaryRecords {
    fn end(&mut self, data: &[u8]) -> Result<Option<usize>, Contradiction> {
        if data.is_empty() {
            return Ok(None);
        }
        while self.walk(data)? {
            match self.expected {
                Part::ExpectField { left: 0 } => self.expected = Part::ExpectTuple,
                Part::ExpectEnd => {}
                _ => continue,
            }
            return Ok(Some(std::mem::take(&mut self.walked)));
        }
        Ok(None)
    }

    fn put(
        &mut self,
        record: &[u8],
        columns: &[Treatment],
        out: &mut BytesMut,
    ) -> Result<u64, Contradiction> {
        put_record(record, columns, out).map_err(|_| Contradiction)
    }

    fn values(&mut self, record: &[u8], each: &mut dyn FnMut(usize, &[u8])) -> Result<(), Contradiction> {
        let tuple = if record.starts_with(SIGNATURE) { record.get(HEADER_BYTES..) } else { Some(record) };
        let mut reader = Reader::new(Side::Downstream, tuple.ok_or(Contradiction)?);
        let count = reader.i16().map_err(|_| Contradiction)?;
        for index in 0..usize::try_from(count).unwrap_or(0) {
            if let Some(value) = reader.value().map_err(|_| Contradiction)? {
                each(index, value);
            }
        }
        reader.end().map_err(|_| Contradiction)
    }

    fn may_end(&self) -> bool {
        self.expected == Part::ExpectEnd
    }
}

fn put_record(record: &[u8], columns: &[Treatment], out: &mut BytesMut) -> Result<u64, Error> {
    let mut reader = Reader::new(Side::Upstream, record);
    if record.starts_with(SIGNATURE) {
        let header = reader.bytes(HEADER_BYTES)?;
        // Neither flags nor extensions have been given out by any version that has this protocol.
        if header.iter().skip(SIGNATURE.len()).any(|byte| *byte != 0) {
            return Err(reader.malformed("an unknown header of COPY data"));
        }
        out.extend_from_slice(header);
    }
    let count = reader.i16()?;
    out.put_i16(count);
    if count == TRAILER {
        return reader.end().map(|()| 0);
    }
    if usize::try_from(count) != Ok(columns.len()) {
        return Err(reader.malformed("a tuple has other columns than its statement"));
    }
    let mut masked = 0;
    for treatment in columns {
        masked += treatment.put_value(reader.value()?, out);
    }
    reader.end()?;
    Ok(masked)
}
