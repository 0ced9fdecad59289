//! One connection from accept to close: greeting, admission, the target's login, the pump, the end.

use std::{
    net::SocketAddr,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::BytesMut;
use narrows_wire::postgres::{self, Evidence};
use serde_json::json;
use tokio::{sync::mpsc, time::timeout};

use crate::{
    asks::Mailbox,
    batch::Batch,
    bounds::{CANCEL_DEADLINE, HELD_READ_AHEAD_BYTES},
    command::{Admission, Command, Refusal},
    event::{self, AskWithdrawn, Counts, Event, OpenAsked, SessionClosed, SessionOpened, Withdrawal},
    greeting::{Greeting, greet},
    listener::{Accepted, Listener},
    pump::Pump,
    recorder::Recorder,
    shared::Shared,
    transport::{Socket, Transport},
    upstream::Ready,
};

/// One side's socket and what has been read from it and not been taken yet.
pub(crate) struct Leg {
    pub(crate) transport: Transport,
    pub(crate) input: BytesMut,
}

/// A connection and, once admitted, a session. When it is dropped, by whatever turn of events, the
/// control plane is told.
pub(crate) struct Session<'a> {
    pub(crate) shared: Arc<Shared>,
    pub(crate) downstream: &'a mut Leg,
    pub(crate) recorder: Recorder,
    pub(crate) commands: mpsc::UnboundedReceiver<Command>,
    pub(crate) mailbox: Mailbox,
    pub(crate) counts: Counts,
    peer: Arc<str>,
    admitted: bool,
    /// What is still to be reported, if anything.
    end: Option<String>,
}

/// Serves one connection to its end, and its last words after that.
pub(crate) async fn serve(accepted: Accepted) {
    let Accepted { stream, peer, listener, shared, batch, place: _place, .. } = accepted;
    let Ok(socket) = tokio::net::TcpStream::from_std(stream).and_then(Socket::tcp) else { return };
    let mut downstream = Leg { transport: Transport::new(socket), input: BytesMut::new() };
    let mut session = Session::new(shared, batch, &mut downstream, peer);
    let reason = session.run(&listener).await;
    session.close(reason);
    downstream.transport.finish().await;
}

impl<'a> Session<'a> {
    fn new(shared: Arc<Shared>, batch: Rc<Batch>, downstream: &'a mut Leg, peer: SocketAddr) -> Session<'a> {
        let id = shared.next_session();
        let (mailbox, commands) = mpsc::unbounded_channel();
        shared.sessions.insert(id, mailbox.clone());
        Session {
            recorder: Recorder::new(&shared, batch, id),
            shared,
            downstream,
            commands,
            mailbox,
            counts: Counts::default(),
            peer: peer.to_string().into(),
            admitted: false,
            end: Some("internal error".to_owned()),
        }
    }

    /// Returns why it ended.
    async fn run(&mut self, listener: &Arc<Listener>) -> String {
        let Leg { transport, input } = &mut *self.downstream;
        let greeting = greet(transport, input, &listener.tls, &self.shared.limits);
        let limit = listener.handshake_deadline;
        let greeting = timeout(limit, greeting).await.unwrap_or_else(|_| {
            Err(format!("the agent did not log in within handshake_deadline_ms = {}", limit.as_millis()))
        });
        match greeting {
            Ok(Greeting::Nothing) => {
                self.end = None;
                String::new()
            }
            Ok(Greeting::Cancel { process_id, secret }) => {
                self.end = None;
                if let Some(done) = self.shared.cancels.cancel(process_id, &secret) {
                    // The agent takes our hanging up as the sign that the cancel has been passed on.
                    drop(timeout(CANCEL_DEADLINE, done).await);
                }
                String::new()
            }
            Ok(Greeting::Evidence { evidence, server_name, tls_version }) => {
                let minor = evidence.protocol_minor;
                let parameters = evidence.parameters.clone();
                match self.admission(evidence, server_name, tls_version, listener).await {
                    Ok(admission) => self.admitted(*admission, parameters, minor).await,
                    Err(reason) => reason,
                }
            }
            Err(reason) => reason,
        }
    }

    /// Puts the evidence to the control plane and waits.
    async fn admission(
        &mut self,
        evidence: Evidence,
        server_name: Option<String>,
        tls_version: &'static str,
        listener: &Arc<Listener>,
    ) -> Result<Box<Admission>, String> {
        if self.shared.events.is_full() {
            return Err(self.refuse(overloaded()));
        }
        let limit = self.shared.ask_deadline;
        let session = self.recorder.session();
        let (ask, answer) = self.shared.asks.open_session(Instant::now() + limit);
        self.shared.events.push(Event::OpenAsked(OpenAsked {
            ask,
            session,
            listener: Arc::clone(&listener.address),
            peer: Arc::clone(&self.peer),
            user: evidence.user,
            database: evidence.database,
            parameters: evidence.parameters,
            server_name,
            tls_version,
            evidence: event::Evidence::new(evidence.password),
        }));
        let shared = Arc::clone(&self.shared);
        let withdraw = |reason| {
            if shared.asks.withdraw(ask) {
                shared.events.push(Event::AskWithdrawn(AskWithdrawn { ask, session, reason }));
            }
        };
        let answer =
            self.watching(timeout(limit, answer)).await.inspect_err(|_| withdraw(Withdrawal::HangUp))?;
        match answer {
            Ok(Ok(Ok(admission))) => Ok(admission),
            Ok(Ok(Err(refusal))) => Err(self.refuse(refusal)),
            Ok(Err(_)) => Err(self.refuse(unanswered(limit))),
            Err(_) => {
                withdraw(Withdrawal::Deadline);
                Err(self.refuse(unanswered(limit)))
            }
        }
    }

    /// Opens the recording and the target, then pumps. Returns why it ended.
    async fn admitted(
        &mut self,
        admission: Admission,
        parameters: Vec<(String, String)>,
        protocol_minor: u16,
    ) -> String {
        self.admitted = true;
        let opened = match self.recorder.open(&admission.document) {
            Ok(written) => written.await,
            Err(error) => Err(error),
        };
        if let Err(error) = opened {
            return self.refuse(self.shared.journal_failed(&error));
        }
        let upstream = Arc::clone(&admission.upstream);
        let ready = match self.watching(upstream.connect(parameters)).await {
            Ok(Ok(ready)) => ready,
            Ok(Err(error)) => {
                let (sqlstate, message) = error.for_agent();
                let hint =
                    "Tell whoever runs the gateway; the session's recording has the details.".to_owned();
                self.refuse(Refusal { sqlstate, message, hint });
                return error.to_string();
            }
            Err(reason) => return reason,
        };
        let minted = self.shared.cancels.mint(ready.login.process_id, protocol_minor, self.mailbox.clone());
        let Ok((secret, _key)) = minted else { return "no random bytes for a cancel key".to_owned() };
        if let Err(reason) = self.welcome(&ready, &secret).await {
            return reason;
        }
        match Pump::new(self, ready, admission) {
            Ok(pump) => pump.run().await,
            Err(error) => format!("no random bytes for a nonce: {error}"),
        }
    }

    async fn welcome(&mut self, ready: &Ready, secret: &[u8]) -> Result<(), String> {
        let login = &ready.login;
        let mut out = BytesMut::new();
        postgres::welcome(&login.parameters, login.process_id, secret, &mut out);
        self.downstream.transport.send(&mut out).await.map_err(|error| error.to_string())?;
        let version = login.parameters.iter().find(|(name, _)| name == "server_version");
        self.shared.events.push(Event::SessionOpened(SessionOpened {
            session: self.recorder.session(),
            server_version: version.map_or_else(String::new, |(_, version)| version.clone()),
        }));
        Ok(())
    }

    /// Does `work` while watching for the agent's hang-up and for being closed; the reason is the error.
    async fn watching<T>(&mut self, work: impl Future<Output = T>) -> Result<T, String> {
        let mut work = std::pin::pin!(work);
        loop {
            let command = tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                Some(command) = self.commands.recv() => command,
                read = self.downstream.transport.read(&mut self.downstream.input) => match read {
                    Ok(0) | Err(_) => return Err("the agent hung up before it was let in".to_owned()),
                    Ok(_) if self.downstream.input.len() > HELD_READ_AHEAD_BYTES => {
                        return Err("the agent sent messages before it was let in".to_owned());
                    }
                    Ok(_) => continue,
                },
            };
            match command {
                Command::Close(refusal) => return Err(self.refuse(refusal)),
                Command::Record(document) => {
                    let written = self.recorder.event_text(&document);
                    drop(written.map_err(|error| self.shared.journal_failed(&error).message)?);
                }
                Command::Rule { .. } | Command::Hold { .. } | Command::Cancel(_) => {}
            }
        }
    }

    /// Tells the agent why it is not let in, and writes it down. Returns the reason.
    fn refuse(&mut self, refusal: Refusal) -> String {
        let Refusal { sqlstate, message, hint } = refusal;
        let mut out = BytesMut::new();
        postgres::fatal(sqlstate, &message, "", &hint, &mut out);
        self.open_unadmitted();
        let code = String::from_utf8_lossy(&sqlstate).into_owned();
        let event = json!({ "event": "refused", "sqlstate": code, "message": message, "hint": hint });
        if let Err(error) = self.recorder.event(&event) {
            self.shared.journal_failed(&error);
        }
        // It is sent with the goodbye; whether the agent is still there to hear it changes nothing.
        drop(self.downstream.transport.queue(&mut out));
        message
    }

    /// Gives a recording that nobody was admitted to its first frame: without one it would not verify.
    fn open_unadmitted(&mut self) {
        let (frames, _) = self.recorder.head();
        if frames > 0 {
            return;
        }
        let document = json!({ "admitted": false, "peer": &*self.peer });
        if let Err(error) = self.recorder.open(&document.to_string()) {
            self.shared.journal_failed(&error);
        }
    }

    fn close(mut self, reason: String) {
        if let Some(end) = &mut self.end {
            *end = reason;
        }
    }

    /// Writes the last frame and tells the control plane, once.
    fn report(&mut self) {
        self.shared.sessions.remove(self.recorder.session());
        let Some(reason) = self.end.take() else { return };
        self.counts.bytes_to_agent = self.recorder.bytes_to_agent();
        self.open_unadmitted();
        if let Err(error) = self.recorder.close(&reason, &self.counts) {
            self.shared.journal_failed(&error);
        }
        let (frames, head) = self.recorder.head();
        self.shared.events.push(Event::SessionClosed(SessionClosed {
            session: self.recorder.session(),
            reason,
            admitted: self.admitted,
            peer: Arc::clone(&self.peer),
            counts: self.counts,
            frames,
            head,
        }));
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        self.report();
    }
}

fn overloaded() -> Refusal {
    Refusal {
        sqlstate: *b"53300",
        message: "Narrows has too much to decide: queue_max is reached".to_owned(),
        hint: "Try again in a while.".to_owned(),
    }
}

fn unanswered(limit: Duration) -> Refusal {
    Refusal {
        sqlstate: *b"57P03",
        message: format!("Narrows did not decide within ask_deadline_ms = {}", limit.as_millis()),
        hint: "Try again in a while.".to_owned(),
    }
}
