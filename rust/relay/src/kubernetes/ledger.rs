//! A session's part in the journal, and that its end is told whatever becomes of it.

use std::{
    cell::{Cell, RefCell},
    io,
    rc::Rc,
    sync::Arc,
};

use bytes::BytesMut;
use narrows_journal::SessionId;
use narrows_wire::{LeftOut, Record, VerdictId, kubernetes::Status};
use serde_json::{Value, json};

use crate::{
    batch::{Batch, let_others_add},
    event::{Counts, Event, SessionClosed},
    recorder::Recorder,
    shared::Shared,
};

/// What is written of a session. When it is dropped, by whatever turn of events, its last frame is written
/// and the control plane is told.
pub(crate) struct Ledger {
    pub(crate) shared: Arc<Shared>,
    recorder: RefCell<Recorder>,
    counts: Cell<Counts>,
    peer: Arc<str>,
    admitted: Cell<bool>,
    /// Why it ends; the first reason given counts.
    reason: RefCell<Option<String>>,
}

impl Ledger {
    pub(crate) fn new(shared: &Arc<Shared>, batch: Rc<Batch>, session: SessionId, peer: Arc<str>) -> Ledger {
        Ledger {
            recorder: RefCell::new(Recorder::new(shared, batch, session)),
            shared: Arc::clone(shared),
            counts: Cell::default(),
            peer,
            admitted: Cell::new(false),
            reason: RefCell::default(),
        }
    }

    /// Whose it is.
    pub(crate) fn session(&self) -> SessionId {
        self.recorder.borrow().session()
    }

    /// Writes the first frame of a session that is admitted, and waits until it is acknowledged.
    pub(crate) async fn admit(&self, document: &str) -> Result<(), Status> {
        self.admitted.set(true);
        let opened = self.recorder.borrow_mut().open(document);
        self.acknowledged(match opened {
            Ok(written) => written.await,
            Err(error) => Err(error),
        })
    }

    /// Writes down why nobody was admitted.
    pub(crate) fn refuse(&self, status: &Status) {
        self.refused(status, &json!({}));
        self.end(status.message());
    }

    /// Writes down that something was refused which no policy was asked about; `what` it was, as JSON's fields.
    pub(crate) fn refused(&self, status: &Status, what: &Value) {
        let mut event = json!({ "event": "refused", "code": status.code(), "message": status.message() });
        if let (Some(event), Some(what)) = (event.as_object_mut(), what.as_object()) {
            event.extend(what.clone());
        }
        self.event(&event);
    }

    /// Writes something that happened. Whatever is sent next waits for it too.
    pub(crate) fn event(&self, document: &Value) {
        self.event_text(&document.to_string());
    }

    /// As [`Ledger::event`], told as JSON by the control plane.
    pub(crate) fn event_text(&self, document: &str) {
        self.open_unadmitted();
        if let Err(error) = self.recorder.borrow_mut().event_text(document) {
            self.shared.journal_failed(&error);
        }
    }

    /// Has a verdict written before its first use, and with it what it decided. Counts it.
    pub(crate) fn decided(
        &self,
        verdict: VerdictId,
        describe: impl FnOnce() -> Value,
        denied: bool,
        request: &[u8],
    ) {
        let Counts { operations, denials, .. } = self.counts.get();
        let denials = denials + u64::from(denied);
        self.counts.set(Counts { operations: operations + 1, denials, ..self.counts.get() });
        let mut recorder = self.recorder.borrow_mut();
        recorder.introduce_as(verdict, describe);
        recorder.add(&[Record::Request(request.into()), Record::Applied(verdict)], &[], 0);
    }

    /// Adds what the agent has sent, before it goes on.
    pub(crate) fn request(&self, bytes: BytesMut) {
        let masked_values = self.counts.get().masked_values;
        self.recorder.borrow_mut().add(&[Record::Request(bytes)], &[], masked_values);
    }

    /// Adds what the agent is about to be sent, in which `masked` values were masked.
    pub(crate) fn reply(&self, bytes: &[u8], masked: u64) {
        self.reply_except(bytes, &[], masked);
    }

    /// As [`Ledger::reply`], but of the parts of `bytes` that are `left_out` no copy is kept.
    pub(crate) fn reply_except(&self, bytes: &[u8], left_out: &[LeftOut], masked: u64) {
        let masked_values = self.counts.get().masked_values + masked;
        self.counts.set(Counts { masked_values, ..self.counts.get() });
        self.recorder.borrow_mut().add_except(&[], bytes, left_out, masked_values);
    }

    /// Writes what was added, once the worker's other sessions have had a chance to add theirs, and waits
    /// until it is acknowledged. Nothing may be sent before.
    pub(crate) async fn write(&self) -> Result<(), Status> {
        let_others_add().await;
        let written = self.recorder.borrow_mut().write_now();
        self.acknowledged(match written {
            Ok(written) => written.await,
            Err(error) => Err(error),
        })
    }

    /// Gives the reason for which the session ends, unless there is one already.
    pub(crate) fn end(&self, reason: &str) {
        self.reason.borrow_mut().get_or_insert_with(|| reason.to_owned());
    }

    fn acknowledged(&self, written: io::Result<()>) -> Result<(), Status> {
        written.map_err(|error| Status::unavailable(&self.shared.journal_failed(&error).message, None))
    }

    /// Gives a recording that nobody was admitted to its first frame: without one it would not verify.
    fn open_unadmitted(&self) {
        let mut recorder = self.recorder.borrow_mut();
        if recorder.head().0 > 0 {
            return;
        }
        let document = json!({ "admitted": false, "peer": &*self.peer });
        if let Err(error) = recorder.open(&document.to_string()) {
            self.shared.journal_failed(&error);
        }
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        self.open_unadmitted();
        let recorder = self.recorder.get_mut();
        let bytes_to_agent = recorder.bytes_to_agent();
        let counts = Counts { bytes_to_agent, ..self.counts.get() };
        let reason = self.reason.take().unwrap_or_else(|| "the agent hung up".to_owned());
        if let Err(error) = recorder.close(&reason, &counts) {
            self.shared.journal_failed(&error);
        }
        let (session, (frames, head)) = (recorder.session(), recorder.head());
        self.shared.sessions.remove(session);
        self.shared.events.push(Event::SessionClosed(SessionClosed {
            session,
            reason,
            admitted: self.admitted.get(),
            peer: Arc::clone(&self.peer),
            counts,
            frames,
            head,
        }));
    }
}
