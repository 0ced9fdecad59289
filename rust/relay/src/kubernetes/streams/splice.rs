//! The loop of an open stream: read what is ready and wanted, inspect, write it down, send it.

use std::{
    future::poll_fn,
    io,
    task::{Context, Poll},
};

use narrows_wire::{
    Side,
    kubernetes::{ApiVerdict, Reason, Status},
};
use tokio::task::spawn_local;

use super::{Stream, recording};
use crate::{
    bounds::BACKLOG_BYTES_MAX,
    kubernetes::asking::{Patience, decide},
    session::Leg,
    transport::shrink,
};

/// A stream between its two legs.
pub(super) struct Splice<'a> {
    stream: Stream,
    downstream: &'a mut Leg,
    /// The side that is read first; it alternates, so that neither can starve the other.
    turn: Side,
    /// Values masked, as written down.
    masked: u64,
}

enum Wake {
    Ended(Status),
    Read(Side, io::Result<usize>),
    Broken(Side),
}

/// Why the loop ends.
enum Stop {
    /// A side is gone.
    Closed(Side),
    /// The agent is told why.
    Told(Status),
    /// Nothing may be sent: it could not be written down.
    Unwritten,
}

impl<'a> Splice<'a> {
    pub(super) fn new(stream: Stream, downstream: &'a mut Leg) -> Splice<'a> {
        Splice { stream, downstream, turn: Side::Upstream, masked: 0 }
    }

    /// Moves what passes both ways to the end of the stream.
    pub(super) async fn run(mut self) {
        let stop = loop {
            if let Err(stop) = self.step().await {
                break stop;
            }
        };
        self.end(stop).await;
        // Whether the API server hears the goodbye changes nothing for the agent.
        spawn_local(self.stream.upstream.transport.finish());
    }

    async fn step(&mut self) -> Result<(), Stop> {
        // What came behind the 101, or along with the request, has been read already.
        let taken = self.take();
        let written = self.write().await;
        // What preceded an error has still been sent.
        written.and(taken)?;
        match poll_fn(|cx| self.poll(cx)).await {
            Wake::Ended(status) => Err(Stop::Told(status)),
            Wake::Read(side, Ok(0) | Err(_)) | Wake::Broken(side) => Err(Stop::Closed(side)),
            Wake::Read(_, Ok(_)) => self.still_allowed().await,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Wake> {
        let session = &self.stream.session;
        if let Poll::Ready(status) = session.life.poll_ended(cx, &session.ledger) {
            return Poll::Ready(Wake::Ended(status));
        }
        for side in [Side::Upstream, Side::Downstream] {
            if let Poll::Ready(Err(_)) = self.leg(side).transport.poll_flush(cx) {
                return Poll::Ready(Wake::Broken(side));
            }
        }
        for side in [self.turn, opposite(self.turn)] {
            if self.leg(opposite(side)).transport.backlog() >= BACKLOG_BYTES_MAX {
                continue;
            }
            let Leg { transport, input } = self.leg(side);
            if let Poll::Ready(read) = transport.poll_read(cx, input) {
                self.turn = opposite(side);
                return Poll::Ready(Wake::Read(side, read));
            }
        }
        Poll::Pending
    }

    fn leg(&mut self, side: Side) -> &mut Leg {
        match side {
            Side::Downstream => self.downstream,
            Side::Upstream => &mut self.stream.upstream,
        }
    }

    /// Has all that was read inspected.
    fn take(&mut self) -> Result<(), Stop> {
        let Stream { inspector, actions, upstream, .. } = &mut self.stream;
        for (side, input) in
            [(Side::Upstream, &mut upstream.input), (Side::Downstream, &mut self.downstream.input)]
        {
            let fed = inspector.feed(side, input, actions);
            shrink(input);
            fed.map_err(|error| Stop::Told(Status::bad_request(&format!("Narrows: {error}"))))?;
        }
        Ok(())
    }

    /// Whether what was allowed still is: policy may have moved, and masks may be others.
    async fn still_allowed(&mut self) -> Result<(), Stop> {
        let Stream { session, call, masks, .. } = &self.stream;
        if let (Some(published), Some(masks)) = (&session.masks, masks)
            && !published.are(&masks.masks)
        {
            let message = "Narrows: the masks of this cluster have changed; begin again";
            return Err(Stop::Told(Status::new(Reason::Forbidden, message)));
        }
        let policy_epoch = session.ledger.shared.epochs.policy();
        if policy_epoch == self.stream.policy_epoch {
            return Ok(());
        }
        match decide(session, call, Patience::DoesNotWait).await.map_err(Stop::Told)?.verdict {
            ApiVerdict::Allow(allow) => {
                self.stream.policy_epoch = allow.policy_epoch;
                Ok(())
            }
            ApiVerdict::Deny(deny) => Err(Stop::Told(deny.status())),
        }
    }

    /// Writes down what was inspected, then queues it. The order is the promise.
    async fn write(&mut self) -> Result<(), Stop> {
        let Stream { session, inspector, actions, terminal, upstream, .. } = &mut self.stream;
        let masked = inspector.masked_values();
        let newly_masked = masked - std::mem::replace(&mut self.masked, masked);
        if !actions.records.is_empty() || newly_masked > 0 {
            recording::add(&session.ledger, &mut actions.records, newly_masked, *terminal);
            session.ledger.write().await.map_err(|_| Stop::Unwritten)?;
        }
        let sent = upstream.transport.queue(actions.upstream()).map_err(|_| Side::Upstream).and_then(|()| {
            self.downstream.transport.queue(actions.downstream()).map_err(|_| Side::Downstream)
        });
        sent.map_err(Stop::Closed)
    }

    /// Says what is to be said last, and why it is the last.
    async fn end(&mut self, stop: Stop) {
        let Stream { session, inspector, actions, .. } = &mut self.stream;
        match &stop {
            Stop::Unwritten => return,
            Stop::Closed(side) => {
                let reason = match side {
                    Side::Downstream => "the agent closed the stream",
                    Side::Upstream => "the target closed the stream",
                };
                session.ledger.end(reason);
                inspector.finish(actions);
            }
            Stop::Told(status) => {
                session.ledger.end(status.message());
                inspector.end(status, actions);
            }
        }
        // If even that cannot be written down, it is not said.
        drop(self.write().await);
    }
}

fn opposite(side: Side) -> Side {
    match side {
        Side::Downstream => Side::Upstream,
        Side::Upstream => Side::Downstream,
    }
}
