//! Connections to ports whose streams are the channels of a WebSocket (`v4.channel.k8s.io`), as the Python client
//! has them: the ports stand in the request, and each has a channel for data and one for why it fails. The
//! target begins each channel with its port (2 bytes, little-endian).

use bytes::{Buf, Bytes, BytesMut};

use super::StreamActions;
use super::forward::{Forward, failure};
use super::output::OutputMasks;
use super::pair::{Pair, opposite};
use super::record::StreamRecord;
use super::websocket::{CloseCode, Passage, Piece, Said};
use crate::kubernetes::Status;
use crate::{Error, Side};

/// The connections of one request, all of which are open from the start.
#[derive(Debug)]
pub(super) struct ChannelForwards {
    passage: Passage,
    connections: Vec<Connection>,
    /// The channel of the message at hand.
    channels: Pair<Option<u8>>,
    masks: Option<OutputMasks>,
    pub(super) masked_values: u64,
}

/// A pair of channels.
#[derive(Debug)]
struct Connection {
    port: u16,
    /// Until the session ends.
    forward: Option<Forward>,
    /// What the target has yet to say of its port: on the channel for data, on the one for errors.
    expected: [Bytes; 2],
}

impl ChannelForwards {
    /// `ports` are at most as many as there are pairs of channels.
    pub(super) fn new(
        ports: &[u16],
        masks: Option<OutputMasks>,
        seed: u64,
        records: &mut Vec<StreamRecord>,
    ) -> ChannelForwards {
        let mut connect = |(number, port): (u32, &u16)| {
            let expected = Bytes::copy_from_slice(&port.to_le_bytes());
            Connection {
                port: *port,
                forward: Some(Forward::open(number, *port, records)),
                expected: [expected.clone(), expected],
            }
        };
        ChannelForwards {
            passage: Passage::new(seed),
            connections: (0..).zip(ports).map(&mut connect).collect(),
            channels: Pair::default(),
            masks,
            masked_values: 0,
        }
    }

    /// Takes whole pieces of messages off the front of `input`.
    ///
    /// # Errors
    /// What breaks RFC 6455, and a target that forwards another port than was asked for.
    pub(super) fn feed(
        &mut self,
        from: Side,
        input: &mut BytesMut,
        out: &mut StreamActions,
    ) -> Result<(), Error> {
        while let Some(said) = self.passage.next(from, input, out)? {
            match said {
                Said::Piece(piece) => self.piece(from, piece, out)?,
                Said::Close(code) => {
                    self.finish(out);
                    self.passage.close(opposite(from), code, out);
                }
            }
        }
        Ok(())
    }

    fn piece(&mut self, from: Side, mut piece: Piece, out: &mut StreamActions) -> Result<(), Error> {
        let channel = self.channels.at(from);
        if piece.first {
            *channel = None;
        }
        if channel.is_none() {
            *channel = piece.payload.try_get_u8().ok();
        }
        let Some(channel) = *channel else { return Ok(()) };
        let Some(connection) = self.connections.get_mut(usize::from(channel / 2)) else { return Ok(()) };
        // On the channel for errors the agent has nothing to say.
        let is_error = channel % 2 == 1;
        let Some(forward) = &mut connection.forward else { return Ok(()) };
        if piece.payload.is_empty() || is_error && from == Side::Downstream {
            return Ok(());
        }
        let mut data = piece.payload;
        let [of_data, of_errors] = &mut connection.expected;
        let port = match from {
            Side::Upstream => take_port(if is_error { of_errors } else { of_data }, &mut data)?,
            Side::Downstream => Bytes::new(),
        };
        let bytes = if is_error {
            let masks = self.masks.as_ref();
            failure(connection.port, data, masks, &mut self.masked_values, &mut out.records)
        } else {
            forward.pass(from, &data);
            data.freeze()
        };
        self.passage.message(opposite(from), &[&[channel], &port, &bytes], out);
        Ok(())
    }

    /// Tells the agent why the session ends, and both sides that it does.
    pub(super) fn end(&mut self, why: &Status, out: &mut StreamActions) {
        for (channel, connection) in (0_u8..).skip(1).step_by(2).zip(&mut self.connections) {
            // A client that has not been told the port would take these words for one.
            if connection.expected[1].is_empty() {
                self.passage.message(Side::Downstream, &[&[channel], why.message().as_bytes()], out);
            }
        }
        self.finish(out);
        for side in [Side::Downstream, Side::Upstream] {
            self.passage.close(side, CloseCode::NORMAL, out);
        }
    }

    /// One of the two is gone: nothing is open any more.
    pub(super) fn finish(&mut self, out: &mut StreamActions) {
        for connection in &mut self.connections {
            if let Some(forward) = connection.forward.take() {
                forward.close(&mut out.records);
            }
        }
    }
}

/// Takes what `data` says of the port off its front.
fn take_port(expected: &mut Bytes, data: &mut BytesMut) -> Result<Bytes, Error> {
    let length = expected.len().min(data.len());
    let (said, wanted) = (data.split_to(length), expected.split_to(length));
    if said != wanted {
        let what = "the number of a port that was not asked for";
        return Err(Error::Malformed { side: Side::Upstream, what });
    }
    Ok(wanted)
}
