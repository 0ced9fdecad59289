//! What one side's frames say, in order, however its bytes are cut.

use bytes::{Buf, BytesMut};

use super::close::CloseCode;
use super::frame::{self, Head, Opcode};
use super::{MESSAGE_BYTES_MAX, mask};
use crate::{Error, Side, kubernetes::streams::PIECE_BYTES};

/// One direction of a connection.
#[derive(Debug)]
pub(super) struct Reader {
    side: Side,
    frame: Option<Rest>,
    /// The message of which there is more to come.
    message: Option<Message>,
    is_closed: bool,
}

/// What is to come of a data frame.
#[derive(Debug)]
struct Rest {
    head: Head,
    /// Bytes of the payload that were handed on.
    taken: u64,
}

#[derive(Debug)]
struct Message {
    /// Bytes announced so far.
    announced: u64,
    /// Whether a piece of it was handed on.
    has_begun: bool,
}

/// What a side says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// More of a message.
    Piece(Piece),
    /// Wants a Pong with the same bytes.
    Ping(BytesMut),
    /// A sign of life.
    Pong(BytesMut),
    /// Nothing more follows from this side.
    Close(Option<CloseCode>),
}

/// A part of a message, unmasked. Empty messages have one that is empty.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Piece {
    pub(in super::super) payload: BytesMut,
    /// Whether the message begins here.
    pub(in super::super) first: bool,
    /// Whether the message ends here.
    pub(in super::super) last: bool,
}

impl Reader {
    /// Before the first frame that comes from `side`.
    pub(super) fn new(side: Side) -> Reader {
        Reader { side, frame: None, message: None, is_closed: false }
    }

    /// Takes what comes next off the front of `input`; `None`: it has not come yet. After a Close everything is
    /// dropped.
    ///
    /// # Errors
    /// What breaks RFC 6455, and a message over [`MESSAGE_BYTES_MAX`]: that is said before it is waited for.
    pub(super) fn next(&mut self, input: &mut BytesMut) -> Result<Option<Event>, Error> {
        if self.is_closed {
            input.clear();
            return Ok(None);
        }
        if self.frame.is_none() {
            let Some((head, bytes)) = frame::read(self.side, input)? else { return Ok(None) };
            if head.opcode.is_control() {
                return self.control(head, bytes, input);
            }
            self.admit(head)?;
            input.advance(bytes);
            self.frame = Some(Rest { head, taken: 0 });
        }
        Ok(self.piece(input).map(Event::Piece))
    }

    /// A control frame is taken whole.
    fn control(&mut self, head: Head, bytes: usize, input: &mut BytesMut) -> Result<Option<Event>, Error> {
        let length = usize::try_from(head.length).unwrap_or(usize::MAX);
        if input.len() - bytes < length {
            return Ok(None);
        }
        input.advance(bytes);
        let mut body = input.split_to(length);
        if let Some(key) = head.key {
            mask::apply(key, &mut body);
        }
        Ok(Some(match head.opcode {
            Opcode::Ping => Event::Ping(body),
            Opcode::Pong => Event::Pong(body),
            _ => {
                self.is_closed = true;
                Event::Close(CloseCode::read(self.side, &body)?)
            }
        }))
    }

    /// Whether a data frame may come now, and is not too long.
    fn admit(&mut self, head: Head) -> Result<(), Error> {
        let malformed = |what| Error::Malformed { side: self.side, what };
        let continues = head.opcode == Opcode::Continuation;
        let announced = match (&self.message, continues) {
            (None, false) => 0,
            (Some(message), true) => message.announced,
            (None, true) => return Err(malformed("a WebSocket continuation of no message")),
            (Some(_), false) => return Err(malformed("a WebSocket message within another")),
        };
        let announced = announced.saturating_add(head.length);
        if announced > MESSAGE_BYTES_MAX {
            return Err(Error::LimitExceeded { side: self.side, limit: "message_bytes_max" });
        }
        let has_begun = self.message.as_ref().is_some_and(|message| message.has_begun);
        self.message = Some(Message { announced, has_begun });
        Ok(())
    }

    /// The next piece of the frame, once it is there.
    fn piece(&mut self, input: &mut BytesMut) -> Option<Piece> {
        let (rest, message) = (self.frame.as_mut()?, self.message.as_mut()?);
        let left = usize::try_from(rest.head.length - rest.taken).unwrap_or(usize::MAX);
        let wanted = left.min(PIECE_BYTES);
        if input.len() < wanted {
            input.reserve(wanted - input.len());
            return None;
        }
        let mut payload = input.split_to(wanted);
        if let Some(key) = rest.head.key {
            // Every piece begins with the key: all but the last are multiples of its length.
            mask::apply(key, &mut payload);
        }
        rest.taken += wanted as u64;
        let first = !std::mem::replace(&mut message.has_begun, true);
        let last = wanted == left && rest.head.fin;
        if wanted == left {
            self.frame = None;
        }
        if last {
            self.message = None;
        }
        Some(Piece { payload, first, last })
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::put_frame;
    use super::super::mask::MaskKeys;
    use super::*;

    const FIN: bool = true;

    /// A frame of the agent's.
    fn frame(fin: bool, opcode: Opcode, payload: &[u8]) -> Vec<u8> {
        let mut out = BytesMut::new();
        put_frame(&mut out, opcode, Some(&mut MaskKeys::new(payload.len() as u64)), &[payload]);
        out[0] &= if fin { 0xff } else { 0x7f };
        out.to_vec()
    }

    /// What the agent says in bytes that come in pieces of `length`.
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

    fn piece(payload: &[u8], first: bool, last: bool) -> Event {
        Event::Piece(Piece { payload: payload.into(), first, last })
    }

    #[test]
    fn several_frames_in_one_read_and_one_frame_in_many_are_heard_alike() {
        let long = vec![7; PIECE_BYTES + 5];
        let bytes = [
            frame(!FIN, Opcode::Binary, b""),
            frame(FIN, Opcode::Ping, b"between"),
            frame(!FIN, Opcode::Continuation, b"fragments"),
            frame(FIN, Opcode::Pong, b""),
            frame(FIN, Opcode::Continuation, b"!"),
            frame(FIN, Opcode::Text, b""),
            frame(FIN, Opcode::Binary, &long),
            frame(FIN, Opcode::Close, b"\x03\xe8bye"),
            frame(FIN, Opcode::Binary, b"too late"),
        ]
        .concat();
        let expected = vec![
            piece(b"", true, false),
            Event::Ping(b"between"[..].into()),
            piece(b"fragments", false, false),
            Event::Pong(BytesMut::new()),
            piece(b"!", false, true),
            piece(b"", true, true),
            piece(&long[..PIECE_BYTES], true, false),
            piece(&long[PIECE_BYTES..], false, true),
            Event::Close(Some(CloseCode::NORMAL)),
        ];
        for length in [1, 2, 3, 5, 7, 1000, bytes.len()] {
            assert_eq!(hear(&bytes, length).as_ref(), Ok(&expected), "in pieces of {length}");
        }
    }

    #[test]
    fn messages_do_not_begin_within_one_another() {
        let begun = frame(!FIN, Opcode::Binary, b"a");
        for (bytes, named) in [
            (frame(FIN, Opcode::Continuation, b"a"), "continuation of no message"),
            ([begun.clone(), frame(FIN, Opcode::Binary, b"b")].concat(), "within another"),
            ([begun, frame(FIN, Opcode::Text, b"b")].concat(), "within another"),
            (
                [frame(FIN, Opcode::Binary, b"a"), frame(FIN, Opcode::Continuation, b"b")].concat(),
                "continuation of no message",
            ),
        ] {
            let error = hear(&bytes, 1).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn a_message_that_is_too_long_is_refused_before_it_comes() {
        let announced = [&[0x82, 0xff][..], &(MESSAGE_BYTES_MAX + 1).to_be_bytes(), b"key!"].concat();
        let error = hear(&announced, 1).unwrap_err().to_string();
        assert!(error.contains("message_bytes_max"), "{error}");
        // So is one of many fragments.
        let mut reader = Reader::new(Side::Downstream);
        let fragment = vec![0; 1 << 20];
        let mut opcode = Opcode::Binary;
        for _ in 0..MESSAGE_BYTES_MAX >> 20 {
            let mut input = frame(!FIN, opcode, &fragment)[..].into();
            while reader.next(&mut input).unwrap().is_some() {}
            opcode = Opcode::Continuation;
        }
        assert!(reader.next(&mut frame(FIN, opcode, b"1")[..].into()).is_err());
    }

    #[test]
    fn nothing_is_held_for_what_is_only_announced() {
        let announced = [&[0x82, 0xff][..], &MESSAGE_BYTES_MAX.to_be_bytes(), b"key!"].concat();
        let (mut reader, mut input) = (Reader::new(Side::Downstream), BytesMut::from(&announced[..]));
        assert_eq!(reader.next(&mut input), Ok(None));
        assert!(input.capacity() <= 2 * PIECE_BYTES);
    }
}
