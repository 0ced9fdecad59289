//! The loop of an open session: read what is ready and wanted, inspect, write it down, send it.
//!
//! Everything here is one task on one thread. It waits in one place, [`Pump::poll`], and whatever wakes
//! it is dealt with to the end, so that one read(2) and one write(2) per side serve a round trip.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use narrows_mask::MaskSet;
use narrows_wire::{
    Actions, Epoch, Inspector, Side,
    postgres::{PostgresInspector, PostgresSession},
};
use serde_json::json;
use tokio::{
    task::spawn_local,
    time::{Sleep, sleep_until},
};

use crate::{
    bounds::{BACKLOG_BYTES_MAX, HANG_UP_CHECK, HELD_READ_AHEAD_BYTES},
    command::{Admission, Command, Refusal},
    epochs::{PublishedMasks, Target},
    held::Held,
    random,
    session::{Leg, Session},
    time,
    transport::shrink,
    upstream::{Ready, Upstream},
    verdicts::Scene,
};

/// An open session.
pub(crate) struct Pump<'a, 'b> {
    pub(crate) session: &'a mut Session<'b>,
    pub(crate) inspector: PostgresInspector,
    pub(crate) actions: Actions,
    pub(crate) held: Option<Held>,
    pub(crate) epoch: Epoch,
    pub(crate) scene: Scene,
    pub(crate) upstream: Leg,
    target: Arc<Target>,
    masks: Option<Masks>,
    backend: Backend,
    expires: Instant,
    clock: Pin<Box<Sleep>>,
    /// The side that is read first; it alternates, so that neither can starve the other.
    turn: Side,
}

struct Masks {
    published: Arc<PublishedMasks>,
    current: Arc<MaskSet>,
}

/// The target's own name for the session, to which cancels are sent.
struct Backend {
    upstream: Arc<Upstream>,
    process_id: i32,
    cancel_key: bytes::Bytes,
}

enum Wake {
    Command(Command),
    Deadline,
    Read(Side, io::Result<usize>),
    Broken(Side),
}

/// Why the loop ends.
pub(crate) enum Stop {
    /// What is to be said has been queued.
    Done(String),
    /// The agent is to be told so first.
    Fatal(Refusal),
    /// Nothing may be sent but that the journal failed.
    Journal(io::Error),
}

impl<'a, 'b> Pump<'a, 'b> {
    /// A session that is ready for its first query.
    pub(crate) fn new(
        session: &'a mut Session<'b>,
        ready: Ready,
        admission: Admission,
    ) -> io::Result<Pump<'a, 'b>> {
        let shared = Arc::clone(&session.shared);
        let target = shared.epochs.target(&admission.target);
        let masks = (admission.mask_set != 0).then(|| {
            let published = shared.epochs.masks(admission.mask_set);
            Masks { current: published.load_full(), published }
        });
        let epoch = Epoch { policy: shared.epochs.policy(), catalogue: target.catalogue() };
        let inspector = PostgresInspector::new(PostgresSession {
            limits: Arc::clone(&shared.limits),
            nonce: random::nonce()?,
            masks: masks.as_ref().map(|masks| Arc::clone(&masks.current)),
            epoch,
        });
        let expires = time::instant_of(admission.expires_ms);
        let id = session.recorder.session();
        let (principal, database) = (&admission.principal, admission.upstream.database());
        Ok(Pump {
            scene: shared.verdicts.scene(id, principal, &admission.target, database, admission.mask_set),
            session,
            inspector,
            actions: Actions::default(),
            held: None,
            epoch,
            upstream: Leg { transport: ready.transport, input: ready.unread },
            target,
            masks,
            backend: Backend {
                upstream: admission.upstream,
                process_id: ready.login.process_id,
                cancel_key: ready.login.cancel_key,
            },
            expires,
            clock: Box::pin(sleep_until(expires.into())),
            turn: Side::Downstream,
        })
    }

    /// Pumps until the session ends; returns why.
    pub(crate) async fn run(mut self) -> String {
        let stop = loop {
            let wake = std::future::poll_fn(|cx| self.poll(cx)).await;
            let handled = self.handle(wake);
            // What preceded an error is still to be performed, unless nothing can be written down.
            let performed = match handled {
                Err(Stop::Journal(_)) => Ok(()),
                _ => self.perform().await,
            };
            if let Err(stop) = performed.and(handled) {
                break stop;
            }
        };
        self.end(stop)
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Wake> {
        if let Poll::Ready(Some(command)) = self.session.commands.poll_recv(cx) {
            return Poll::Ready(Wake::Command(command));
        }
        for side in [Side::Upstream, Side::Downstream] {
            if let Poll::Ready(Err(_)) = self.leg(side).transport.poll_flush(cx) {
                return Poll::Ready(Wake::Broken(side));
            }
        }
        if self.clock.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Wake::Deadline);
        }
        for side in [self.turn, opposite(self.turn)] {
            if !self.wants(side) {
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

    fn handle(&mut self, wake: Wake) -> Result<(), Stop> {
        match wake {
            Wake::Read(side, Ok(0) | Err(_)) | Wake::Broken(side) => Err(self.lost(side)),
            Wake::Read(side, Ok(_)) if !self.inspector.wants_input(side) => {
                self.arm();
                Ok(())
            }
            Wake::Read(side, Ok(_)) => self.inspect(side),
            Wake::Deadline => self.deadline(),
            Wake::Command(command) => self.obey(command),
        }
    }

    /// Whether `side` may be read: not while the other side cannot be written, nor past what is read
    /// ahead of an agent that has to wait.
    fn wants(&mut self, side: Side) -> bool {
        if self.leg(opposite(side)).transport.backlog() >= BACKLOG_BYTES_MAX {
            return false;
        }
        self.inspector.wants_input(side)
            || side == Side::Downstream && self.session.downstream.input.len() < HELD_READ_AHEAD_BYTES
    }

    fn leg(&mut self, side: Side) -> &mut Leg {
        match side {
            Side::Downstream => self.session.downstream,
            Side::Upstream => &mut self.upstream,
        }
    }

    /// Has what was read inspected and answers what can be answered here.
    pub(crate) fn inspect(&mut self, side: Side) -> Result<(), Stop> {
        self.observe_epochs();
        self.feed(side)?;
        shrink(&mut self.leg(side).input);
        if !self.wants(Side::Downstream) {
            self.arm();
        }
        match self.actions.close.take() {
            Some(close) => Err(Stop::Done(close.reason)),
            None => Ok(()),
        }
    }

    /// Feeds `side`, then whatever that has made takeable on either side.
    fn feed(&mut self, mut side: Side) -> Result<(), Stop> {
        loop {
            let input = match side {
                Side::Downstream => &mut self.session.downstream.input,
                Side::Upstream => &mut self.upstream.input,
            };
            let before = input.len();
            self.inspector
                .feed(side, input, &mut self.actions)
                .map_err(|error| Stop::Done(error.to_string()))?;
            let taken = input.len() < before;
            if self.answer_asks()? {
                // Whatever was asked had held the agent's side.
                side = Side::Downstream;
            } else if taken {
                side = opposite(side);
            } else {
                return Ok(());
            }
            if self.leg(side).input.is_empty() || !self.inspector.wants_input(side) {
                return Ok(());
            }
        }
    }

    /// Epochs and masks as published take effect on the next message.
    pub(crate) fn observe_epochs(&mut self) {
        let published =
            Epoch { policy: self.session.shared.epochs.policy(), catalogue: self.target.catalogue() };
        if published != self.epoch {
            self.epoch = published;
            self.inspector.set_epoch(published);
        }
        let Some(masks) = &mut self.masks else { return };
        let published = masks.published.load();
        if !Arc::ptr_eq(&published, &masks.current) {
            masks.current = Arc::clone(&published);
            self.inspector.set_masks(Some(Arc::clone(&masks.current)));
        }
    }

    /// Writes down what was inspected, then queues it. The order is the promise.
    async fn perform(&mut self) -> Result<(), Stop> {
        // Both are read, since either clears itself.
        if self.inspector.take_catalogue_moved() | self.inspector.take_contradiction() {
            self.session.shared.move_catalogue(&self.target);
        }
        let records = std::mem::take(&mut self.actions.records);
        let masked_values = self.inspector.counters().masked_values;
        let left_out = std::mem::take(&mut self.actions.left_out);
        let reply = self.actions.downstream();
        self.session.recorder.add_except(&records, reply, &left_out, masked_values);
        self.actions.records = records;
        self.actions.records.clear();
        self.actions.left_out = left_out;
        self.session.recorder.write().await.map_err(Stop::Journal)?;
        let queued = self
            .upstream
            .transport
            .queue(self.actions.upstream())
            .and_then(|()| self.session.downstream.transport.queue(self.actions.downstream()));
        self.actions.left_out.clear();
        queued.map_err(|error| Stop::Done(error.to_string()))
    }

    fn obey(&mut self, command: Command) -> Result<(), Stop> {
        match command {
            Command::Rule { ask, ruling } => self.rule(ask, ruling),
            Command::Hold { ask, deadline, notice } => self.hold(ask, deadline, &notice),
            Command::Record(document) => {
                self.session.recorder.event_text(&document).map_err(Stop::Journal).map(drop)
            }
            Command::Close(refusal) => Err(Stop::Fatal(refusal)),
            Command::Cancel(done) if self.held.is_some() => {
                drop(done);
                self.cancel_held()
            }
            Command::Cancel(done) => {
                let event = json!({ "event": "cancelled" });
                let written = self.session.recorder.event(&event).map_err(Stop::Journal)?;
                let Backend { upstream, process_id, cancel_key } = &self.backend;
                let (upstream, process_id, key) = (Arc::clone(upstream), *process_id, cancel_key.clone());
                spawn_local(async move {
                    if written.await.is_err() {
                        return;
                    }
                    // Like the server, never answer a cancel, not even that it failed.
                    drop(upstream.cancel(process_id, &key).await);
                    drop(done);
                });
                Ok(())
            }
        }
    }

    fn deadline(&mut self) -> Result<(), Stop> {
        let now = Instant::now();
        if now >= self.expires {
            return Err(Stop::Fatal(Refusal {
                sqlstate: *b"28000",
                message: "Narrows: token expired".to_owned(),
                hint: "Get a new token and connect again.".to_owned(),
            }));
        }
        if !self.wants(Side::Downstream) && self.session.downstream.transport.has_hung_up() {
            return Err(self.lost(Side::Downstream));
        }
        self.expire_held(now)?;
        self.arm();
        Ok(())
    }

    /// Sets the clock to whatever is due first.
    pub(crate) fn arm(&mut self) {
        let mut due = self.held.as_ref().map_or(self.expires, |held| held.deadline.min(self.expires));
        if !self.wants(Side::Downstream) {
            due = due.min(Instant::now() + HANG_UP_CHECK);
        }
        self.clock.as_mut().reset(due.into());
    }
}

fn opposite(side: Side) -> Side {
    match side {
        Side::Downstream => Side::Upstream,
        Side::Upstream => Side::Downstream,
    }
}
