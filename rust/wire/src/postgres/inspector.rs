//! The public face of one Postgres session after login, and the state that its two sides share.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use narrows_mask::MaskSet;

use super::copy::CopyIn;
use super::copy_in::CopyGuard;
use super::copy_out::CopyStream;
use super::decide::Held;
use super::deny::Poison;
use super::expect::{Replies, Unplanned};
use super::fields::Report;
use super::frame::Remainder;
use super::keeping::Keeping;
use super::last_plan::LastPlan;
use super::lineage::Lineage;
use super::names::Names;
use super::plan::{Plan, Rows};
use super::row_limit::RowLimit;
use super::span::Span;
use super::sql_names::{Gift, Shown, SqlNames};
use super::statement::{Portal, Prepared, Stamp};
use crate::{
    Actions, Allow, AskId, Close, Effects, Epoch, Error, Exposure, Inspector, Limits, NameSpace, RecordLevel,
    Side, TransactionStatus, Verdict,
};

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
    /// Operations that were decided: each Query, each Bind, and whatever was denied elsewhere.
    pub operations: u64,
    /// Operations that were denied.
    pub denials: u64,
    /// Values that were masked.
    pub masked_values: u64,
}

/// Inspects one session from the first ReadyForQuery on.
///
/// After every `feed` and `resolve` of either side the other side's leftover input may be takeable again:
/// whoever drives this offers it whenever [`Inspector::wants_input`] says so.
#[derive(Debug)]
pub struct PostgresInspector {
    pub(super) limits: Arc<Limits>,
    pub(super) poison: Poison,
    pub(super) row_limit: RowLimit,
    pub(super) counters: Counters,

    pub(super) masks: Option<Arc<MaskSet>>,
    pub(super) masks_version: u64,
    pub(super) last_plan: LastPlan,
    pub(super) stamp: Stamp,
    pub(super) sql_names: SqlNames,

    pub(super) statements: Names<Prepared>,
    pub(super) portals: Names<Portal>,
    pub(super) replies: Replies,
    /// Whether a verdict has had something left out of the recording; until one has, nobody asks for each reply.
    pub(super) leaves_out: bool,
    /// How many answers have ended since.
    pub(super) answers: u64,

    // The agent's side.
    pub(super) span: Span,
    pub(super) held: Option<Held>,
    pub(super) asks: u64,
    /// The target skips to a Sync that the agent has yet to send.
    pub(super) discards: bool,
    pub(super) copy_in: CopyIn,
    /// What looks into the COPY data that the agent sends.
    pub(super) copy_guard: Option<Box<CopyGuard>>,
    pub(super) from_agent: Remainder,
    /// The type of the message at the front of the agent's input that has to wait for a reply.
    pub(super) waiting: Option<u8>,

    // The target's side.
    pub(super) transaction: TransactionStatus,
    pub(super) from_target: Remainder,
    /// What is done to the rows of the result that is being answered, once it is known.
    pub(super) rows: Option<Rows>,
    /// What is done to the COPY data that comes.
    pub(super) copy_stream: CopyStream,
    /// A CommandComplete that the agent gets when the rows it speaks of have been counted.
    pub(super) uncounted: BytesMut,
    /// The plan of a portal that the protocol did not bind.
    pub(super) unbound: Option<(Bytes, Arc<Plan>)>,
    /// What the open transaction has changed: an error would take it back, a commit make it seen.
    pub(super) unsettled: Effects,
    /// Messages of the inspector's own that wait for the end of a frame.
    late: BytesMut,

    pub(super) findings: Findings,
    life: Life,
}

/// What the relay has to be told, once.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) contradiction: bool,
    pub(super) catalogue_moved: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Open,
    /// Nothing is forwarded to the target any more; what it still sends is.
    AgentGone,
    Ended,
}

impl PostgresInspector {
    /// A session that is ready for its first query.
    #[must_use]
    pub fn new(session: PostgresSession) -> PostgresInspector {
        PostgresInspector {
            limits: session.limits,
            poison: Poison::new(&session.nonce),
            row_limit: RowLimit::new(&session.nonce),
            counters: Counters::default(),
            masks: session.masks,
            masks_version: 0,
            last_plan: LastPlan::default(),
            stamp: Stamp { epoch: session.epoch, settings: 0 },
            sql_names: SqlNames::default(),
            statements: Names::new(),
            portals: Names::new(),
            replies: Replies::default(),
            leaves_out: false,
            answers: 0,
            span: Span::default(),
            held: None,
            asks: 0,
            discards: false,
            copy_in: CopyIn::default(),
            copy_guard: None,
            from_agent: Remainder::default(),
            waiting: None,
            transaction: TransactionStatus::default(),
            from_target: Remainder::default(),
            rows: None,
            copy_stream: CopyStream::default(),
            uncounted: BytesMut::new(),
            unbound: None,
            unsettled: Effects::default(),
            late: BytesMut::new(),
            findings: Findings::default(),
            life: Life::Open,
        }
    }

    /// Policy, catalogue or both have moved: later messages are judged afresh.
    pub fn set_epoch(&mut self, epoch: Epoch) {
        self.stamp.epoch = epoch;
    }

    /// New masks take effect on the next RowDescription.
    pub fn set_masks(&mut self, masks: Option<Arc<MaskSet>>) {
        self.masks = masks;
        self.masks_version += 1;
        self.last_plan.forget();
    }

    /// The ask that holds the session, if one does.
    #[must_use]
    pub fn held(&self) -> Option<AskId> {
        self.held.as_ref().map(|held| held.ask)
    }

    /// What the session has done so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Bytes that the session keeps: what is held or kept back, and what its names stand for.
    #[must_use]
    pub fn kept_bytes(&self) -> usize {
        let held = self.held.as_ref().map_or(0, Held::bytes);
        let names = self.statements.bytes() + self.portals.bytes() + self.sql_names.bytes();
        let waiting = held + self.span.len() + self.late.len() + self.copy_stream.kept_bytes();
        let guarded = self.copy_guard.as_ref().map_or(0, |guard| guard.kept_bytes());
        waiting + guarded + names + self.last_plan.bytes()
    }

    /// Whether a result contradicted the catalogue that masks and verdicts were made from, since this was
    /// last asked: an unknown relation, another number of columns, a masked origin that lineage had cleared.
    pub fn take_contradiction(&mut self) -> bool {
        std::mem::take(&mut self.findings.contradiction)
    }

    /// Whether a statement that moves the catalogue was forwarded, or may have committed, since this was
    /// last asked.
    pub fn take_catalogue_moved(&mut self) -> bool {
        std::mem::take(&mut self.findings.catalogue_moved)
    }

    /// The agent is gone: nothing that is held or kept back is forwarded any more.
    pub fn hang_up(&mut self) {
        self.agent_left();
        self.held = None;
        self.span.discard();
    }

    /// Tells the agent something while it waits: a NoticeResponse, legal at any time.
    pub fn notice(&mut self, message: &str, detail: &str, hint: &str, out: &mut Actions) {
        if self.life == Life::Ended {
            return;
        }
        let notice = Report { severity: b"NOTICE", sqlstate: *b"00000", message, detail, hint };
        if self.from_target.is_half_forwarded() {
            notice.put(b'N', &mut self.late);
        } else {
            notice.put(b'N', out.reply());
        }
    }

    /// A FATAL ErrorResponse, then close. Used for expiry, revocation, shutdown.
    pub fn terminate(&mut self, sqlstate: [u8; 5], message: &str, hint: &str, out: &mut Actions) {
        // In the middle of a row an ErrorResponse would be read as part of it; the close has to do.
        if !self.from_target.is_half_forwarded() && self.life != Life::Ended {
            Report { severity: b"FATAL", sqlstate, message, detail: "", hint }.put(b'E', out.reply());
        }
        self.end(message, out);
    }

    /// The session is over; nothing moves in it any more.
    pub(super) fn end(&mut self, reason: &str, out: &mut Actions) {
        out.close.get_or_insert_with(|| Close { reason: reason.to_owned() });
        self.hang_up();
        self.life = Life::Ended;
    }

    /// Whether anything may still be forwarded to the target.
    pub(super) fn forwards(&self) -> bool {
        self.life == Life::Open
    }

    /// The agent has said that it sends no more.
    pub(super) fn agent_left(&mut self) {
        if self.life == Life::Open {
            self.life = Life::AgentGone;
        }
    }

    /// A frame to the agent has ended: what waited for that goes now.
    pub(super) fn put_late(&mut self, out: &mut Actions) {
        out.reply().extend_from_slice(&self.late);
        self.late.clear();
    }

    /// How rows of a statement may pass without a plan, and what is known of columns without an origin.
    /// `doubtful` says that it is reached through a name that SQL may have given anew.
    pub(super) fn exposure(&self, allow: &Allow, doubtful: bool) -> (Unplanned, Lineage) {
        let lineage = match (allow.exposure, &allow.columns) {
            _ if doubtful => Lineage::Tainted,
            (Exposure::Tainted, Some(columns)) => Lineage::Columns(Arc::clone(columns)),
            (Exposure::Tainted, None) => Lineage::Tainted,
            (Exposure::Inherit, _) => self.sql_names.lineage(&allow.reads, self.stamp),
            (Exposure::Clear, _) => Lineage::Clear,
        };
        // What detectors would find can be in any row, so that each has its plan.
        let scans = self.masks.as_ref().is_some_and(|masks| masks.detects());
        let clear = allow.exposure == Exposure::Clear && !doubtful && !scans;
        (if clear { Unplanned::Pass } else { self.unplanned() }, lineage)
    }

    /// Whether a name that the protocol gave may have been given anew by SQL, which can give any but the
    /// empty one.
    pub(super) fn doubts(&self, space: NameSpace, name: &[u8]) -> bool {
        !name.is_empty() && self.sql_names.doubts(space, name)
    }

    /// How rows may pass of which nothing is known.
    pub(super) fn unplanned(&self) -> Unplanned {
        if self.masks.is_some() { Unplanned::Refuse } else { Unplanned::Pass }
    }

    /// A statement with these effects is being forwarded. What comes after it is judged as if it had
    /// succeeded, without waiting to see. Returns the name that it gives, to be confirmed.
    pub(super) fn apply_effects(&mut self, allow: &Allow) -> Option<Gift> {
        let gift = allow.effects.contains(Effects::NAMES).then(|| {
            let (_, lineage) = self.exposure(allow, false);
            let shows = Shown { lineage, stamp: self.stamp, keeping: Keeping::of(allow) };
            self.sql_names.give(&allow.gives, shows, self.limits.names_bytes_max)
        });
        self.unsettled = self.unsettled | allow.effects;
        if allow.effects.contains(Effects::SETTINGS) {
            self.stamp.settings += 1;
        }
        self.findings.catalogue_moved |= allow.effects.contains(Effects::CATALOGUE);
        gift.flatten()
    }

    /// Ends the session over `error`, telling the agent where that can be done.
    fn fail(&mut self, error: &Error, out: &mut Actions) {
        let sqlstate = match error {
            Error::LimitExceeded { .. } => *b"54000",
            Error::Malformed { .. }
            | Error::Violation { .. }
            | Error::Unsupported { .. }
            | Error::Misuse { .. } => *b"08P01",
        };
        let reason = error.to_string();
        self.terminate(sqlstate, &format!("Narrows: {reason}"), "", out);
        out.close = Some(Close { reason });
    }
}

impl Inspector for PostgresInspector {
    type Input = BytesMut;
    type Actions = Actions;
    type Verdict = Verdict;

    fn feed(&mut self, from: Side, input: &mut BytesMut, out: &mut Actions) -> Result<(), Error> {
        if self.life == Life::Ended {
            input.clear();
            return Ok(());
        }
        let taken = match from {
            Side::Downstream => self.take_requests(input, out),
            Side::Upstream => self.take_replies(input, out),
        };
        taken.inspect_err(|error| self.fail(error, out))
    }

    fn resolve(&mut self, ask: AskId, verdict: &Verdict, out: &mut Actions) -> Result<(), Error> {
        let held = self.held.take_if(|held| held.ask == ask);
        let held = held.ok_or(Error::Misuse { what: "a verdict for an ask that is not open" })?;
        match verdict {
            Verdict::Allow(allow) => {
                self.leaves_out |= allow.record != RecordLevel::Full;
                self.allow(held, allow, out);
            }
            Verdict::Deny(deny) => self.deny_by_verdict(&held, deny, out),
        }
        Ok(())
    }

    fn wants_input(&self, from: Side) -> bool {
        match from {
            Side::Upstream => self.life != Life::Ended,
            Side::Downstream => {
                let waits = self.waiting.is_some_and(|tag| self.must_wait(tag));
                self.forwards() && self.held.is_none() && !waits
            }
        }
    }
}
