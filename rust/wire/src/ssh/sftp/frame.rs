//! Framing: a length, a type byte, a body.

use bytes::{Buf, BufMut, BytesMut};

use crate::{Error, Side};

/// Bytes of the length field, which does not count itself.
const LENGTH_BYTES: usize = 4;

/// One packet, held whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Packet {
    /// The type byte.
    pub(super) tag: u8,
    /// What follows it.
    pub(super) body: BytesMut,
}

/// Takes the packet at the front of `input` once it is whole.
///
/// # Errors
/// When it is empty, or longer than `bytes_max`: that is said before it is waited for.
pub(super) fn take(side: Side, input: &mut BytesMut, bytes_max: usize) -> Result<Option<Packet>, Error> {
    let Some(length) = input.first_chunk::<LENGTH_BYTES>() else { return Ok(None) };
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    if length > bytes_max {
        return Err(Error::LimitExceeded { side, limit: "packet_bytes_max" });
    }
    if length == 0 {
        return Err(Error::Malformed { side, what: "an SFTP packet without a type" });
    }
    if input.len() < LENGTH_BYTES + length {
        input.reserve(LENGTH_BYTES + length - input.len());
        return Ok(None);
    }
    input.advance(LENGTH_BYTES);
    let mut body = input.split_to(length);
    Ok(Some(Packet { tag: body.get_u8(), body }))
}

/// Appends a packet whose body `write` appends.
pub(super) fn put(out: &mut BytesMut, tag: u8, write: impl FnOnce(&mut BytesMut)) {
    let start = out.len();
    out.put_u32(0);
    out.put_u8(tag);
    write(out);
    let length = u32::try_from(out.len() - start - LENGTH_BYTES).unwrap_or(u32::MAX);
    if let Some(place) = out.get_mut(start..start + LENGTH_BYTES) {
        place.copy_from_slice(&length.to_be_bytes());
    }
}

/// Appends a packet as it came, under another id.
pub(super) fn put_as(out: &mut BytesMut, tag: u8, id: u32, rest: &[u8]) {
    put(out, tag, |out| {
        out.put_u32(id);
        out.extend_from_slice(rest);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_taken_whole_and_no_byte_more() {
        let mut input = BytesMut::from(&b"\0\0\0\x03\x65ab\0\0"[..]);
        let packet = take(Side::Upstream, &mut input, 3);
        assert_eq!(packet, Ok(Some(Packet { tag: 0x65, body: BytesMut::from(&b"ab"[..]) })));
        assert_eq!(take(Side::Upstream, &mut input, 3), Ok(None));
        assert_eq!(&input[..], b"\0\0");
    }

    #[test]
    fn a_length_is_refused_before_its_bytes_come() {
        for (length, named) in
            [(4_u32, "packet_bytes_max"), (u32::MAX, "packet_bytes_max"), (0, "without a type")]
        {
            let mut input = BytesMut::from(&length.to_be_bytes()[..]);
            let error = take(Side::Downstream, &mut input, 3).unwrap_err();
            assert!(error.to_string().contains(named), "{error}");
        }
    }

    #[test]
    fn what_is_put_is_taken() {
        let mut bytes = BytesMut::new();
        put_as(&mut bytes, 5, 7, b"rest");
        let packet = take(Side::Downstream, &mut bytes, 100).unwrap().unwrap();
        assert_eq!((packet.tag, &packet.body[..]), (5, &b"\0\0\0\x07rest"[..]));
    }
}
