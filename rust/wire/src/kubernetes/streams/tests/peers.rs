//! What peers say and hear, with the frames of both transports.

use super::super::spdy::{Event, Headers, Reader, Writer};
use super::super::websocket::{Passage, Piece, Said};
use super::*;

/// The messages that a side is sent, joined from their pieces; and whether a Close followed.
pub(super) fn messages(session: &mut Session, to: Side) -> (Vec<Vec<u8>>, bool) {
    let mut passage = Passage::new(0);
    let mut frames = sent(session, to);
    // Towards the agent the frames are the target's.
    let from = super::super::pair::opposite(to);
    let (mut messages, mut whole, mut is_closed) = (Vec::new(), Vec::new(), false);
    while let Some(said) = passage.next(from, &mut frames, &mut StreamActions::default()).unwrap() {
        match said {
            Said::Close(_) => is_closed = true,
            Said::Piece(Piece { payload, last, .. }) => {
                whole.extend_from_slice(&payload);
                if last {
                    messages.push(std::mem::take(&mut whole));
                }
            }
        }
    }
    assert!(frames.is_empty(), "half a frame was sent");
    (messages, is_closed)
}

/// Takes what is to be sent to a side.
pub(super) fn sent(session: &mut Session, to: Side) -> BytesMut {
    match to {
        Side::Downstream => session.out.downstream().split(),
        Side::Upstream => session.out.upstream().split(),
    }
}

/// A message as a side sends it.
pub(super) fn message(from: Side, parts: &[&[u8]]) -> Vec<u8> {
    let (mut passage, mut out) = (Passage::new(9), StreamActions::default());
    // The agent's frames are masked as those to the target are.
    let to = super::super::pair::opposite(from);
    passage.message(to, parts, &mut out);
    [out.upstream().split(), out.downstream().split()].concat()
}

/// What a side hears in SPDY frames, in order.
pub(super) struct Ear(Reader);

impl Ear {
    pub(super) fn of(to: Side) -> Ear {
        Ear(Reader::new(super::super::pair::opposite(to)))
    }

    pub(super) fn hear(&mut self, bytes: &[u8]) -> Vec<Event> {
        let (mut input, mut heard) = (BytesMut::from(bytes), Vec::new());
        while let Some(event) = self.0.next(&mut input).unwrap() {
            heard.push(event);
        }
        assert!(input.is_empty(), "half a frame was sent");
        heard
    }
}

/// An agent that opens streams.
#[derive(Default)]
pub(super) struct Agent(Writer);

impl Agent {
    pub(super) fn open(&mut self, stream: u32, headers: &[(&str, &str)]) -> Vec<u8> {
        let mut out = BytesMut::new();
        self.0.open(&mut out, stream, false, headers);
        out.to_vec()
    }

    /// The two streams of a connection to a port.
    pub(super) fn connect(&mut self, errors: u32, port: &str) -> Vec<u8> {
        let id = errors.to_string();
        let both = ["error", "data"].map(|kind| [("streamtype", kind), ("port", port), ("requestid", &id)]);
        [self.open(errors, &both[0]), self.open(errors + 2, &both[1])].concat()
    }
}

pub(super) fn reply(writer: &mut Writer, stream: u32) -> Vec<u8> {
    let mut out = BytesMut::new();
    writer.reply(&mut out, stream, false);
    out.to_vec()
}

pub(super) fn data(stream: u32, fin: bool, payload: &[u8]) -> Vec<u8> {
    let mut out = BytesMut::new();
    Writer::data(&mut out, stream, fin, payload);
    out.to_vec()
}

pub(super) fn reset(stream: u32) -> Vec<u8> {
    let mut out = BytesMut::new();
    Writer::reset(&mut out, stream, 5);
    out.to_vec()
}

/// All data of a stream, joined; and whether its last had a FIN.
pub(super) fn data_of(events: &[Event], wanted: u32) -> (Vec<u8>, bool) {
    let mut all = (Vec::new(), false);
    for event in events {
        if let Event::Data { stream, fin, payload } = event
            && *stream == wanted
        {
            assert!(!all.1, "data after a FIN");
            all.0.extend_from_slice(payload);
            all.1 = *fin;
        }
    }
    all
}

/// The streams that were opened, with a header of each.
pub(super) fn opened(events: &[Event], header: &str) -> Vec<(u32, Option<String>)> {
    let open = |event: &Event| match event {
        Event::Open { stream, headers, .. } => Some((*stream, value(headers, header))),
        _ => None,
    };
    events.iter().filter_map(open).collect()
}

fn value(headers: &Headers, name: &str) -> Option<String> {
    headers.value(name).map(str::to_owned)
}
