//! The messages that are read, each field checked against the end of its frame.

use std::sync::Arc;

use bytes::Bytes;

use crate::operation::Parameter;
use crate::{Error, Side};

/// A cursor over one message's body.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    side: Side,
}

impl<'a> Reader<'a> {
    /// A cursor at the start of `body`, which `side` sent.
    pub(super) fn new(side: Side, body: &'a [u8]) -> Reader<'a> {
        Reader { rest: body, side }
    }

    /// The next `count` bytes.
    pub(super) fn bytes(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) =
            self.rest.split_at_checked(count).ok_or_else(|| self.malformed("it ends too early"))?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next NUL-terminated string, without the NUL.
    pub(super) fn string(&mut self) -> Result<&'a [u8], Error> {
        let end = self.rest.iter().position(|&byte| byte == 0);
        let text = self.bytes(end.ok_or_else(|| self.malformed("a string has no end"))?)?;
        self.bytes(1)?;
        Ok(text)
    }

    /// The next byte.
    pub(super) fn u8(&mut self) -> Result<u8, Error> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    /// The next 16-bit integer.
    pub(super) fn i16(&mut self) -> Result<i16, Error> {
        Ok(i16::from_be_bytes(self.array()?))
    }

    /// The next 32-bit integer.
    pub(super) fn i32(&mut self) -> Result<i32, Error> {
        Ok(i32::from_be_bytes(self.array()?))
    }

    /// The next object id.
    pub(super) fn oid(&mut self) -> Result<u32, Error> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// The next 16-bit count, which may not be negative.
    pub(super) fn count(&mut self) -> Result<usize, Error> {
        usize::try_from(self.i16()?).map_err(|_| self.malformed("a count is negative"))
    }

    /// The next value with its 32-bit length; `None` for NULL.
    pub(super) fn value(&mut self) -> Result<Option<&'a [u8]>, Error> {
        match self.i32()? {
            -1 => Ok(None),
            length => {
                let length = usize::try_from(length).map_err(|_| self.malformed("a length is negative"))?;
                self.bytes(length).map(Some)
            }
        }
    }

    /// What has not been read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Checks that nothing is left.
    pub(super) fn end(&self) -> Result<(), Error> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.malformed("it is longer than its fields")) }
    }

    /// The error that blames this message's sender.
    pub(super) fn malformed(&self, what: &'static str) -> Error {
        Error::Malformed { side: self.side, what }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (taken, rest) =
            self.rest.split_first_chunk::<N>().ok_or_else(|| self.malformed("it ends too early"))?;
        self.rest = rest;
        Ok(*taken)
    }
}

/// `P`: a statement to prepare.
#[derive(Debug)]
pub(super) struct Parse<'a> {
    /// Empty for the unnamed statement.
    pub(super) name: &'a [u8],
    /// Not yet known to be UTF-8.
    pub(super) text: &'a [u8],
    /// Four bytes per declared parameter type.
    types: &'a [u8],
}

impl<'a> Parse<'a> {
    /// Reads the body of a Parse.
    pub(super) fn read(body: &'a [u8]) -> Result<Parse<'a>, Error> {
        let mut reader = Reader::new(Side::Downstream, body);
        let (name, text, count) = (reader.string()?, reader.string()?, reader.count()?);
        let types = reader.bytes(count * 4)?;
        reader.end()?;
        Ok(Parse { name, text, types })
    }

    /// The declared parameter types.
    pub(super) fn types(&self) -> impl Iterator<Item = u32> + 'a {
        self.types.chunks_exact(4).map(|chunk| chunk.iter().fold(0, |oid, &byte| oid << 8 | u32::from(byte)))
    }
}

/// `B`: a portal to make out of a statement.
#[derive(Debug)]
pub(super) struct Bind<'a> {
    /// Empty for the unnamed portal.
    pub(super) portal: &'a [u8],
    /// Empty for the unnamed statement.
    pub(super) statement: &'a [u8],
    rest: Reader<'a>,
}

impl<'a> Bind<'a> {
    /// Reads the two names of a Bind; the rest is read only where someone has to see it.
    pub(super) fn read(body: &'a [u8]) -> Result<Bind<'a>, Error> {
        let mut rest = Reader::new(Side::Downstream, body);
        Ok(Bind { portal: rest.string()?, statement: rest.string()?, rest })
    }

    /// The parameters.
    pub(super) fn parameters(&self) -> Result<Arc<[Parameter]>, Error> {
        let mut reader = self.rest.clone();
        let format_count = reader.count()?;
        let formats = Formats(reader.bytes(format_count * 2)?);
        let count = reader.count()?;
        if format_count > 1 && format_count != count {
            return Err(reader.malformed("it has as many formats as neither one, all nor none"));
        }
        (0..count)
            .map(|index| {
                let value = reader.value()?.map(Bytes::copy_from_slice);
                Ok(Parameter { format: formats.of(index), value })
            })
            .collect()
    }
}

/// Format codes: none for all text, one for all alike, or one for each.
struct Formats<'a>(&'a [u8]);

impl Formats<'_> {
    fn of(&self, index: usize) -> i16 {
        let index = if self.0.len() == 2 { 0 } else { index };
        match self.0.get(index * 2..index * 2 + 2) {
            Some([high, low]) => i16::from_be_bytes([*high, *low]),
            _ => 0,
        }
    }
}

/// `D` and `C`: what to describe or to close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named<'a> {
    /// A prepared statement.
    Statement(&'a [u8]),
    /// A portal.
    Portal(&'a [u8]),
}

impl<'a> Named<'a> {
    /// Reads the body of a Describe or a Close.
    pub(super) fn read(body: &'a [u8]) -> Result<Named<'a>, Error> {
        let mut reader = Reader::new(Side::Downstream, body);
        let (kind, name) = (reader.u8()?, reader.string()?);
        reader.end()?;
        match kind {
            b'S' => Ok(Named::Statement(name)),
            b'P' => Ok(Named::Portal(name)),
            _ => Err(reader.malformed("it names neither a statement nor a portal")),
        }
    }
}

/// The portal that an Execute runs.
pub(super) fn read_execute(body: &[u8]) -> Result<&[u8], Error> {
    let mut reader = Reader::new(Side::Downstream, body);
    let portal = reader.string()?;
    reader.i32()?;
    reader.end()?;
    Ok(portal)
}

/// One column of a RowDescription, as far as masks care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Column<'a> {
    /// `pg_class.oid` of the origin; 0 for none.
    pub(super) relation: u32,
    /// `pg_attribute.attnum` of the origin; 0 for none, or for a whole row.
    pub(super) attribute: i16,
    /// `pg_type.oid`.
    pub(super) type_oid: u32,
    /// The type modifier.
    pub(super) modifier: i32,
    /// 0 text, 1 binary.
    pub(super) format: i16,
    /// Its name, which tells detectors something.
    pub(super) name: &'a [u8],
}

/// Reads the columns of a RowDescription.
pub(super) fn read_columns(body: &[u8]) -> Result<Vec<Column<'_>>, Error> {
    let mut reader = Reader::new(Side::Upstream, body);
    let count = reader.count()?;
    let mut columns = Vec::new();
    for _ in 0..count {
        let name = reader.string()?;
        let (relation, attribute, type_oid) = (reader.oid()?, reader.i16()?, reader.oid()?);
        reader.i16()?;
        let (modifier, format) = (reader.i32()?, reader.i16()?);
        columns.push(Column { relation, attribute, type_oid, modifier, format, name });
    }
    reader.end()?;
    Ok(columns)
}

/// SQL text that may be judged: valid UTF-8 without NUL.
///
/// # Errors
/// A sentence for the agent that says what is wrong.
pub(super) fn sql(text: &[u8]) -> Result<&str, &'static str> {
    if memchr::memchr(0, text).is_some() {
        return Err("the statement holds a NUL byte");
    }
    std::str::from_utf8(text).map_err(|_| "the statement is not valid UTF-8")
}
