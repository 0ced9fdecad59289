//! What one side's frames say, in order, however its bytes are cut.

use bytes::{Buf, BytesMut};

use super::frame::{self, FLAG_FIN, HEAD_BYTES, Head, Kind};
use super::headers::{Headers, Inflater};
use crate::{Error, Side, kubernetes::streams::PIECE_BYTES};

/// The bit of a stream's number that is reserved.
const RESERVED: u32 = 1 << 31;

/// One direction of a connection.
#[derive(Debug)]
pub(in super::super) struct Reader {
    side: Side,
    inflater: Inflater,
    /// The data frame of which there is more to come.
    data: Option<Rest>,
}

#[derive(Debug)]
struct Rest {
    stream: u32,
    fin: bool,
    bytes: usize,
}

/// What a side says.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) enum Event {
    /// SYN_STREAM.
    Open { stream: u32, fin: bool, headers: Headers },
    /// SYN_REPLY.
    Reply { stream: u32, fin: bool },
    /// RST_STREAM.
    Reset { stream: u32, status: u32 },
    /// PING.
    Ping(u32),
    /// GOAWAY.
    GoAway { last: u32, status: u32 },
    /// DATA, or a part of it; with `fin` the last of this direction of the stream.
    Data { stream: u32, fin: bool, payload: BytesMut },
}

impl Reader {
    /// Before the first frame that comes from `side`.
    pub(in super::super) fn new(side: Side) -> Reader {
        Reader { side, inflater: Inflater::new(side), data: None }
    }

    /// Takes what comes next off the front of `input`; `None`: it has not come yet. SETTINGS and WINDOW_UPDATE
    /// mean nothing to spdystream, and are dropped.
    ///
    /// # Errors
    /// What breaks SPDY/3.1, and a frame or a header block over its bound.
    pub(in super::super) fn next(&mut self, input: &mut BytesMut) -> Result<Option<Event>, Error> {
        loop {
            if self.data.is_some() {
                return Ok(self.piece(input));
            }
            match frame::read(self.side, input)? {
                None => return Ok(None),
                Some(Head::Data { stream, fin, length }) => {
                    input.advance(HEAD_BYTES);
                    self.data = Some(Rest { stream, fin, bytes: length });
                }
                Some(Head::Control { length, .. }) if input.len() < HEAD_BYTES + length => return Ok(None),
                Some(Head::Control { kind, flags, length }) => {
                    input.advance(HEAD_BYTES);
                    let payload = input.split_to(length);
                    if let Some(event) = self.control(kind, flags, &payload)? {
                        return Ok(Some(event));
                    }
                }
            }
        }
    }

    fn control(&mut self, kind: Kind, flags: u8, mut payload: &[u8]) -> Result<Option<Event>, Error> {
        if matches!(kind, Kind::Settings | Kind::WindowUpdate) {
            return Ok(None);
        }
        let malformed = |what| Error::Malformed { side: self.side, what };
        let fin = flags == FLAG_FIN;
        if flags & !FLAG_FIN != 0 || fin && !matches!(kind, Kind::SynStream | Kind::SynReply) {
            return Err(Error::Unsupported { side: self.side, feature: "a SPDY flag other than FIN" });
        }
        let first = payload.try_get_u32().map_err(|_| malformed("a SPDY frame that is too short"))?;
        if kind == Kind::Ping {
            return Ok(Some(Event::Ping(first)));
        }
        let stream = first & !RESERVED;
        if stream == 0 && kind != Kind::GoAway {
            return Err(malformed("a SPDY frame of stream 0"));
        }
        Ok(Some(match kind {
            Kind::SynStream => {
                // The stream it is associated with, its priority and its slot.
                let block = payload.get(6..).ok_or(malformed("a SPDY frame that is too short"))?;
                Event::Open { stream, fin, headers: self.inflater.read(block)? }
            }
            Kind::SynReply => {
                self.inflater.read(payload)?;
                Event::Reply { stream, fin }
            }
            Kind::RstStream => Event::Reset { stream, status: payload.get_u32() },
            _ => Event::GoAway { last: stream, status: payload.get_u32() },
        }))
    }

    /// The next piece of a data frame, once it is there.
    fn piece(&mut self, input: &mut BytesMut) -> Option<Event> {
        let rest = self.data.as_mut()?;
        let wanted = rest.bytes.min(PIECE_BYTES);
        if input.len() < wanted {
            input.reserve(wanted - input.len());
            return None;
        }
        rest.bytes -= wanted;
        let payload = input.split_to(wanted);
        let is_last = rest.bytes == 0;
        let event = Event::Data { stream: rest.stream, fin: rest.fin && is_last, payload };
        if is_last {
            self.data = None;
        }
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Writer;
    use super::*;

    fn hear(bytes: &[u8], length: usize) -> Result<Vec<Event>, Error> {
        let (mut reader, mut input) = (Reader::new(Side::Downstream), BytesMut::new());
        let mut heard = Vec::new();
        for piece in bytes.chunks(length) {
            input.extend_from_slice(piece);
            while let Some(event) = reader.next(&mut input)? {
                heard.push(event);
            }
        }
        Ok(heard)
    }

    #[test]
    fn several_frames_in_one_read_and_one_frame_in_many_are_heard_alike() {
        let (mut writer, mut out) = (Writer::default(), BytesMut::new());
        let long = vec![7; PIECE_BYTES + 5];
        writer.open(&mut out, 1, false, &[("streamtype", "error")]);
        writer.open(&mut out, 3, true, &[("streamtype", "data")]);
        writer.reply(&mut out, 2, false);
        out.extend_from_slice(b"\x80\x03\0\x04\x01\0\0\x04\0\0\0\0");
        out.extend_from_slice(b"\x80\x03\0\x09\0\0\0\x08\0\0\0\x01\0\0\0\xff");
        Writer::data(&mut out, 1, true, &long);
        Writer::data(&mut out, 1, false, b"");
        Writer::ping(&mut out, 9);
        Writer::reset(&mut out, 3, 5);
        Writer::go_away(&mut out, 0, 0);
        let heard = hear(&out, out.len()).unwrap();
        let data = |fin, payload: &[u8]| Event::Data { stream: 1, fin, payload: payload.into() };
        assert!(matches!(&heard[0], Event::Open { stream: 1, fin: false, headers }
            if headers.value("streamtype") == Some("error")));
        assert!(matches!(&heard[1], Event::Open { stream: 3, fin: true, .. }));
        assert_eq!(
            heard[2..],
            [
                Event::Reply { stream: 2, fin: false },
                data(false, &long[..PIECE_BYTES]),
                data(true, &long[PIECE_BYTES..]),
                data(false, b""),
                Event::Ping(9),
                Event::Reset { stream: 3, status: 5 },
                Event::GoAway { last: 0, status: 0 },
            ]
        );
        for length in [1, 2, 3, 7, 1000] {
            assert_eq!(hear(&out, length).as_ref(), Ok(&heard), "in pieces of {length}");
        }
    }

    #[test]
    fn what_breaks_the_protocol_is_refused() {
        for bytes in [
            &b"\x80\x03\0\x01\0\0\0\x09\0\0\0\x01\0\0\0\0\0"[..],
            b"\x80\x03\0\x01\0\0\0\x0a\0\0\0\x01\0\0\0\0\0\0",
            b"\x80\x03\0\x01\x02\0\0\x0a\0\0\0\x01\0\0\0\0\0\0",
            b"\x80\x03\0\x02\0\0\0\x03\0\0\0",
            b"\x80\x03\0\x03\0\0\0\x08\0\0\0\0\0\0\0\x01",
            b"\x80\x03\0\x03\x01\0\0\x08\0\0\0\x01\0\0\0\x01",
        ] {
            assert!(hear(bytes, 1).is_err(), "{bytes:02x?}");
        }
    }
}
