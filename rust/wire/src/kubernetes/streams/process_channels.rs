//! A process whose streams are the channels of a WebSocket: `v4.channel.k8s.io` and `v5.channel.k8s.io`.
//!
//! A message begins with the number of its channel. In v5 a message of 255 and a channel says that no more follows
//! on that channel.

use bytes::{Buf, BytesMut};

use super::StreamActions;
use super::pair::{Pair, opposite};
use super::process::Process;
use super::record::ProcessStream;
use super::websocket::{CloseCode, Passage, Piece, Said};
use crate::kubernetes::Status;
use crate::{Error, Side};

/// Where v5 has a message say that no more follows on a channel.
const CLOSE_CHANNEL: u8 = 255;

/// Whether a channel can be closed by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    V4,
    V5,
}

/// A process and the connection that carries its streams.
#[derive(Debug)]
pub(super) struct ProcessChannels {
    pub(super) process: Process,
    passage: Passage,
    version: Version,
    expect: Pair<Expect>,
}

/// What comes next in a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Expect {
    /// The number of the channel.
    #[default]
    ExpectChannel,
    /// What goes through it.
    ExpectData(ProcessStream),
    /// The channel that is closed.
    ExpectClosed,
    /// Nothing that anybody reads: the channel is unknown.
    ExpectNothing,
}

impl ProcessChannels {
    pub(super) fn new(process: Process, version: Version, seed: u64) -> ProcessChannels {
        ProcessChannels { process, passage: Passage::new(seed), version, expect: Pair::default() }
    }

    /// Takes whole pieces of messages off the front of `input`.
    ///
    /// # Errors
    /// What breaks RFC 6455 or the protocol of the channels.
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
        let is_whole = piece.first && piece.last;
        if piece.first {
            *self.expect.at(from) = Expect::ExpectChannel;
        }
        if *self.expect.at(from) == Expect::ExpectChannel && piece.payload.has_remaining() {
            *self.expect.at(from) = self.channel(piece.payload.get_u8());
        }
        match *self.expect.at(from) {
            Expect::ExpectData(stream) => {
                self.data(from, stream, piece.payload, is_whole, out);
                Ok(())
            }
            Expect::ExpectClosed => self.closed(from, &piece, out),
            Expect::ExpectChannel | Expect::ExpectNothing => Ok(()),
        }
    }

    fn channel(&self, number: u8) -> Expect {
        if number == CLOSE_CHANNEL && self.version == Version::V5 {
            return Expect::ExpectClosed;
        }
        ProcessStream::of_channel(number).map_or(Expect::ExpectNothing, Expect::ExpectData)
    }

    fn data(
        &mut self,
        from: Side,
        stream: ProcessStream,
        payload: BytesMut,
        is_whole: bool,
        out: &mut StreamActions,
    ) {
        if stream == ProcessStream::Error && from == Side::Upstream {
            // The process has ended: there is no more output.
            self.finish(out);
        }
        // With an empty message the API server says that it is ready.
        let is_sign = is_whole && payload.is_empty() && stream.is_input() == (from == Side::Downstream);
        let bytes = self.process.pass(from, stream, payload, &mut out.records);
        if !bytes.is_empty() || is_sign {
            self.passage.message(opposite(from), &[&[stream as u8], &bytes], out);
        }
    }

    fn closed(&mut self, from: Side, piece: &Piece, out: &mut StreamActions) -> Result<(), Error> {
        let malformed = Error::Malformed { side: from, what: "a close signal without exactly one channel" };
        match (&piece.payload[..], piece.last) {
            ([], false) => Ok(()),
            ([channel], true) => {
                let stream = ProcessStream::of_channel(*channel);
                if from == Side::Downstream && stream.is_some_and(ProcessStream::is_input) {
                    self.passage.message(Side::Upstream, &[&[CLOSE_CHANNEL, *channel]], out);
                }
                Ok(())
            }
            _ => Err(malformed),
        }
    }

    /// Tells the agent why the session ends, and both sides that it does.
    pub(super) fn end(&mut self, why: &Status, out: &mut StreamActions) {
        self.finish(out);
        let channel = [ProcessStream::Error as u8];
        self.passage.message(Side::Downstream, &[&channel, &why.to_json()], out);
        for side in [Side::Downstream, Side::Upstream] {
            self.passage.close(side, CloseCode::NORMAL, out);
        }
    }

    /// No more output follows: what was kept back goes to the agent.
    pub(super) fn finish(&mut self, out: &mut StreamActions) {
        for stream in [ProcessStream::Stdout, ProcessStream::Stderr] {
            let rest = self.process.finish(stream, &mut out.records);
            if !rest.is_empty() {
                self.passage.message(Side::Downstream, &[&[stream as u8], &rest], out);
            }
        }
    }
}
