//! Holding an operation until its verdict is in, and what the verdict does to it.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::copy::CopyIn;
use super::copy_out::CopyOut;
use super::deny::Denial;
use super::expect::{Audience, Expected, PoisonKind, Unplanned};
use super::frame::{put, put_string};
use super::inspector::PostgresInspector;
use super::keeping::Keeping;
use super::lineage::Lineage;
use super::row_limit::{self, Counted, Stage};
use super::span::Depth;
use super::statement::{Decision, Portal, Prepared};
use crate::{
    Actions, Allow, Ask, AskId, Deny, Effects, Exposure, NameSpace, Operation, Permit, Phase, Record,
    Statement,
};

/// An operation that waits.
#[derive(Debug)]
pub(super) struct Held {
    /// The ask that is open for it.
    pub(super) ask: AskId,
    operation: Statement,
    message: Message,
    frame: BytesMut,
}

impl Held {
    /// Bytes that it keeps.
    pub(super) fn bytes(&self) -> usize {
        self.frame.len()
    }
}

/// The message that carries an operation, with the names it uses.
#[derive(Clone, Debug)]
pub(super) enum Message {
    Query,
    Parse { statement: Bytes },
    Bind { portal: Bytes, statement: Bytes },
    Execute { portal: Bytes },
}

impl PostgresInspector {
    /// Puts an operation to policy and holds everything behind it.
    pub(super) fn ask(&mut self, message: Message, operation: Statement, frame: BytesMut, out: &mut Actions) {
        self.end_prepared_span(out);
        self.asks += 1;
        let held = Held { ask: AskId(self.asks), operation, message, frame };
        out.asks.push(Ask { id: held.ask, operation: Operation::Statement(held.operation.clone()) });
        self.held = Some(held);
    }

    /// An operation as policy sees it now.
    pub(super) fn statement(&self, phase: Phase, text: Arc<str>, parameter_types: Arc<[u32]>) -> Statement {
        Statement {
            phase,
            text,
            parameter_types,
            parameters: None,
            transaction: self.transaction,
            settings_epoch: self.stamp.settings,
        }
    }

    /// The verdict allows: what is held goes up, if it was judged as things are now and anyone still wants it.
    pub(super) fn allow(&mut self, held: Held, allow: &Arc<Allow>, out: &mut Actions) {
        let settings_epoch = self.stamp.settings;
        if allow.epoch != self.stamp.epoch || held.operation.settings_epoch != settings_epoch {
            return self.ask(held.message, Statement { settings_epoch, ..held.operation }, held.frame, out);
        }
        self.applied(allow, matches!(held.message, Message::Query | Message::Bind { .. }), out);
        if !self.forwards() || self.discards {
            return;
        }
        let decision = Decision { allow: Arc::clone(allow), stamp: self.stamp };
        match held.message {
            Message::Query => self.forward_query(&held.frame, allow, out),
            Message::Parse { statement } => {
                let Statement { text, parameter_types: types, .. } = held.operation;
                self.forward_parse(&held.frame, statement, Prepared { text, types, decision }, out);
            }
            Message::Bind { portal, statement } => {
                let Some(prepared) = self.statements.latest_mut(&statement) else { return };
                if decision.stands_for_bind(self.stamp) && !prepared.decision.allow.ask_at_bind {
                    prepared.decision = decision.clone();
                }
                let bound = Prepared { decision, ..prepared.clone() };
                self.forward_bind(&held.frame, &portal, &statement, Some(bound), out);
            }
            Message::Execute { portal } => {
                if let Some(bound) = self.portals.latest_mut(&portal).and_then(|it| it.statement.as_mut()) {
                    bound.decision = decision;
                }
                self.forward_execute(&held.frame, portal, out);
            }
        }
    }

    /// The verdict denies.
    pub(super) fn deny_by_verdict(&mut self, held: &Held, deny: &Deny, out: &mut Actions) {
        out.records.push(Record::Applied(deny.id));
        self.deny(&held.message, Denial::of(deny), out);
    }

    /// The agent cancelled: what is held is denied with 57014. Nothing happens when nothing is held.
    pub fn cancel_held(&mut self, out: &mut Actions) {
        if let Some(held) = self.held.take() {
            self.deny(&held.message, Denial::of_cancel(), out);
        }
    }

    /// Sends poison in place of `message` and remembers what to tell instead of its error.
    pub(super) fn deny(&mut self, message: &Message, denial: Denial, out: &mut Actions) {
        self.counters.operations += 1;
        self.counters.denials += 1;
        if !self.forwards() || self.discards {
            return;
        }
        let poison = self.span.write(Depth::Running);
        match message {
            Message::Query => self.poison.put_query(poison),
            Message::Parse { statement } => self.poison.put_parse(statement, poison),
            Message::Bind { .. } => self.poison.put_bind(poison),
            Message::Execute { .. } => self.poison.put_execute(poison),
        }
        self.discards = !matches!(message, Message::Query);
        let by = if self.discards { PoisonKind::Extended } else { PoisonKind::Query };
        self.expect(Expected::Denied { denial: Box::new(denial), by });
        self.span.release(out);
        if !self.discards {
            self.span.end_sent();
        }
    }

    /// A verdict decided what was recorded last.
    pub(super) fn applied(&mut self, allow: &Allow, counts: bool, out: &mut Actions) {
        out.records.push(Record::Applied(allow.id));
        self.counters.operations += u64::from(counts);
    }

    fn forward_query(&mut self, frame: &[u8], allow: &Arc<Allow>, out: &mut Actions) {
        let (_, lineage) = self.exposure(allow, false);
        let copy_out = self.copy_out(allow, false);
        let keeping = self.keeping(allow);
        let gift = self.apply_effects(allow).map(Box::new);
        if allow.effects.contains(Effects::COPY_IN) {
            self.guard_copy(allow);
            self.copy_in = CopyIn::ExpectStart { by_query: true };
        }
        match allow.rows_max {
            Some(rows_max) => {
                self.span.keep(allow.permit(), Depth::Running, &self.row_limit.around(frame, rows_max));
            }
            None => self.span.keep(allow.permit(), Depth::Running, frame),
        }
        let counted = allow.rows_max.map(|_| Counted { stage: Stage::ExpectFirst, allow: Arc::clone(allow) });
        let effects = allow.effects;
        self.expect(Expected::QueryEnd { keeping, lineage, copy_out, gift, effects, counted });
        self.span.release(out);
        self.span.end_sent();
    }

    /// Forwards a Parse that was decided.
    pub(super) fn forward_parse(&mut self, frame: &[u8], name: Bytes, prepared: Prepared, out: &mut Actions) {
        self.sql_names.give_by_protocol(NameSpace::Statements, &name);
        self.span.keep(prepared.decision.allow.permit(), Depth::Preparing, frame);
        self.statements.stage(&name, Some(prepared));
        self.expect(Expected::ParseComplete { statement: name });
        self.release_if_large(out);
    }

    /// Forwards a Bind that was decided, or (without `bound`) one of a statement that the protocol did not
    /// prepare: the target answers 26000, or runs what SQL's PREPARE was allowed to name.
    pub(super) fn forward_bind(
        &mut self,
        frame: &[u8],
        portal: &Bytes,
        statement: &[u8],
        bound: Option<Prepared>,
        out: &mut Actions,
    ) {
        let doubtful = self.doubts(NameSpace::Statements, statement);
        let (unplanned, lineage) = match &bound {
            Some(bound) => self.exposure(&bound.decision.allow, doubtful),
            None => (self.unplanned(), Lineage::Tainted),
        };
        let keeping = bound.as_ref().map_or(Keeping::FULL, |bound| self.keeping(&bound.decision.allow));
        self.sql_names.give_by_protocol(NameSpace::Portals, portal);
        let permit = bound.as_ref().map_or_else(Permit::for_protocol, |bound| bound.decision.allow.permit());
        self.span.keep(permit, Depth::Running, frame);
        let masks_version = self.masks_version;
        let staged = Portal {
            statement: bound,
            unplanned,
            lineage: lineage.clone(),
            doubtful,
            masks_version,
            plan: None,
        };
        self.portals.stage(portal, Some(staged));
        self.expect(Expected::BindComplete { portal: portal.clone(), keeping });
        if unplanned == Unplanned::Refuse {
            self.inject_describe(portal, lineage, keeping);
        }
        self.release_if_large(out);
    }

    /// Forwards an Execute whose portal's decision stands, or of a portal that the protocol did not bind.
    pub(super) fn forward_execute(&mut self, frame: &[u8], name: Bytes, out: &mut Actions) {
        let portal = self.portals.latest(&name);
        let allow = portal.and_then(|it| it.statement.as_ref()).map(|it| Arc::clone(&it.decision.allow));
        // SQL may have closed a named portal and declared it anew, or given what a portal of FETCH or EXECUTE
        // names to something else since Bind; other masks want another plan.
        let inherits = allow.as_ref().is_some_and(|allow| allow.exposure == Exposure::Inherit);
        let renamed = self.doubts(NameSpace::Portals, &name);
        let doubtful = renamed || inherits;
        let known = portal.filter(|it| !doubtful && it.masks_version == self.masks_version);
        let lineage = match (portal.filter(|_| !renamed), &allow) {
            (Some(portal), Some(allow)) if inherits => self.exposure(allow, portal.doubtful).1,
            (Some(portal), _) => portal.lineage.clone(),
            (None, _) => Lineage::Tainted,
        };
        let unplanned = known.map_or_else(|| self.unplanned(), |portal| portal.unplanned);
        // COPY looks its tables up now, not at Bind, so that it goes by the decision as it stands.
        let doubtful = doubtful || portal.is_none_or(|portal| portal.doubtful);
        let copy_out = allow.as_ref().map_or(CopyOut::Refuse, |allow| self.copy_out(allow, doubtful));
        let keeping = allow.as_ref().map_or(Keeping::FULL, |allow| self.keeping(allow));
        if known.is_none() && unplanned == Unplanned::Refuse {
            self.inject_describe(&name, lineage, keeping);
        }
        let permit = allow.as_ref().map_or_else(Permit::for_protocol, |allow| allow.permit());
        let effects = allow.as_ref().map_or_else(Effects::default, |allow| allow.effects);
        let gift = allow.as_ref().and_then(|allow| self.apply_effects(allow)).map(Box::new);
        let limited = allow.as_ref().and_then(|allow| Some((allow.rows_max?, allow)));
        if let Some((_, allow)) = limited {
            self.row_limit.put_first(self.span.write(Depth::Running));
            self.expect_counting(allow, false);
        }
        self.span.keep(permit, Depth::Running, frame);
        let is_counted = limited.is_some();
        let portal = name;
        self.expect(Expected::ExecutionEnd {
            portal,
            keeping,
            unplanned,
            copy_out,
            gift,
            effects,
            is_counted,
        });
        if let Some((rows_max, allow)) = limited {
            self.row_limit.put_check(rows_max, self.span.write(Depth::Running));
            self.expect_counting(allow, true);
        }
        if let Some(allow) = allow.filter(|allow| allow.effects.contains(Effects::COPY_IN)) {
            self.guard_copy(&allow);
            self.copy_in = CopyIn::ExpectStart { by_query: false };
            self.span.release(out);
        }
        self.release_if_large(out);
    }

    fn expect_counting(&mut self, allow: &Arc<Allow>, is_check: bool) {
        for (index, reply) in row_limit::REPLIES.into_iter().enumerate() {
            let is_last = is_check && index + 1 == row_limit::REPLIES.len();
            self.expect(Expected::Counting { reply, allow: Arc::clone(allow), is_last });
        }
    }

    /// The message kept last is answered with `expected`.
    pub(super) fn expect(&mut self, expected: Expected) {
        self.replies.push(expected);
        self.span.expect_reply();
    }

    /// A span of any length may not be kept back.
    pub(super) fn release_if_large(&mut self, out: &mut Actions) {
        if self.span.len() > self.limits.span_bytes_max {
            self.span.release(out);
        }
    }

    /// Asks the target what `portal` returns; the reply is for the inspector alone. Only this tells what
    /// tables a portal reads: a statement described earlier may have been planned onto others since.
    fn inject_describe(&mut self, portal: &Bytes, lineage: Lineage, keeping: Keeping) {
        put(self.span.write(Depth::Preparing), b'D', |out| {
            out.extend_from_slice(b"P");
            put_string(out, portal);
        });
        let portal = portal.clone();
        self.expect(Expected::PortalDescription { portal, lineage, audience: Audience::Inspector, keeping });
    }

    /// Something is about to be held. If the agent has flushed and the target has seen the start of this
    /// span, its clocks run; a Sync ends the span there, and the rest can wait as a span of its own.
    fn end_prepared_span(&mut self, out: &mut Actions) {
        if self.span.sent() != Depth::Preparing {
            return;
        }
        put(out.upstream(), b'S', |_| {});
        self.replies.insert_sync(self.span.replies());
        self.span.end_sent();
    }
}
