//! The data plane as a whole: what the control plane can do to it.

use std::{
    io,
    net::{SocketAddr, ToSocketAddrs},
    os::fd::RawFd,
    path::Path,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use narrows_journal::{SessionId, Settings, Trouble};
use narrows_mask::MaskSet;
use narrows_wire::{Allow, Deny, VerdictId};
use tokio::{sync::watch, time::timeout};

use crate::{
    command::{Admission, Command, Notice, Refusal, Ruling},
    event::{Event, JournalAlarmed, QueryAnswered},
    listener::{self, Accepted, Listener},
    query,
    recording::Recording,
    session,
    shared::Shared,
    time,
    tls::{self, TlsAcceptor},
    upstream::Upstream,
    worker::Workers,
};

/// What a plane is made with.
#[derive(Clone, Debug)]
pub struct PlaneConfig<'a> {
    /// The journal's directory.
    pub journal: &'a Path,
    /// Worker threads.
    pub workers: usize,
    /// Events that may wait before asks are refused.
    pub queue_max: usize,
    /// How the journal is kept; its alarms become events.
    pub settings: Settings,
    /// How long an ask may stay unanswered.
    pub ask_deadline: Duration,
    /// Longest SQL text.
    pub statement_bytes_max: usize,
}

/// The data plane: its threads live until [`Plane::shutdown`].
#[derive(Debug)]
pub struct Plane {
    shared: Arc<Shared>,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    workers: Workers,
    threads: Vec<JoinHandle<()>>,
    stopping: watch::Sender<bool>,
    listeners: Vec<Arc<Listener>>,
}

impl Plane {
    /// Opens the journal and starts the worker threads.
    ///
    /// # Errors
    /// When the journal cannot be opened, or the operating system has no descriptor, thread or random
    /// byte to give.
    pub fn start(config: &PlaneConfig<'_>) -> io::Result<Plane> {
        let shared = Shared::new(config)?;
        let (workers, threads) = Workers::start(config.workers, &shared.journal)?;
        let (stopping, _) = watch::channel(false);
        let running = Running { workers, threads, stopping, listeners: Vec::new() };
        Ok(Plane { shared: Arc::new(shared), running: Mutex::new(Some(running)) })
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// An eventfd that is readable while events wait.
    #[must_use]
    pub fn fileno(&self) -> RawFd {
        self.shared.events.fileno()
    }

    /// Takes up to `events_max` events; never blocks.
    #[must_use]
    pub fn drain(&self, events_max: usize) -> Vec<Event> {
        self.shared.events.drain(events_max)
    }

    /// Starts a listener and returns the address that it is bound to.
    ///
    /// # Errors
    /// When the address or the PEM text is wrong, the address is taken, or the plane is shut down.
    pub fn listen_postgres(
        &self,
        address: &str,
        (certificate_pem, key_pem): (&[u8], &[u8]),
        connections_max: usize,
        handshake_deadline: Duration,
    ) -> io::Result<SocketAddr> {
        let tls = TlsAcceptor::from_pem(certificate_pem, key_pem, tls::POSTGRES).map_err(invalid)?;
        self.listen(address, tls, connections_max, handshake_deadline, session::serve)
    }

    /// Starts a listener whose connections are served by `serve`.
    pub(crate) fn listen<Serving>(
        &self,
        address: &str,
        tls: TlsAcceptor,
        connections_max: usize,
        handshake_deadline: Duration,
        serve: impl Fn(Accepted) -> Serving + Clone + Send + 'static,
    ) -> io::Result<SocketAddr>
    where
        Serving: Future<Output = ()> + 'static,
    {
        let address = address.to_socket_addrs()?.next().ok_or_else(|| invalid("the name has no address"))?;
        let socket = listener::bind(address)?;
        let address = socket.local_addr()?;
        let listener = Arc::new(Listener::new(address, tls, connections_max, handshake_deadline));
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let running = running.as_mut().ok_or_else(shut_down)?;
        running.listeners.push(Arc::clone(&listener));
        let (shared, workers) = (Arc::clone(&self.shared), running.workers.clone());
        let stopping = running.stopping.subscribe();
        running
            .workers
            .next()
            .spawn(move |_| listener::accept(socket, listener, shared, workers, stopping, serve));
        Ok(address)
    }

    /// The recording of a session whose bytes another engine moves.
    #[must_use]
    pub fn start_recording(&self) -> Recording {
        Recording::start(&self.shared)
    }

    /// Answers an ask for a session: it is opened.
    #[must_use]
    pub fn admit(&self, ask: u64, admission: Admission) -> bool {
        self.shared.asks.answer_session(ask, Ok(Box::new(admission)))
    }

    /// Answers an ask for a session with a FATAL error.
    #[must_use]
    pub fn refuse(&self, ask: u64, refusal: Refusal) -> bool {
        self.shared.asks.answer_session(ask, Err(refusal))
    }

    /// Answers an ask for a statement. The verdict's id is filled in here.
    #[must_use]
    pub fn allow(&self, ask: u64, allow: Allow) -> bool {
        let id = VerdictId(self.shared.next_verdict());
        self.shared.asks.answer_statement(ask, Ruling::Allow(Arc::new(Allow { id, ..allow })))
    }

    /// Answers an ask for a statement. The verdict's id and epoch are filled in here.
    #[must_use]
    pub fn deny(&self, ask: u64, deny: Deny) -> bool {
        let id = VerdictId(self.shared.next_verdict());
        self.shared.asks.answer_statement(ask, Ruling::Deny(Deny { id, ..deny }))
    }

    /// Keeps an ask open until `until_ms` (since 1970) and tells the agent by a notice.
    #[must_use]
    pub fn hold(&self, ask: u64, until_ms: u64, notice: Notice) -> bool {
        self.shared.asks.hold(ask, time::instant_of(until_ms), notice)
    }

    /// Adds an event (JSON) to a live session's recording.
    #[must_use]
    pub fn record(&self, session: SessionId, document: String) -> bool {
        self.shared.sessions.send(session, Command::Record(document))
    }

    /// Ends a session at once with a FATAL error.
    #[must_use]
    pub fn close_session(&self, session: SessionId, refusal: Refusal) -> bool {
        self.shared.sessions.send(session, Command::Close(refusal))
    }

    /// The policy epoch.
    #[must_use]
    pub fn policy_epoch(&self) -> u64 {
        self.shared.epochs.policy()
    }

    /// Writes down, as JSON, something that the node itself did. Waits until it is acknowledged.
    ///
    /// # Errors
    /// When the journal cannot be written: every session is stopped.
    pub fn note(&self, document: &str) -> io::Result<()> {
        self.shared.journal.note(document).inspect_err(|error| {
            self.shared.journal_failed(error);
        })
    }

    /// Voids every cached verdict; returns the new epoch.
    pub fn move_policy(&self) -> u64 {
        self.shared.epochs.move_policy()
    }

    /// A target's catalogue epoch.
    #[must_use]
    pub fn catalogue_epoch(&self, target: &str) -> u64 {
        self.shared.epochs.target(target).catalogue()
    }

    /// Voids every cached verdict about a target; returns the new epoch.
    pub fn move_catalogue(&self, target: &str) -> u64 {
        self.shared.epochs.target(target).move_catalogue()
    }

    /// Replaces a mask set. Sessions follow on their next message.
    pub fn publish_masks(&self, mask_set: u64, masks: MaskSet) {
        self.shared.epochs.masks(mask_set).store(Arc::new(masks));
    }

    /// Runs SQL over a connection of the gateway's own; the answer comes as an event.
    ///
    /// # Errors
    /// When the plane is shut down.
    pub fn query(&self, upstream: Arc<Upstream>, sql: String, deadline: Duration) -> io::Result<u64> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let running = running.as_ref().ok_or_else(shut_down)?;
        let query = self.shared.next_query();
        let shared = Arc::clone(&self.shared);
        running.workers.next().spawn(move |_| async move {
            let answer = timeout(deadline, query::run(&upstream, &sql))
                .await
                .unwrap_or_else(|_| Err(format!("no answer within deadline_ms = {}", deadline.as_millis())));
            shared.events.push(Event::QueryAnswered(QueryAnswered { query, answer }));
        });
        Ok(query)
    }

    /// Counters by name.
    #[must_use]
    pub fn stats(&self) -> Vec<(&'static str, u64)> {
        let shared = &self.shared;
        let (statements, calls) = (shared.verdicts.counts(), shared.call_verdicts.counts());
        vec![
            ("sessions", shared.sessions.len() as u64),
            ("asks", shared.asks.len() as u64),
            ("cache_hits", statements.0 + calls.0),
            ("cache_misses", statements.1 + calls.1),
            ("cached_verdicts", (shared.verdicts.len() + shared.call_verdicts.len()) as u64),
            ("events_queued", shared.events.len() as u64),
            ("journal_bytes", shared.stats.journal_bytes.load(Ordering::Relaxed)),
            ("connections_refused", shared.stats.connections_refused.load(Ordering::Relaxed)),
        ]
    }

    /// Stops listening, ends every session with a FATAL error, waits for their last words to leave (for
    /// at most `deadline`) and joins the threads. The second call does nothing.
    pub fn shutdown(&self, deadline: Duration) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Running { workers, threads, stopping, listeners }) = running else { return };
        stopping.send_replace(true);
        self.shared.stop(&Refusal {
            sqlstate: *b"57P01",
            message: "Narrows is shutting down".to_owned(),
            hint: "Connect again in a while.".to_owned(),
        });
        let give_up = Instant::now() + deadline;
        for listener in &listeners {
            listener.wait_until_empty(give_up);
        }
        drop(workers);
        for thread in threads {
            // A worker that panicked has nothing left to say.
            drop(thread.join());
        }
        if let Err(error) = self.shared.journal.seal() {
            // Nothing is lost: the next start seals it.
            let what = format!("the journal could not be sealed: {error}");
            self.shared
                .events
                .push(Event::JournalAlarmed(JournalAlarmed { trouble: Trouble::Unsealed, what }));
        }
    }
}

impl Drop for Plane {
    fn drop(&mut self) {
        self.shutdown(Duration::ZERO);
    }
}

pub(crate) fn invalid(what: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}

fn shut_down() -> io::Error {
    io::Error::other("the plane is shut down")
}
