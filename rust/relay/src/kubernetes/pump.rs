//! An answer on its way from the API server to the agent: masked, written down, and only then sent.

use std::{future::poll_fn, pin::Pin, rc::Rc, sync::Arc, task::Poll};

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Incoming};
use narrows_wire::kubernetes::{ApiCall, ApiVerdict, Status, Verb};
use serde_json::json;
use tokio::time::sleep;

use super::{
    asking::{Patience, decide},
    filter::Filter,
    forward::late,
    keeping::Keeping,
    pool::{self, Sender},
    reply::{Cut, Piece},
    session::Session,
};
use crate::batch::let_others_add;

/// What is left of an answer.
pub(crate) struct Pump {
    session: Rc<Session>,
    call: Arc<ApiCall>,
    incoming: Incoming,
    filter: Filter,
    /// The connection that it comes over, kept for the next call once the answer is whole.
    sender: Option<Sender>,
    keeping: Keeping,
    /// In which the call was decided last.
    policy_epoch: u64,
    /// Whether the last byte sent ended a line, or none was sent: where an event of a watch can begin.
    at_boundary: bool,
    /// Values masked that are not written down yet.
    masked: u64,
}

/// What comes next of an answer.
enum Next {
    Data(Bytes),
    End,
    Broken(String),
    PolicyMoved,
    SessionEnded(Status),
}

impl Pump {
    pub(crate) fn new(
        session: &Rc<Session>,
        call: &Arc<ApiCall>,
        incoming: Incoming,
        filter: Filter,
        sender: Option<Sender>,
        keeping: Keeping,
        policy_epoch: u64,
    ) -> Pump {
        let (session, call) = (Rc::clone(session), Arc::clone(call));
        Pump { session, call, incoming, filter, sender, keeping, policy_epoch, at_boundary: true, masked: 0 }
    }

    /// What is there without waiting for more, so that a short answer leaves in one piece with its head. It has
    /// to be written down before it is sent.
    pub(crate) async fn first(mut self) -> Result<Piece, Cut> {
        // The connection that it comes over is driven by another task.
        let_others_add().await;
        let mut out = BytesMut::new();
        loop {
            let ready = poll_fn(|cx| match Pin::new(&mut self.incoming).poll_frame(cx) {
                Poll::Pending => Poll::Ready(None),
                Poll::Ready(frame) => Poll::Ready(Some(frame)),
            });
            let next = match ready.await {
                None => break,
                Some(frame) => as_next(frame),
            };
            let more = self.take(next, &mut out).await?;
            if !more {
                return Ok(Piece { bytes: out.freeze(), masked: self.masked, rest: None });
            }
            if out.len() >= crate::bounds::READ_BYTES {
                break;
            }
        }
        let masked = std::mem::take(&mut self.masked);
        Ok(Piece { bytes: out.freeze(), masked, rest: Some(self) })
    }

    /// The next piece, written down.
    pub(crate) async fn next(mut self) -> Result<Piece, Cut> {
        let mut out = BytesMut::new();
        loop {
            let next = self.wait().await;
            let more = self.take(next, &mut out).await?;
            if out.is_empty() && more {
                continue;
            }
            let masked = std::mem::take(&mut self.masked);
            let left_out = self.keeping.leaves_out(0..out.len());
            self.session.ledger.reply_except(&out, left_out.as_slice(), masked);
            self.session.ledger.write().await.map_err(|_| Cut)?;
            return Ok(Piece { bytes: out.freeze(), masked, rest: more.then_some(self) });
        }
    }

    async fn wait(&mut self) -> Next {
        let (life, ledger, limit) =
            (&self.session.life, &self.session.ledger, self.session.upstream.answer_deadline());
        let epochs = &ledger.shared.epochs;
        tokio::select! {
            biased;
            status = life.ended(ledger) => Next::SessionEnded(status),
            frame = poll_fn(|cx| Pin::new(&mut self.incoming).poll_frame(cx)) => as_next(frame),
            () = sleep(limit), if has_an_end(&self.call) => Next::Broken(late(limit)),
            () = epochs.policy_moved_from(self.policy_epoch), if !has_an_end(&self.call) => Next::PolicyMoved,
        }
    }

    /// Passes on what has come. False when it was the last.
    async fn take(&mut self, next: Next, out: &mut BytesMut) -> Result<bool, Cut> {
        match next {
            Next::Data(data) => {
                if let Err(status) = self.still_allowed().await {
                    return self.end_early(&status, out);
                }
                if self.filter.is_overtaken() {
                    return self.end_for_other_masks();
                }
                self.masked += self.filter.feed(&data, out).map_err(|why| self.cut(&why))?;
                self.at_boundary = out.last().map_or(self.at_boundary, |last| *last == b'\n');
                Ok(true)
            }
            Next::End => {
                self.masked += self.filter.finish(out).map_err(|why| self.cut(&why))?;
                if let Some(sender) = self.sender.take() {
                    pool::keep(self.session.upstream.identity(), sender);
                }
                Ok(false)
            }
            Next::PolicyMoved => match self.still_allowed().await {
                Ok(()) => Ok(true),
                Err(status) => self.end_early(&status, out),
            },
            Next::Broken(why) => Err(self.cut(&why)),
            Next::SessionEnded(status) => self.end_early(&status, out),
        }
    }

    /// Whether what was allowed still is. Policy may have moved since.
    async fn still_allowed(&mut self) -> Result<(), Status> {
        let policy_epoch = self.session.ledger.shared.epochs.policy();
        if policy_epoch == self.policy_epoch {
            return Ok(());
        }
        match decide(&self.session, &self.call, Patience::DoesNotWait).await?.verdict {
            ApiVerdict::Allow(allow) => {
                self.policy_epoch = allow.policy_epoch;
                Ok(())
            }
            ApiVerdict::Deny(deny) => Err(deny.status()),
        }
    }

    /// Ends an answer that may not go on: a watch by an event that says why, if one can begin here.
    fn end_early(&mut self, status: &Status, out: &mut BytesMut) -> Result<bool, Cut> {
        if !self.is_between_events() {
            return Err(self.cut(status.message()));
        }
        out.extend_from_slice(br#"{"type":"ERROR","object":"#);
        out.extend_from_slice(status.to_json().trim_ascii_end());
        out.extend_from_slice(b"}\n");
        Ok(false)
    }

    /// Ends an answer whose masks are others now: a watch as the API server ends one from time to time, so that
    /// the client asks for another.
    fn end_for_other_masks(&mut self) -> Result<bool, Cut> {
        if self.is_between_events() { Ok(false) } else { Err(self.cut("its masks are others now")) }
    }

    /// Whether it is a watch, none of whose events is under way.
    fn is_between_events(&mut self) -> bool {
        self.call.verb == Verb::Watch && self.at_boundary && self.filter.finish(&mut BytesMut::new()).is_ok()
    }

    /// Breaks the answer off and writes down why.
    fn cut(&self, why: &str) -> Cut {
        self.session.ledger.event(&json!({ "event": "cut", "why": why }));
        Cut
    }
}

/// Whether its answer comes without a pause: watches and logs follow what happens, and what is behind a proxy
/// does as it likes.
fn has_an_end(call: &ApiCall) -> bool {
    !matches!(call.verb, Verb::Watch | Verb::Proxy) && call.subresource != "log"
}

fn as_next(frame: Option<Result<hyper::body::Frame<Bytes>, hyper::Error>>) -> Next {
    match frame {
        None => Next::End,
        // Trailers say nothing that the agent is to know.
        Some(Ok(frame)) => Next::Data(frame.into_data().unwrap_or_default()),
        Some(Err(error)) => Next::Broken(format!("the API server broke off its answer: {error}")),
    }
}
