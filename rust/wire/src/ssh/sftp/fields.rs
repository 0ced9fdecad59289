//! The fields of a body: numbers and strings (RFC 4251, section 5).

use bytes::{BufMut, BytesMut};

/// Reads fields off the front of a body. Every reading answers `None` where the body is too short.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// Fields of `body` from its front.
    pub(super) fn of(body: &'a [u8]) -> Fields<'a> {
        Fields(body)
    }

    /// A `uint32`.
    pub(super) fn u32(&mut self) -> Option<u32> {
        let (bytes, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*bytes))
    }

    /// A `uint64`.
    pub(super) fn u64(&mut self) -> Option<u64> {
        let (bytes, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(u64::from_be_bytes(*bytes))
    }

    /// A `string`: a length and as many bytes.
    pub(super) fn string(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.u32()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    /// Whatever is left, unread.
    pub(super) fn rest(self) -> &'a [u8] {
        self.0
    }

    /// Nothing is left.
    pub(super) fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// Appends a `string`.
pub(super) fn put_string(out: &mut BytesMut, bytes: &[u8]) {
    out.put_u32(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_that_ends_early_is_none() {
        assert_eq!(Fields::of(b"\0\0\0\x02ab").string(), Some(&b"ab"[..]));
        for short in [&b"\0\0\0\x03ab"[..], b"\xff\xff\xff\xffab", b"\0\0\0"] {
            assert_eq!(Fields::of(short).string(), None);
        }
    }
}
