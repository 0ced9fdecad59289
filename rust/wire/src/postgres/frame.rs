//! Framing: a type byte, a length that counts itself, a body.
//!
//! Most messages are dealt with by their header alone. A frame that may be large passes (or is dropped)
//! as it comes, so that a row of a gigabyte costs no memory.

use bytes::{BufMut, BytesMut};

use crate::{Error, Side};

/// Bytes of type and length.
pub(super) const HEADER_BYTES: usize = 5;

/// A whole frame up to this size is waited for; a longer one that needs no reading streams through.
pub(super) const STREAM_BYTES: usize = 64 << 10;

/// The first five bytes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The type byte.
    pub(super) tag: u8,
    /// Bytes of the whole frame, header included.
    pub(super) total: usize,
}

impl Header {
    /// Reads the header at the front of `input` without taking it.
    ///
    /// # Errors
    /// When the length is less than its own size or negative.
    pub(super) fn peek(side: Side, input: &[u8]) -> Result<Option<Header>, Error> {
        let Some((&tag, rest)) = input.split_first() else { return Ok(None) };
        let Some(length) = rest.first_chunk::<4>() else { return Ok(None) };
        let length = usize::try_from(i32::from_be_bytes(*length)).unwrap_or(0);
        if length < 4 {
            return Err(Error::Malformed { side, what: "a length field below four" });
        }
        Ok(Some(Header { tag, total: length + 1 }))
    }

    /// Bytes of the frame after the header.
    pub(super) fn body_bytes(self) -> usize {
        self.total - HEADER_BYTES
    }
}

/// A whole frame without its header.
pub(super) fn body_of(frame: &[u8]) -> &[u8] {
    frame.get(HEADER_BYTES..).unwrap_or_default()
}

/// What is still to come of a frame that is not held whole.
#[derive(Debug, Default)]
pub(super) struct Remainder {
    bytes: usize,
    forwards: bool,
}

impl Remainder {
    /// Starts on a frame of `total` bytes, which is forwarded or dropped.
    pub(super) fn begin(&mut self, total: usize, forwards: bool) {
        self.bytes = total;
        self.forwards = forwards;
    }

    /// Whether the frame is forwarded.
    pub(super) fn forwards(&self) -> bool {
        self.forwards
    }

    /// Takes what `input` has of the frame.
    pub(super) fn take(&mut self, input: &mut BytesMut) -> BytesMut {
        let taken = input.split_to(self.bytes.min(input.len()));
        self.bytes -= taken.len();
        taken
    }

    /// Whether the peer has got a part of the frame and waits for the rest.
    pub(super) fn is_half_forwarded(&self) -> bool {
        self.is_open() && self.forwards
    }

    /// Whether the frame has not ended yet.
    pub(super) fn is_open(&self) -> bool {
        self.bytes > 0
    }
}

/// Appends a message whose body `write` appends.
pub(super) fn put(out: &mut BytesMut, tag: u8, write: impl FnOnce(&mut BytesMut)) {
    out.put_u8(tag);
    put_untagged(out, write);
}

/// Appends a message without a type byte, as StartupMessage is.
pub(super) fn put_untagged(out: &mut BytesMut, write: impl FnOnce(&mut BytesMut)) {
    let start = out.len();
    out.put_u32(0);
    write(out);
    patch_length(out, start, out.len() - start);
}

/// Writes a big-endian length over the four bytes at `start`.
pub(super) fn patch_length(out: &mut BytesMut, start: usize, length: usize) {
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    if let Some(place) = out.get_mut(start..start + 4) {
        place.copy_from_slice(&length.to_be_bytes());
    }
}

/// Appends a NUL-terminated string.
pub(super) fn put_string(out: &mut BytesMut, text: &[u8]) {
    out.extend_from_slice(text);
    out.put_u8(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_needs_five_bytes_and_a_length_of_at_least_four() {
        assert_eq!(Header::peek(Side::Upstream, b"Q\0\0\0"), Ok(None));
        assert_eq!(Header::peek(Side::Upstream, b"S\0\0\0\x04"), Ok(Some(Header { tag: b'S', total: 5 })));
        for bad in [b"S\0\0\0\x03", b"S\xff\xff\xff\xff", b"S\x80\0\0\0"] {
            assert!(Header::peek(Side::Downstream, bad).is_err());
        }
    }

    #[test]
    fn a_remainder_takes_its_frame_and_no_byte_more() {
        let mut remainder = Remainder::default();
        let mut input = BytesMut::from(&b"abc"[..]);
        remainder.begin(5, true);
        assert_eq!(&remainder.take(&mut input)[..], b"abc");
        input.extend_from_slice(b"deX");
        assert!(remainder.is_open());
        assert_eq!(&remainder.take(&mut input)[..], b"de");
        assert!(!remainder.is_open());
        assert_eq!(&input[..], b"X");
    }
}
