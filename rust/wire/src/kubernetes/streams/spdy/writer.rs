//! Frames as they are sent, with a zero priority and as unfragmented as they come.

use bytes::{BufMut, BytesMut};

use super::frame::{self, FLAG_FIN, Kind};
use super::headers::Deflater;

/// One direction of a connection.
#[derive(Debug, Default)]
pub(in super::super) struct Writer {
    deflater: Deflater,
}

impl Writer {
    /// Opens a stream.
    pub(in super::super) fn open(
        &mut self,
        out: &mut BytesMut,
        stream: u32,
        fin: bool,
        headers: &[(&str, &str)],
    ) {
        let block = self.deflater.write(headers);
        out.put_slice(&frame::control(Kind::SynStream, flags(fin), block.len() + 10));
        out.put_u32(stream);
        // Associated with no other stream; the highest priority; slot 0.
        out.put_slice(&[0; 6]);
        out.put_slice(&block);
    }

    /// Accepts a stream.
    pub(in super::super) fn reply(&mut self, out: &mut BytesMut, stream: u32, fin: bool) {
        let block = self.deflater.write(&[]);
        out.put_slice(&frame::control(Kind::SynReply, flags(fin), block.len() + 4));
        out.put_u32(stream);
        out.put_slice(&block);
    }

    /// Ends a stream both ways.
    pub(in super::super) fn reset(out: &mut BytesMut, stream: u32, status: u32) {
        Writer::pair(out, Kind::RstStream, stream, status);
    }

    /// Asks for the same number back, or gives it back.
    pub(in super::super) fn ping(out: &mut BytesMut, number: u32) {
        out.put_slice(&frame::control(Kind::Ping, 0, 4));
        out.put_u32(number);
    }

    /// No more streams after `last`.
    pub(in super::super) fn go_away(out: &mut BytesMut, last: u32, status: u32) {
        Writer::pair(out, Kind::GoAway, last, status);
    }

    /// More of a stream; with `fin` the last of it in this direction. The payload is at most 16 MiB.
    pub(in super::super) fn data(out: &mut BytesMut, stream: u32, fin: bool, payload: &[u8]) {
        out.reserve(frame::HEAD_BYTES + payload.len());
        out.put_slice(&frame::data(stream, fin, payload.len()));
        out.put_slice(payload);
    }

    fn pair(out: &mut BytesMut, kind: Kind, stream: u32, status: u32) {
        out.put_slice(&frame::control(kind, 0, 8));
        out.put_u32(stream);
        out.put_u32(status);
    }
}

fn flags(fin: bool) -> u8 {
    if fin { FLAG_FIN } else { 0 }
}
