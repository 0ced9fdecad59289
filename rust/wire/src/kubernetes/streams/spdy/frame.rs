//! The head of a frame (SPDY/3.1, section 2.2).

use crate::{Error, Side};

const VERSION: u16 = 3;
const CONTROL: u8 = 0x80;
/// Bytes of a head.
pub(super) const HEAD_BYTES: usize = 8;
/// What follows the head of a control frame, in bytes. A stream is opened in less than 200.
const CONTROL_BYTES_MAX: usize = 16 << 10;
/// The only flag that these protocols use: nothing more follows in this direction of the stream.
pub(super) const FLAG_FIN: u8 = 0x01;

/// What stands before a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    Data { stream: u32, fin: bool, length: usize },
    Control { kind: Kind, flags: u8, length: usize },
}

/// What a control frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    SynStream = 1,
    SynReply = 2,
    RstStream = 3,
    Settings = 4,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 9,
}

impl Kind {
    fn read(side: Side, code: u16) -> Result<Kind, Error> {
        match code {
            1 => Ok(Kind::SynStream),
            2 => Ok(Kind::SynReply),
            3 => Ok(Kind::RstStream),
            4 => Ok(Kind::Settings),
            6 => Ok(Kind::Ping),
            7 => Ok(Kind::GoAway),
            8 => Err(Error::Unsupported { side, feature: "SPDY HEADERS, which no stream of Kubernetes has" }),
            9 => Ok(Kind::WindowUpdate),
            _ => Err(Error::Malformed { side, what: "an unknown SPDY frame" }),
        }
    }

    /// How long the payload must be, where that is known.
    fn length(self) -> Option<usize> {
        match self {
            Kind::SynStream | Kind::SynReply | Kind::Settings => None,
            Kind::Ping => Some(4),
            Kind::RstStream | Kind::GoAway | Kind::WindowUpdate => Some(8),
        }
    }
}

/// Reads the head at the front of `input`; `None`: it is not whole.
///
/// # Errors
/// Another version, an unknown or unsupported kind, a length that the kind cannot have, stream 0, an unknown flag.
pub(super) fn read(side: Side, input: &[u8]) -> Result<Option<Head>, Error> {
    let malformed = |what| Error::Malformed { side, what };
    let Some([a, b, c, d, flags, length @ ..]) = input.first_chunk::<HEAD_BYTES>() else { return Ok(None) };
    let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    if a & CONTROL == 0 {
        let stream = u32::from_be_bytes([*a, *b, *c, *d]);
        if stream == 0 || flags & !FLAG_FIN != 0 {
            return Err(malformed("SPDY data of stream 0, or with an unknown flag"));
        }
        return Ok(Some(Head::Data { stream, fin: *flags == FLAG_FIN, length }));
    }
    if u16::from_be_bytes([*a & !CONTROL, *b]) != VERSION {
        return Err(Error::Unsupported { side, feature: "another version of SPDY than 3.1" });
    }
    let kind = Kind::read(side, u16::from_be_bytes([*c, *d]))?;
    if length > CONTROL_BYTES_MAX {
        return Err(Error::LimitExceeded { side, limit: "control_frame_bytes_max" });
    }
    if kind.length().is_some_and(|expected| length != expected) {
        return Err(malformed("a SPDY frame of the wrong length"));
    }
    Ok(Some(Head::Control { kind, flags: *flags, length }))
}

/// The head of a control frame.
pub(super) fn control(kind: Kind, flags: u8, length: usize) -> [u8; HEAD_BYTES] {
    let word = u32::from(CONTROL) << 24 | u32::from(VERSION) << 16 | kind as u32;
    head(word, flags, length)
}

/// The head of a data frame.
pub(super) fn data(stream: u32, fin: bool, length: usize) -> [u8; HEAD_BYTES] {
    head(stream, u8::from(fin), length)
}

/// The length has 24 bits; no frame is written that is longer than a piece.
fn head(word: u32, flags: u8, length: usize) -> [u8; HEAD_BYTES] {
    (u64::from(word) << 32 | u64::from(flags) << 24 | length as u64).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read_as_they_are_written() {
        let bytes = control(Kind::Ping, 0, 4);
        assert_eq!(bytes, *b"\x80\x03\0\x06\0\0\0\x04");
        let read = |bytes: &[u8]| super::read(Side::Upstream, bytes);
        assert_eq!(read(&bytes), Ok(Some(Head::Control { kind: Kind::Ping, flags: 0, length: 4 })));
        let bytes = data(7, true, 0x01_02_03);
        assert_eq!(read(&bytes), Ok(Some(Head::Data { stream: 7, fin: true, length: 0x01_02_03 })));
        for cut in 0..HEAD_BYTES {
            assert_eq!(read(&bytes[..cut]), Ok(None));
        }
    }

    #[test]
    fn what_is_no_head_is_refused() {
        for bytes in [
            b"\x80\x02\0\x06\0\0\0\x04",
            b"\x80\x03\0\x05\0\0\0\x04",
            b"\x80\x03\0\x08\0\0\0\x04",
            b"\x80\x03\0\x0a\0\0\0\x04",
            b"\x80\x03\x01\x06\0\0\0\x04",
            b"\x80\x03\0\x06\0\0\0\x05",
            b"\x80\x03\0\x03\0\0\0\x04",
            b"\x80\x03\0\x07\0\0\0\x0c",
            b"\x80\x03\0\x09\0\0\0\0",
            b"\x80\x03\0\x01\0\xff\xff\xff",
            b"\0\0\0\0\0\0\0\x01",
            b"\0\0\0\x01\x02\0\0\x01",
        ] {
            assert!(read(Side::Downstream, bytes).is_err(), "{bytes:02x?}");
        }
    }
}
