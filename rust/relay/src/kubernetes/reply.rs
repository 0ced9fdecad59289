//! The body of an answer to an agent.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::{guard::Busy, pump::Pump};

/// A body that is whole, or that is made as it is sent.
pub(crate) struct Reply {
    source: Source,
    /// The agent waits for as long as this lives.
    _busy: Option<Busy>,
}

enum Source {
    Whole(Option<Bytes>),
    Streamed(Step),
    Done,
}

/// Makes the next piece: the pump for the one after it, or `None` where it was the last.
type Step = Pin<Box<dyn Future<Output = Result<Piece, Cut>>>>;

/// A piece of a body.
pub(crate) struct Piece {
    pub(crate) bytes: Bytes,
    /// How many values were masked in it.
    pub(crate) masked: u64,
    /// What makes the rest; `None`: there is no more.
    pub(crate) rest: Option<Pump>,
}

/// The answer breaks off. The agent sees that it does: it is never ended as if it were whole.
#[derive(Debug)]
pub(crate) struct Cut;

impl Reply {
    /// A body that is there already.
    pub(crate) fn whole(bytes: Bytes) -> Reply {
        Reply { source: Source::Whole(Some(bytes).filter(|bytes| !bytes.is_empty())), _busy: None }
    }

    /// A body of which the beginning is there, and the rest is made by a pump.
    pub(crate) fn streamed(first: Bytes, pump: Pump) -> Reply {
        let step: Step = if first.is_empty() {
            Box::pin(pump.next())
        } else {
            Box::pin(async { Ok(Piece { bytes: first, masked: 0, rest: Some(pump) }) })
        };
        Reply { source: Source::Streamed(step), _busy: None }
    }

    /// The same; the agent waits until it is sent.
    pub(crate) fn busy(self, busy: Busy) -> Reply {
        Reply { _busy: Some(busy), ..self }
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        loop {
            let made = match &mut self.source {
                Source::Whole(bytes) => return Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
                Source::Done => return Poll::Ready(None),
                Source::Streamed(step) => ready!(step.as_mut().poll(cx)),
            };
            let Piece { bytes, rest, .. } = match made {
                Ok(piece) => piece,
                Err(cut) => {
                    self.source = Source::Done;
                    return Poll::Ready(Some(Err(cut)));
                }
            };
            self.source = rest.map_or(Source::Done, |pump| Source::Streamed(Box::pin(pump.next())));
            if !bytes.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(bytes))));
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.source, Source::Done | Source::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Source::Done => SizeHint::with_exact(0),
            Source::Streamed(_) => SizeHint::default(),
        }
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer breaks off")
    }
}

impl std::error::Error for Cut {}
