//! The head of a frame (RFC 6455, section 5.2), and frames as they are sent.

use bytes::{BufMut, BytesMut};

use super::mask;
use super::mask::MaskKeys;
use crate::{Error, Side};

const FIN: u8 = 0x80;
const RESERVED: u8 = 0x70;
const MASKED: u8 = 0x80;
/// The payload of a control frame, in bytes.
const CONTROL_BYTES_MAX: u64 = 125;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opcode {
    /// The next fragment of a message.
    Continuation = 0x0,
    /// A message, or the first fragment of one. In these protocols it means the same as `Binary`.
    Text = 0x1,
    /// A message, or the first fragment of one.
    Binary = 0x2,
    /// The last frame of a side.
    Close = 0x8,
    /// To be answered with a Pong.
    Ping = 0x9,
    /// The answer to a Ping, or a sign of life.
    Pong = 0xa,
}

impl Opcode {
    fn from_code(code: u8) -> Option<Opcode> {
        [Self::Continuation, Self::Text, Self::Binary, Self::Close, Self::Ping, Self::Pong]
            .into_iter()
            .find(|opcode| *opcode as u8 == code)
    }

    /// Whether it may stand between the fragments of a message.
    pub(super) fn is_control(self) -> bool {
        matches!(self, Opcode::Close | Opcode::Ping | Opcode::Pong)
    }
}

/// What stands before a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) fin: bool,
    pub(super) opcode: Opcode,
    pub(super) key: Option<[u8; 4]>,
    /// Bytes of the payload.
    pub(super) length: u64,
}

/// Reads the head at the front of `input`; with it, how many bytes it takes. `None`: it is not whole.
///
/// # Errors
/// Reserved bits (no extension was negotiated), an unknown opcode, a length that is not written in the shortest
/// way, a control frame that is fragmented or too long, a mask where none belongs or none where one does: the
/// agent masks, the target does not.
pub(super) fn read(side: Side, input: &[u8]) -> Result<Option<(Head, usize)>, Error> {
    let malformed = |what| Error::Malformed { side, what };
    let Some(([first, second], rest)) = input.split_first_chunk() else { return Ok(None) };
    if first & RESERVED != 0 {
        return Err(Error::Unsupported { side, feature: "a WebSocket extension (a reserved bit is set)" });
    }
    let opcode = Opcode::from_code(first & 0x0f).ok_or(malformed("an unknown WebSocket opcode"))?;
    if (second & MASKED != 0) != (side == Side::Downstream) {
        let what = match side {
            Side::Downstream => "a WebSocket frame without a mask",
            Side::Upstream => "a masked WebSocket frame",
        };
        return Err(malformed(what));
    }
    let fin = first & FIN != 0;
    let Some((length, rest)) = read_length(side, second & !MASKED, rest)? else { return Ok(None) };
    if opcode.is_control() && (!fin || length > CONTROL_BYTES_MAX) {
        return Err(malformed("a WebSocket control frame that is fragmented or too long"));
    }
    let (key, rest) = match side {
        Side::Upstream => (None, rest),
        Side::Downstream => match rest.split_first_chunk() {
            Some((key, rest)) => (Some(*key), rest),
            None => return Ok(None),
        },
    };
    Ok(Some((Head { fin, opcode, key, length }, input.len() - rest.len())))
}

fn read_length(side: Side, short: u8, rest: &[u8]) -> Result<Option<(u64, &[u8])>, Error> {
    let (length, least, rest) = match short {
        126 => {
            let Some((bytes, rest)) = rest.split_first_chunk() else { return Ok(None) };
            (u64::from(u16::from_be_bytes(*bytes)), 126, rest)
        }
        127 => {
            let Some((bytes, rest)) = rest.split_first_chunk() else { return Ok(None) };
            (u64::from_be_bytes(*bytes), 1 << 16, rest)
        }
        short => (u64::from(short), 0, rest),
    };
    if length < least || length > i64::MAX as u64 {
        return Err(Error::Malformed { side, what: "a WebSocket length that is not written as it must be" });
    }
    Ok(Some((length, rest)))
}

/// Appends an unfragmented frame towards `side` whose payload is `parts` one after another.
///
/// `keys` are needed towards the target, which takes masked frames alone.
pub(super) fn put_frame(out: &mut BytesMut, opcode: Opcode, keys: Option<&mut MaskKeys>, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    out.reserve(length + 14);
    out.put_u8(FIN | opcode as u8);
    let masked = if keys.is_some() { MASKED } else { 0 };
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..=125), _) => out.put_u8(masked + short),
        (_, Ok(length)) => {
            out.put_u8(masked + 126);
            out.put_u16(length);
        }
        _ => {
            out.put_u8(masked + 127);
            out.put_u64(length as u64);
        }
    }
    let key = keys.map(MaskKeys::next_key);
    out.put_slice(key.as_ref().map_or(&[], |key| key));
    let start = out.len();
    for part in parts {
        out.put_slice(part);
    }
    if let (Some(key), Some(payload)) = (key, out.get_mut(start..)) {
        mask::apply(key, payload);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(bytes: &[u8]) -> Result<Option<(Head, usize)>, Error> {
        read(Side::Upstream, bytes)
    }

    #[test]
    fn lengths_are_read_in_all_three_forms() {
        for (bytes, length, taken) in [
            (&b"\x82\x7d"[..], 125_u64, 2),
            (b"\x82\x7e\x00\x7e", 126, 4),
            (b"\x82\x7e\xff\xff", 65_535, 4),
            (b"\x82\x7f\0\0\0\0\0\x01\0\0", 65_536, 10),
            (b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", i64::MAX as u64, 10),
        ] {
            let (head, whole) = head(bytes).unwrap().unwrap();
            assert_eq!((head.length, whole), (length, taken));
            for cut in 0..bytes.len() {
                assert_eq!(super::read(Side::Upstream, &bytes[..cut]), Ok(None));
            }
        }
    }

    #[test]
    fn what_is_no_head_is_refused() {
        for bytes in [
            &b"\xc2\x00"[..],
            b"\xa2\x00",
            b"\x92\x00",
            b"\x83\x00",
            b"\x8b\x00",
            b"\x82\x7e\x00\x7d",
            b"\x82\x7f\0\0\0\0\0\0\xff\xff",
            b"\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x89\x7e\x00\x7e",
            b"\x09\x00",
            b"\x82\x80",
        ] {
            assert!(head(bytes).is_err(), "{bytes:02x?}");
        }
        assert!(read(Side::Downstream, b"\x82\x00").is_err());
    }

    #[test]
    fn what_is_put_is_read() {
        for length in [0, 1, 125, 126, 65_535, 65_536, 70_000] {
            let payload: Vec<u8> = (0..=255).cycle().take(length).collect();
            let mut out = BytesMut::new();
            put_frame(&mut out, Opcode::Binary, Some(&mut MaskKeys::new(1)), &[&payload]);
            let (head, taken) = read(Side::Downstream, &out).unwrap().unwrap();
            assert_eq!((head.fin, head.opcode, head.length), (true, Opcode::Binary, length as u64));
            let body = &mut out[taken..];
            assert_ne!((length > 8).then_some(&*body), Some(&payload[..]));
            mask::apply(head.key.unwrap(), body);
            assert_eq!(body, payload);
        }
    }
}
