//! The streams of one SPDY connection, whatever they carry.
//!
//! The agent opens them and the target accepts them. What belongs to no open stream goes nowhere: that covers what
//! crosses a RST_STREAM on its way, and what an agent sends on a stream that it was refused.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};

use super::StreamActions;
use super::pair::{Pair, opposite};
use super::record::StreamRecord;
use super::spdy::{Event, Headers, Reader, Writer};
use crate::kubernetes::Status;
use crate::{Error, Permit, Side};

/// Streams that may be open at a time; a connection to a port takes two.
const STREAMS_MAX: usize = 2_048;
/// RST_STREAM: before anything was done with the stream.
const REFUSED_STREAM: u32 = 3;
/// GOAWAY: nothing was wrong.
const GOAWAY_OK: u32 = 0;

/// What the streams are for.
pub(super) trait Carried {
    /// What is kept of one.
    type Stream: std::fmt::Debug;

    /// The agent opens a stream.
    ///
    /// # Errors
    /// Its headers say nothing that could be done.
    fn open(
        &mut self,
        number: u32,
        headers: &Headers,
        records: &mut Vec<StreamRecord>,
    ) -> Result<Opening<Self::Stream>, Error>;

    /// What goes on of what comes from a side.
    fn pass(
        &mut self,
        from: Side,
        stream: &mut Self::Stream,
        payload: BytesMut,
        records: &mut Vec<StreamRecord>,
    ) -> Bytes;

    /// What was kept back of what came from a side; no more follows.
    fn finish(&mut self, from: Side, stream: &mut Self::Stream, records: &mut Vec<StreamRecord>) -> Bytes;

    /// The stream is gone.
    fn close(&mut self, stream: Self::Stream, records: &mut Vec<StreamRecord>);

    /// What an agent is told last on this stream, if anything is told on it.
    fn last_words(stream: &Self::Stream, why: &Status) -> Bytes;
}

/// Whether a stream is opened.
pub(super) enum Opening<S> {
    /// It goes up with these headers.
    Accept(S, Vec<(&'static str, String)>),
    /// It does not; the agent reads this on it.
    Refuse(String),
}

/// Both directions of a connection.
#[derive(Debug)]
pub(super) struct Multiplex<C: Carried> {
    carried: C,
    readers: Pair<Reader>,
    writers: Pair<Writer>,
    streams: BTreeMap<u32, Open<C::Stream>>,
    /// The number of the stream opened last.
    last: u32,
}

#[derive(Debug)]
struct Open<S> {
    stream: S,
    /// Whether no more follows from a side.
    finished: Pair<bool>,
}

impl<C: Carried> Multiplex<C> {
    pub(super) fn new(carried: C) -> Multiplex<C> {
        let readers =
            Pair { downstream: Reader::new(Side::Downstream), upstream: Reader::new(Side::Upstream) };
        Multiplex { carried, readers, writers: Pair::default(), streams: BTreeMap::new(), last: 0 }
    }

    pub(super) fn carried(&self) -> &C {
        &self.carried
    }

    /// Takes whole frames off the front of `input`.
    ///
    /// # Errors
    /// What breaks SPDY/3.1, or what these streams are for.
    pub(super) fn feed(
        &mut self,
        from: Side,
        input: &mut BytesMut,
        out: &mut StreamActions,
    ) -> Result<(), Error> {
        while let Some(event) = self.readers.at(from).next(input)? {
            self.hear(from, event, out)?;
        }
        Ok(())
    }

    fn hear(&mut self, from: Side, event: Event, out: &mut StreamActions) -> Result<(), Error> {
        let to = opposite(from);
        match (event, from) {
            (Event::Open { stream, fin, headers }, Side::Downstream) => {
                self.open(stream, fin, &headers, out)?;
            }
            (Event::Open { .. }, Side::Upstream) => {
                return Err(Error::Unsupported { side: from, feature: "a stream that the target opens" });
            }
            (Event::Reply { .. }, Side::Downstream) => {
                return Err(Error::Malformed { side: from, what: "a SPDY reply to a stream of its own" });
            }
            (Event::Reply { stream, fin }, Side::Upstream) => {
                if self.streams.contains_key(&stream) {
                    self.writers.at(to).reply(to_side(out, to), stream, fin);
                }
                if fin {
                    self.data(from, stream, true, BytesMut::new(), out);
                }
            }
            (Event::Reset { stream, status }, _) => self.reset(from, stream, status, out),
            (Event::Data { stream, fin, payload }, _) => self.data(from, stream, fin, payload, out),
            (Event::Ping(number), _) => Writer::ping(to_side(out, to), number),
            (Event::GoAway { last, status }, _) => Writer::go_away(to_side(out, to), last, status),
        }
        Ok(())
    }

    fn open(
        &mut self,
        number: u32,
        fin: bool,
        headers: &Headers,
        out: &mut StreamActions,
    ) -> Result<(), Error> {
        if number.is_multiple_of(2) || number <= self.last {
            return Err(Error::Malformed { side: Side::Downstream, what: "a SPDY stream out of order" });
        }
        self.last = number;
        if self.streams.len() >= STREAMS_MAX {
            Writer::reset(out.reply(), number, REFUSED_STREAM);
            return Ok(());
        }
        match self.carried.open(number, headers, &mut out.records)? {
            Opening::Accept(stream, headers) => {
                let finished = Pair { downstream: fin, upstream: false };
                self.streams.insert(number, Open { stream, finished });
                let headers: Vec<(&str, &str)> =
                    headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
                self.writers.upstream.open(to_side(out, Side::Upstream), number, fin, &headers);
            }
            Opening::Refuse(message) => {
                self.writers.downstream.reply(out.reply(), number, false);
                Writer::data(out.reply(), number, true, message.as_bytes());
            }
        }
        Ok(())
    }

    fn data(&mut self, from: Side, number: u32, fin: bool, payload: BytesMut, out: &mut StreamActions) {
        let Some(open) = self.streams.get_mut(&number) else { return };
        if *open.finished.at(from) {
            return;
        }
        let to = opposite(from);
        let bytes = self.carried.pass(from, &mut open.stream, payload, &mut out.records);
        if !bytes.is_empty() {
            Writer::data(to_side(out, to), number, false, &bytes);
        }
        if !fin {
            return;
        }
        *open.finished.at(from) = true;
        let rest = self.carried.finish(from, &mut open.stream, &mut out.records);
        Writer::data(to_side(out, to), number, true, &rest);
        if *open.finished.at(to) {
            self.forget(number, out);
        }
    }

    fn reset(&mut self, from: Side, number: u32, status: u32, out: &mut StreamActions) {
        if !self.streams.contains_key(&number) {
            return;
        }
        self.release(number, out);
        Writer::reset(to_side(out, opposite(from)), number, status);
        self.forget(number, out);
    }

    /// Sends the agent what was kept back of a stream.
    fn release(&mut self, number: u32, out: &mut StreamActions) {
        let Some(open) = self.streams.get_mut(&number) else { return };
        let rest = self.carried.finish(Side::Upstream, &mut open.stream, &mut out.records);
        if !rest.is_empty() {
            Writer::data(to_side(out, Side::Downstream), number, false, &rest);
        }
    }

    fn forget(&mut self, number: u32, out: &mut StreamActions) {
        if let Some(open) = self.streams.remove(&number) {
            self.carried.close(open.stream, &mut out.records);
        }
    }

    /// Tells the agent why the session ends, and both sides that it does.
    pub(super) fn end(&mut self, why: &Status, out: &mut StreamActions) {
        for (number, open) in &mut self.streams {
            let rest = self.carried.finish(Side::Upstream, &mut open.stream, &mut out.records);
            let words = C::last_words(&open.stream, why);
            if !open.finished.upstream {
                Writer::data(out.reply(), *number, words.is_empty(), &rest);
                if !words.is_empty() {
                    Writer::data(out.reply(), *number, true, &words);
                }
            }
        }
        Writer::go_away(out.reply(), 0, GOAWAY_OK);
        Writer::go_away(to_side(out, Side::Upstream), 0, GOAWAY_OK);
        self.finish(out);
    }

    /// One of the two is gone: what was kept back goes to the agent, and nothing is open any more.
    pub(super) fn finish(&mut self, out: &mut StreamActions) {
        let numbers: Vec<u32> = self.streams.keys().copied().collect();
        for number in numbers {
            self.release(number, out);
            self.forget(number, out);
        }
    }
}

fn to_side(out: &mut StreamActions, to: Side) -> &mut BytesMut {
    out.forwarding(to, Permit::for_allowed())
}
