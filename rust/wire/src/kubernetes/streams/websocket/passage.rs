//! Both directions of a connection: messages are handed on in pieces, signs of life pass.

use bytes::BytesMut;

use super::close::CloseCode;
use super::frame::{Opcode, put_frame};
use super::mask::MaskKeys;
use super::reader::{Event, Piece, Reader};
use crate::kubernetes::streams::{StreamActions, pair::Pair, pair::opposite};
use crate::{Error, Permit, Side};

/// A connection between an agent and a target.
#[derive(Debug)]
pub(in super::super) struct Passage {
    readers: Pair<Reader>,
    keys: MaskKeys,
}

/// What a side says that is not passed on by itself.
#[derive(Debug)]
pub(in super::super) enum Said {
    /// More of a message.
    Piece(Piece),
    /// Nothing more follows. To be passed on by [`Passage::close`].
    Close(CloseCode),
}

impl Passage {
    /// Before the first frame. `seed` is random; the keys of frames to the target follow from it.
    pub(in super::super) fn new(seed: u64) -> Passage {
        let readers =
            Pair { downstream: Reader::new(Side::Downstream), upstream: Reader::new(Side::Upstream) };
        Passage { readers, keys: MaskKeys::new(seed) }
    }

    /// What `from` says next; `None`: it has not come yet. Pings and Pongs on the way go to the other side.
    ///
    /// # Errors
    /// Those of [`Reader::next`].
    pub(in super::super) fn next(
        &mut self,
        from: Side,
        input: &mut BytesMut,
        out: &mut StreamActions,
    ) -> Result<Option<Said>, Error> {
        while let Some(event) = self.readers.at(from).next(input)? {
            match event {
                Event::Piece(piece) => return Ok(Some(Said::Piece(piece))),
                Event::Close(code) => return Ok(Some(Said::Close(code.unwrap_or(CloseCode::NORMAL)))),
                Event::Ping(body) => self.send(opposite(from), Opcode::Ping, &[&body], out),
                Event::Pong(body) => self.send(opposite(from), Opcode::Pong, &[&body], out),
            }
        }
        Ok(None)
    }

    /// Sends a message whose payload is `parts` one after another.
    pub(in super::super) fn message(&mut self, to: Side, parts: &[&[u8]], out: &mut StreamActions) {
        self.send(to, Opcode::Binary, parts, out);
    }

    /// Says to a side that nothing more follows.
    pub(in super::super) fn close(&mut self, to: Side, code: CloseCode, out: &mut StreamActions) {
        self.send(to, Opcode::Close, &[&code.to_bytes()], out);
    }

    fn send(&mut self, to: Side, opcode: Opcode, parts: &[&[u8]], out: &mut StreamActions) {
        let keys = (to == Side::Upstream).then_some(&mut self.keys);
        put_frame(out.forwarding(to, Permit::for_allowed()), opcode, keys, parts);
    }
}
