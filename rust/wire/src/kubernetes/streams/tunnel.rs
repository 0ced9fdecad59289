//! SPDY frames within the messages of a WebSocket: `SPDY/3.1+portforward.k8s.io`.

use bytes::BytesMut;

use super::StreamActions;
use super::multiplex::{Carried, Multiplex};
use super::pair::{Pair, opposite};
use super::websocket::{CloseCode, Passage, Said};
use crate::kubernetes::Status;
use crate::{Error, Side};

/// A connection that carries a connection. Where messages begin and end means nothing.
#[derive(Debug)]
pub(super) struct Tunnel<C: Carried> {
    passage: Passage,
    multiplex: Multiplex<C>,
    /// What has come out of messages and is no whole frame yet.
    plain: Pair<BytesMut>,
    /// What is to go into messages.
    inside: StreamActions,
}

impl<C: Carried> Tunnel<C> {
    /// `seed` as for [`Passage::new`].
    pub(super) fn new(multiplex: Multiplex<C>, seed: u64) -> Tunnel<C> {
        let inside = StreamActions::default();
        Tunnel { passage: Passage::new(seed), multiplex, plain: Pair::default(), inside }
    }

    pub(super) fn carried(&self) -> &C {
        self.multiplex.carried()
    }

    /// Takes whole pieces of messages off the front of `input`.
    ///
    /// # Errors
    /// What breaks RFC 6455, and those of [`Multiplex::feed`].
    pub(super) fn feed(
        &mut self,
        from: Side,
        input: &mut BytesMut,
        out: &mut StreamActions,
    ) -> Result<(), Error> {
        while let Some(said) = self.passage.next(from, input, out)? {
            match said {
                Said::Piece(piece) => {
                    let plain = self.plain.at(from);
                    plain.extend_from_slice(&piece.payload);
                    let fed = self.multiplex.feed(from, plain, &mut self.inside);
                    self.wrap(out);
                    fed?;
                }
                Said::Close(code) => {
                    self.finish(out);
                    self.passage.close(opposite(from), code, out);
                }
            }
        }
        Ok(())
    }

    /// Tells the agent why the session ends, and both sides that it does.
    pub(super) fn end(&mut self, why: &Status, out: &mut StreamActions) {
        self.multiplex.end(why, &mut self.inside);
        self.wrap(out);
        for side in [Side::Downstream, Side::Upstream] {
            self.passage.close(side, CloseCode::NORMAL, out);
        }
    }

    /// One of the two is gone: nothing is open any more.
    pub(super) fn finish(&mut self, out: &mut StreamActions) {
        self.multiplex.finish(&mut self.inside);
        self.wrap(out);
    }

    fn wrap(&mut self, out: &mut StreamActions) {
        out.records.append(&mut self.inside.records);
        for side in [Side::Downstream, Side::Upstream] {
            let frames = match side {
                Side::Downstream => self.inside.downstream(),
                Side::Upstream => self.inside.upstream(),
            };
            if !frames.is_empty() {
                self.passage.message(side, &[frames], out);
                frames.clear();
            }
        }
    }
}
