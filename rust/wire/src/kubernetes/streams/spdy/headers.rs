//! Header blocks (SPDY/3.1, section 2.6.10): inflated and read, or written.

use std::collections::BTreeMap;

use bytes::{Buf, BufMut, BytesMut};
use flate2::{Decompress, FlushDecompress, Status};

use super::dictionary::DICTIONARY;
use crate::{Error, Side};

/// Headers of one block.
const HEADERS_MAX: u32 = 32;
/// Bytes that a block may inflate to.
const BLOCK_BYTES_MAX: usize = 16 << 10;
/// The front of a zlib stream (RFC 1950): deflate, no dictionary, the fastest level.
const ZLIB_HEAD: [u8; 2] = [0x78, 0x01];
/// An empty stored block, with which zlib flushes: Go's inflater gives out what came before it no sooner.
const FLUSH: [u8; 5] = [0, 0, 0, 0xff, 0xff];

/// What a block says: names in lower case, each with one value.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Headers(BTreeMap<String, String>);

impl Headers {
    /// The value of a header, if there is one.
    pub(in super::super) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn read(side: Side, mut block: &[u8]) -> Result<Headers, Error> {
        let malformed =
            || Error::Malformed { side, what: "a SPDY header block that is cut short or too long" };
        let count = block.try_get_u32().map_err(|_| malformed())?;
        if count > HEADERS_MAX {
            return Err(Error::LimitExceeded { side, limit: "headers_max" });
        }
        let mut headers = BTreeMap::new();
        for _ in 0..count {
            let name = read_text(&mut block).ok_or_else(malformed)?;
            let value = read_text(&mut block).ok_or_else(malformed)?;
            let is_name = !name.is_empty() && name.bytes().all(|byte| matches!(byte, b'!'..=b'~'));
            if !is_name || name.bytes().any(|byte| byte.is_ascii_uppercase()) {
                return Err(Error::Malformed { side, what: "a SPDY header whose name is none" });
            }
            // A NUL would part several values (section 2.6.10), of which peers might take another one each.
            if value.chars().any(char::is_control) || headers.insert(name, value).is_some() {
                return Err(Error::Malformed { side, what: "a SPDY header with several values" });
            }
        }
        if block.has_remaining() { Err(malformed()) } else { Ok(Headers(headers)) }
    }
}

fn read_text(block: &mut &[u8]) -> Option<String> {
    let length = usize::try_from(block.try_get_u32().ok()?).ok()?;
    let (text, rest) = block.split_at_checked(length)?;
    *block = rest;
    std::str::from_utf8(text).ok().map(str::to_owned)
}

/// Inflates the blocks of one direction, whose state runs on from one to the next.
#[derive(Debug)]
pub(super) struct Inflater {
    side: Side,
    zlib: Decompress,
}

impl Inflater {
    /// Before the first block that comes from `side`.
    pub(super) fn new(side: Side) -> Inflater {
        Inflater { side, zlib: Decompress::new(true) }
    }

    /// Reads a block.
    ///
    /// # Errors
    /// It does not inflate, or to more than [`BLOCK_BYTES_MAX`], or to no headers.
    pub(super) fn read(&mut self, block: &[u8]) -> Result<Headers, Error> {
        // One byte more, so that a block that fits leaves nothing behind in the inflater.
        let mut inflated = Vec::with_capacity(BLOCK_BYTES_MAX + 1);
        let start = self.zlib.total_in();
        loop {
            let taken = usize::try_from(self.zlib.total_in() - start).unwrap_or(usize::MAX);
            let rest = block.get(taken..).unwrap_or_default();
            match self.zlib.decompress_vec(rest, &mut inflated, FlushDecompress::Sync) {
                Err(error) if error.needs_dictionary().is_some() => {
                    let set = self.zlib.set_dictionary(DICTIONARY.as_bytes());
                    set.map_err(|_| self.malformed())?;
                }
                _ if inflated.len() > BLOCK_BYTES_MAX => {
                    return Err(Error::LimitExceeded { side: self.side, limit: "header_block_bytes_max" });
                }
                Ok(Status::Ok) if self.zlib.total_in() - start < block.len() as u64 => {}
                Ok(Status::Ok | Status::BufError) => return Headers::read(self.side, &inflated),
                Ok(Status::StreamEnd) | Err(_) => return Err(self.malformed()),
            }
        }
    }

    fn malformed(&self) -> Error {
        Error::Malformed { side: self.side, what: "a SPDY header block that does not inflate" }
    }
}

/// Writes the blocks of one direction. They are stored, not compressed (RFC 1951, section 3.2.4): an inflater
/// reads them as any other, and there is no state that could come out of step.
#[derive(Debug, Default)]
pub(super) struct Deflater {
    has_begun: bool,
}

impl Deflater {
    /// The next block. Names are in lower case, and all of it is short.
    pub(super) fn write(&mut self, headers: &[(&str, &str)]) -> BytesMut {
        let mut block = BytesMut::new();
        block.put_u32(u32::try_from(headers.len()).unwrap_or(u32::MAX));
        for text in headers.iter().flat_map(|(name, value)| [name, value]) {
            block.put_u32(u32::try_from(text.len()).unwrap_or(u32::MAX));
            block.put_slice(text.as_bytes());
        }
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        let mut out = BytesMut::with_capacity(block.len() + 12);
        if !std::mem::replace(&mut self.has_begun, true) {
            out.put_slice(&ZLIB_HEAD);
        }
        out.put_u8(0);
        out.put_u16_le(length);
        out.put_u16_le(!length);
        out.put_slice(&block);
        out.put_slice(&FLUSH);
        out
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compress, Compression, FlushCompress};

    use super::*;

    /// The block of headers as spdystream would write it.
    fn compress(zlib: &mut Compress, plain: &[u8]) -> Vec<u8> {
        let mut block = Vec::with_capacity(plain.len() + 1024);
        zlib.compress_vec(plain, &mut block, FlushCompress::Sync).unwrap();
        block
    }

    fn compressor() -> Compress {
        let mut zlib = Compress::new(Compression::best(), true);
        zlib.set_dictionary(DICTIONARY.as_bytes()).unwrap();
        zlib
    }

    fn plain(headers: &[(&str, &str)]) -> Vec<u8> {
        let block = Deflater { has_begun: true }.write(headers);
        block[5..block.len() - FLUSH.len()].to_vec()
    }

    #[test]
    fn blocks_are_inflated_one_after_another() {
        let (mut zlib, mut inflater) = (compressor(), Inflater::new(Side::Downstream));
        for port in 1..100 {
            let port = port.to_string();
            let block = compress(&mut zlib, &plain(&[("streamtype", "data"), ("port", &port)]));
            let headers = inflater.read(&block).unwrap();
            assert_eq!((headers.value("streamtype"), headers.value("port")), (Some("data"), Some(&port[..])));
            assert_eq!(headers.value("requestid"), None);
        }
    }

    #[test]
    fn stored_blocks_inflate_too() {
        let (mut deflater, mut inflater) = (Deflater::default(), Inflater::new(Side::Upstream));
        for value in ["a", "b"] {
            let headers = inflater.read(&deflater.write(&[("name", value)])).unwrap();
            assert_eq!(headers.value("name"), Some(value));
            assert_eq!(inflater.read(&deflater.write(&[])), Ok(Headers::default()));
        }
    }

    #[test]
    fn a_bomb_is_refused_before_it_has_gone_off() {
        let value = "a".repeat(8 << 20);
        let block = compress(&mut compressor(), &plain(&[("name", &value)]));
        assert!(block.len() < 10_000);
        let error = Inflater::new(Side::Downstream).read(&block).unwrap_err().to_string();
        assert!(error.contains("header_block_bytes_max"), "{error}");
    }

    #[test]
    fn what_is_no_block_is_refused() {
        let good = plain(&[("name", "value")]);
        let longer = [&good[..], b"x"].concat();
        for bad in [
            b"".as_slice(),
            b"\0\0\0",
            b"\0\0\0\x01",
            b"\0\0\0\x21",
            b"\xff\xff\xff\xff",
            b"\0\0\0\x01\xff\xff\xff\xffa",
            &good[..good.len() - 1],
            &longer,
            &plain(&[("Name", "value")]),
            &plain(&[("", "value")]),
            &plain(&[("name", "a"), ("name", "b")]),
            &plain(&[("name", "a\0b")]),
            b"\0\0\0\x01\0\0\0\x01a\0\0\0\x01\xff",
        ] {
            let block = compress(&mut compressor(), bad);
            assert!(Inflater::new(Side::Downstream).read(&block).is_err(), "{bad:02x?}");
        }
        assert!(Inflater::new(Side::Downstream).read(b"no zlib at all").is_err());
        let mut other = Compress::new(Compression::best(), true);
        other.set_dictionary(b"another dictionary").unwrap();
        assert!(Inflater::new(Side::Downstream).read(&compress(&mut other, &good)).is_err());
    }
}
