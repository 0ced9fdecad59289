//! The states of one Postgres session after login, and what each message does to them.
#![allow(clippy::todo, unused_variables, reason = "signatures come first")]

use std::sync::Arc;

use bytes::BytesMut;
use narrows_mask::MaskSet;

use crate::{Actions, AskId, Epoch, Error, Inspector, Limits, Side, Verdict};

/// What an inspector is made with.
#[derive(Clone, Debug)]
pub struct PostgresSession {
    /// The bounds.
    pub limits: Arc<Limits>,
    /// Unguessable, alphanumeric, made per session: names that are sure to fail are built from it.
    pub nonce: String,
    /// The masks for this principal on this target; `None` when there are none.
    pub masks: Option<Arc<MaskSet>>,
    /// The epoch at the time of opening.
    pub epoch: Epoch,
}

/// What a session has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Operations that were decided, either way.
    pub operations: u64,
    /// Operations that were denied.
    pub denials: u64,
    /// Values that were masked.
    pub masked_values: u64,
}

/// Inspects one session from the first ReadyForQuery on.
#[derive(Debug)]
pub struct PostgresInspector {}

impl PostgresInspector {
    /// A session that is ready for its first query.
    #[must_use]
    pub fn new(session: PostgresSession) -> PostgresInspector {
        todo!()
    }

    /// Policy, catalogue or both have moved: later messages are judged afresh.
    pub fn set_epoch(&mut self, epoch: Epoch) {
        todo!()
    }

    /// New masks take effect on the next RowDescription.
    pub fn set_masks(&mut self, masks: Option<Arc<MaskSet>>) {
        todo!()
    }

    /// The ask that holds the session, if one does.
    #[must_use]
    pub fn held(&self) -> Option<AskId> {
        todo!()
    }

    /// What the session has done so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        todo!()
    }

    /// Whether a result named a relation that the masks do not know, since this was last asked.
    pub fn take_unknown_relation(&mut self) -> bool {
        todo!()
    }

    /// Whether a statement that moves the catalogue was forwarded, or may have committed, since this was
    /// last asked.
    pub fn take_catalogue_moved(&mut self) -> bool {
        todo!()
    }

    /// The agent cancelled: what is held is denied with 57014. Nothing happens when nothing is held.
    pub fn cancel_held(&mut self, out: &mut Actions) {
        todo!()
    }

    /// The agent is gone: nothing that is held or kept back is forwarded any more.
    pub fn hang_up(&mut self) {
        todo!()
    }

    /// Tells the agent something while it waits: a NoticeResponse, legal at any time.
    pub fn notice(&mut self, message: &str, detail: &str, hint: &str, out: &mut Actions) {
        todo!()
    }

    /// A FATAL ErrorResponse, then close. Used for expiry, revocation, shutdown.
    pub fn terminate(&mut self, sqlstate: [u8; 5], message: &str, hint: &str, out: &mut Actions) {
        todo!()
    }
}

impl Inspector for PostgresInspector {
    type Input = BytesMut;

    fn feed(&mut self, from: Side, input: &mut BytesMut, out: &mut Actions) -> Result<(), Error> {
        todo!()
    }

    fn resolve(&mut self, ask: AskId, verdict: &Verdict, out: &mut Actions) -> Result<(), Error> {
        todo!()
    }

    fn wants_input(&self, from: Side) -> bool {
        todo!()
    }
}
