//! What the sessions of one plane share.

use std::{
    collections::HashMap,
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use narrows_journal::{Alarm, Journal, SessionId, Settings, Trouble};
use narrows_wire::Limits;

use crate::{
    asks::{Asks, Mailbox},
    cancel::CancelKeys,
    command::{Command, Refusal},
    epochs::{Epochs, Target},
    event::{CatalogueMoved, Event, JournalAlarmed, JournalFailed},
    kubernetes::{CallVerdicts, ClusterMasks, SecondRequests},
    plane::PlaneConfig,
    seam::EventQueue,
    time,
    verdicts::VerdictCache,
};

/// What the sessions of one plane share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) limits: Arc<Limits>,
    pub(crate) ask_deadline: Duration,
    pub(crate) journal: Arc<Journal>,
    pub(crate) events: Arc<EventQueue>,
    pub(crate) asks: Asks,
    pub(crate) epochs: Epochs,
    pub(crate) verdicts: VerdictCache,
    pub(crate) call_verdicts: CallVerdicts,
    pub(crate) second_requests: SecondRequests,
    pub(crate) cluster_masks: ClusterMasks,
    pub(crate) cancels: Arc<CancelKeys>,
    pub(crate) sessions: Sessions,
    pub(crate) stats: Arc<Stats>,
    last_session: AtomicU64,
    last_verdict: AtomicU64,
    last_query: AtomicU64,
    journal_has_failed: AtomicBool,
    stops: AtomicBool,
}

/// The live connections by session.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<SessionId, Mailbox>>);

/// Counters that are kept nowhere else.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    pub(crate) connections_refused: AtomicU64,
    /// Payload written to the journal.
    pub(crate) journal_bytes: AtomicU64,
}

impl Shared {
    /// Opens the journal.
    pub(crate) fn new(config: &PlaneConfig<'_>) -> io::Result<Shared> {
        let events = Arc::new(EventQueue::new(config.queue_max)?);
        let hears = Arc::clone(&events);
        let alarm: Alarm = Arc::new(move |trouble: Trouble, what: &str| {
            hears.push(Event::JournalAlarmed(JournalAlarmed { trouble, what: what.to_owned() }));
        });
        let journal = Journal::open_with(config.journal, Settings { alarm, ..config.settings.clone() })?;
        let limits = Limits { statement_bytes_max: config.statement_bytes_max, ..Limits::default() };
        Ok(Shared {
            limits: Arc::new(limits),
            ask_deadline: config.ask_deadline,
            journal: Arc::new(journal),
            events,
            asks: Asks::default(),
            epochs: Epochs::new(),
            verdicts: VerdictCache::new()?,
            call_verdicts: CallVerdicts::new()?,
            second_requests: SecondRequests::default(),
            cluster_masks: ClusterMasks::default(),
            cancels: Arc::new(CancelKeys::new()?),
            sessions: Sessions::default(),
            stats: Arc::default(),
            last_session: AtomicU64::new(0),
            last_verdict: AtomicU64::new(0),
            last_query: AtomicU64::new(0),
            journal_has_failed: AtomicBool::new(false),
            stops: AtomicBool::new(false),
        })
    }

    /// A session id: milliseconds since 1970 above, a counter below, so that they sort by time.
    pub(crate) fn next_session(&self) -> SessionId {
        let SessionId(first_of_now) = SessionId::new(time::now_ms(), 0);
        let next = |last: u64| (last + 1).max(first_of_now);
        let update =
            self.last_session.fetch_update(Ordering::AcqRel, Ordering::Acquire, |last| Some(next(last)));
        SessionId(update.map_or(first_of_now, next))
    }

    /// A verdict's name within this process.
    pub(crate) fn next_verdict(&self) -> u64 {
        self.last_verdict.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A query's name within this process.
    pub(crate) fn next_query(&self) -> u64 {
        self.last_query.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// DDL was seen on a target, or a relation that its masks do not know.
    pub(crate) fn move_catalogue(&self, target: &Arc<Target>) {
        target.move_catalogue();
        if target.claim_announcement() {
            self.events.push(Event::CatalogueMoved(CatalogueMoved { target: Arc::clone(target) }));
        }
    }

    /// Whether anything can be done: false once the plane shuts down or the journal has failed.
    pub(crate) fn serves(&self) -> bool {
        !self.stops.load(Ordering::Acquire) && !self.journal_has_failed.load(Ordering::Acquire)
    }

    /// The plane shuts down: every session is stopped.
    pub(crate) fn stop(&self, refusal: &Refusal) {
        self.stops.store(true, Ordering::Release);
        self.sessions.close_all(refusal);
    }

    /// Without a journal there is no operation: every session is stopped. Returns what agents are told.
    pub(crate) fn journal_failed(&self, error: &io::Error) -> Refusal {
        let refusal = Refusal {
            sqlstate: *b"58030",
            message: "Narrows: the journal cannot be written, so nothing may be done".to_owned(),
            hint: "Tell whoever runs the gateway.".to_owned(),
        };
        if !self.journal_has_failed.swap(true, Ordering::AcqRel) {
            self.events.push(Event::JournalFailed(JournalFailed { reason: error.to_string() }));
            self.sessions.close_all(&refusal);
        }
        refusal
    }
}

impl Sessions {
    pub(crate) fn insert(&self, session: SessionId, mailbox: Mailbox) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(session, mailbox);
    }

    pub(crate) fn remove(&self, session: SessionId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&session);
    }

    pub(crate) fn send(&self, session: SessionId, command: Command) -> bool {
        let sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.get(&session).is_some_and(|mailbox| mailbox.send(command).is_ok())
    }

    pub(crate) fn close_all(&self, refusal: &Refusal) {
        for mailbox in self.0.lock().unwrap_or_else(PoisonError::into_inner).values() {
            // One that has ended meanwhile need not be told.
            drop(mailbox.send(Command::Close(refusal.clone())));
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}
