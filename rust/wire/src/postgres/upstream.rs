//! What each message of the target does.

use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};

use super::copy::CopyIn;
use super::copy_out::CopyStream;
use super::expect::{Audience, Expected, Unplanned};
use super::frame::{Header, STREAM_BYTES, body_of};
use super::inspector::PostgresInspector;
use super::keeping::ends_answer;
use super::lineage::Lineage;
use super::plan::{Plan, Rows};
use super::row_limit::Stage;
use crate::{Actions, Effects, Error, Permit, Side, TransactionStatus};

impl PostgresInspector {
    /// Takes messages from the front of the target's input.
    pub(super) fn take_replies(&mut self, input: &mut BytesMut, out: &mut Actions) -> Result<(), Error> {
        loop {
            if self.from_target.is_open() {
                self.pass_rest(input, out);
            }
            let Some(header) = Header::peek(Side::Upstream, input)? else { return Ok(()) };
            let passes = match header.tag {
                b'D' => matches!(self.rows()?, Rows::Pass),
                b'd' => matches!(self.copy_stream, CopyStream::Pass),
                _ => false,
            };
            let drops = header.tag == b'd' && matches!(self.copy_stream, CopyStream::Refused(_));
            let leaving = self.leaves_out.then(|| (self.kept_now(), out.reply().len()));
            if (passes || drops) && header.total > STREAM_BYTES {
                self.from_target.begin(header.total, passes);
                if let Some((keeping, start)) = leaving.filter(|_| passes) {
                    self.leave_out(keeping, header.tag, start, 1, out);
                }
                continue;
            }
            if !passes && header.total > self.limits.reply_bytes_max {
                return Err(Error::LimitExceeded { side: Side::Upstream, limit: "reply_bytes_max" });
            }
            let Some(frame) = input.get(..header.total) else { return Ok(()) };
            if passes {
                pass(frame, out);
            } else {
                self.take_reply(header.tag, frame, out)?;
            }
            if let Some((keeping, start)) = leaving {
                let rows = rows_in(out.reply().get(start..).unwrap_or_default());
                self.leave_out(keeping, header.tag, start, rows, out);
                self.answers += u64::from(ends_answer(header.tag));
            }
            input.advance(header.total);
        }
    }

    fn take_reply(&mut self, tag: u8, frame: &[u8], out: &mut Actions) -> Result<(), Error> {
        let body = body_of(frame);
        match tag {
            b'D' => return self.rewrite_row(body, out),
            b'd' => return self.take_copy_data(body, out),
            b'c' => return self.take_copy_done(frame, out),
            b'N' => return self.take_notice(frame, body, out),
            b'A' => return self.take_notification(frame, body, out),
            b'S' => return self.take_parameter(frame, body, out),
            b'E' => return self.take_error(frame, body, out),
            b'W' => return Err(Error::Unsupported { side: Side::Upstream, feature: "CopyBothResponse" }),
            b'Z' => return self.take_ready(frame, body, out),
            b'T' => return self.take_description(frame, body, out),
            b'H' => return self.start_copy_out(frame, body, out),
            b'C' if matches!(self.copy_stream, CopyStream::Refused(_)) => {
                self.end_refused_copy(out);
                return Ok(());
            }
            _ => {}
        }
        if tag == b'C' {
            self.confirm_gift(body);
        }
        let is_last = match (tag, self.replies.front()) {
            (b'1', Some(Expected::ParseComplete { .. }))
            | (b'2', Some(Expected::BindComplete { .. }))
            | (b'3', Some(Expected::CloseStatement { .. } | Expected::ClosePortal { .. }))
            | (b'n', Some(Expected::StatementDescription { .. } | Expected::PortalDescription { .. }))
            | (b'C' | b's' | b'I', Some(Expected::ExecutionEnd { .. })) => true,
            (b't', Some(Expected::StatementDescription { .. })) => false,
            (b'C' | b'I', Some(Expected::QueryEnd { .. })) => {
                self.end_part_of_query(frame, out);
                return Ok(());
            }
            (tag, Some(Expected::Counting { reply, is_last, .. })) if tag == *reply => {
                if *is_last {
                    self.put_counted(out);
                }
                self.replies.pop();
                return Ok(());
            }
            (b'G', Some(expected)) if expected.copies_in() => {
                self.start_copy_in();
                false
            }
            _ => return Err(unexpected("a reply to what was sent", tag)),
        };
        match if is_last { self.answered() } else { Audience::Agent } {
            Audience::Agent => pass(frame, out),
            Audience::AgentOnceCounted => self.uncounted.extend_from_slice(frame),
            Audience::Inspector => {}
        }
        Ok(())
    }

    fn confirm_gift(&mut self, body: &[u8]) {
        if let Some(gift) = self.replies.front_mut().and_then(|expected| expected.take_gift(body)) {
            self.sql_names.confirm(*gift);
        }
    }

    /// One statement of a Query is complete; two of them may be the inspector's own, to count rows.
    fn end_part_of_query(&mut self, frame: &[u8], out: &mut Actions) {
        let Some(Expected::QueryEnd { counted: Some(counted), .. }) = self.replies.front_mut() else {
            self.end_query_result();
            pass(frame, out);
            return;
        };
        match counted.stage {
            Stage::ExpectFirst => counted.stage = Stage::ExpectStatement,
            Stage::ExpectStatement => {
                counted.stage = Stage::ExpectCheck;
                self.uncounted.extend_from_slice(frame);
                self.end_query_result();
            }
            Stage::ExpectCheck => self.put_counted(out),
        }
    }

    /// What was touched is within the limit.
    fn put_counted(&mut self, out: &mut Actions) {
        pass(&self.uncounted, out);
        self.uncounted.clear();
    }

    /// The message at the front of the queue has its last reply; says for whom that is.
    pub(super) fn answered(&mut self) -> Audience {
        match self.replies.pop() {
            Some(Expected::ParseComplete { statement } | Expected::CloseStatement { statement }) => {
                self.statements.confirm(&statement);
            }
            Some(Expected::BindComplete { portal, .. } | Expected::ClosePortal { portal }) => {
                self.portals.confirm(&portal);
            }
            Some(expected @ Expected::ExecutionEnd { is_counted, .. }) => {
                self.end_result();
                if expected.copies_in() {
                    self.copy_in = CopyIn::Closed;
                }
                if is_counted {
                    return Audience::AgentOnceCounted;
                }
            }
            Some(Expected::PortalDescription { portal, audience, .. }) => {
                self.plan_portal(portal, None);
                return audience;
            }
            _ => {}
        }
        Audience::Agent
    }

    fn take_description(&mut self, frame: &[u8], body: &[u8], out: &mut Actions) -> Result<(), Error> {
        match self.replies.front() {
            Some(Expected::StatementDescription { .. }) => {
                self.plan(body, &Lineage::Tainted)?;
                self.replies.pop();
            }
            Some(Expected::QueryEnd { counted: Some(counted), .. })
                if counted.stage != Stage::ExpectStatement =>
            {
                return Ok(());
            }
            Some(Expected::QueryEnd { lineage, .. }) => {
                let lineage = lineage.clone();
                let plan = self.plan(body, &lineage)?;
                self.rows = Some(plan.as_ref().map_or(Rows::Pass, Plan::rows));
            }
            Some(Expected::PortalDescription { lineage, .. }) => {
                let lineage = lineage.clone();
                let plan = self.plan(body, &lineage)?;
                let Some(Expected::PortalDescription { portal, audience, .. }) = self.replies.pop() else {
                    return Ok(());
                };
                self.plan_portal(portal, plan);
                if audience == Audience::Inspector {
                    return Ok(());
                }
            }
            _ => return Err(unexpected("no RowDescription", b'T')),
        }
        pass(frame, out);
        Ok(())
    }

    /// The plan for a description; `None` in a session without masks.
    fn plan(&mut self, body: &[u8], lineage: &Lineage) -> Result<Option<Arc<Plan>>, Error> {
        let Some(masks) = &self.masks else { return Ok(None) };
        let plan = if let Some(plan) = self.last_plan.find(body, lineage) {
            plan
        } else {
            let plan = Arc::new(Plan::new(body, masks, lineage)?);
            self.last_plan.keep(body, lineage, &plan);
            plan
        };
        self.findings.contradiction |= plan.contradicts_catalogue();
        Ok(Some(plan))
    }

    fn plan_portal(&mut self, name: Bytes, plan: Option<Arc<Plan>>) {
        match self.portals.confirmed_mut(&name) {
            Some(portal) => portal.plan = plan,
            None => self.unbound = plan.map(|plan| (name, plan)),
        }
    }

    /// What is done to the rows of the result that is being answered.
    fn rows(&mut self) -> Result<&Rows, Error> {
        if self.rows.is_none() {
            self.rows = self.rows_of_portal();
        }
        self.rows.as_ref().ok_or_else(|| unexpected("a RowDescription before any row", b'D'))
    }

    fn rows_of_portal(&self) -> Option<Rows> {
        let Some(Expected::ExecutionEnd { portal: name, unplanned, .. }) = self.replies.front() else {
            return None;
        };
        let plan = match self.portals.confirmed(name) {
            Some(portal) => portal.plan.as_ref(),
            None => self.unbound.as_ref().filter(|(unbound, _)| unbound == name).map(|(_, plan)| plan),
        };
        match (plan, unplanned) {
            (Some(plan), _) => Some(plan.rows()),
            (None, Unplanned::Pass) => Some(Rows::Pass),
            (None, Unplanned::Refuse) => None,
        }
    }

    fn rewrite_row(&mut self, body: &[u8], out: &mut Actions) -> Result<(), Error> {
        let Some(Rows::Rewrite(plan)) = &self.rows else { return Err(unexpected("a description", b'D')) };
        self.counters.masked_values += plan.rewrite(body, out.reply())?;
        Ok(())
    }

    fn take_ready(&mut self, frame: &[u8], body: &[u8], out: &mut Actions) -> Result<(), Error> {
        let was_idle = self.transaction == TransactionStatus::Idle;
        self.transaction = match body {
            b"I" => TransactionStatus::Idle,
            b"T" => TransactionStatus::Open,
            b"E" => TransactionStatus::Failed,
            _ => {
                return Err(Error::Malformed { side: Side::Upstream, what: "an unknown transaction status" });
            }
        };
        let audience = match self.replies.front() {
            Some(Expected::ReadyForQuery { audience }) => *audience,
            Some(Expected::QueryEnd { .. }) => Audience::Agent,
            _ => return Err(unexpected("no ReadyForQuery", b'Z')),
        };
        if self.replies.pop().is_some_and(|expected| expected.copies_in()) {
            self.copy_in = CopyIn::Closed;
            self.copy_guard = None;
        }
        self.end_result();
        if self.transaction == TransactionStatus::Idle {
            self.settle(was_idle);
        }
        if audience == Audience::Agent {
            pass(frame, out);
        }
        Ok(())
    }

    /// No transaction is open: portals are gone, and what was changed stays. Of settings that is not sure: a
    /// transaction that the agent opened may have been rolled back, and its end takes back SET LOCAL.
    fn settle(&mut self, was_idle: bool) {
        self.portals.drop_confirmed();
        self.unbound = None;
        let settled = std::mem::take(&mut self.unsettled);
        self.stamp.settings += u64::from(!was_idle && settled.contains(Effects::SETTINGS));
        self.findings.catalogue_moved |= settled.contains(Effects::CATALOGUE);
    }

    /// A result is complete; the next one has a description of its own.
    pub(super) fn end_result(&mut self) {
        self.rows = None;
        self.copy_stream = CopyStream::Closed;
    }

    /// One result of a Query is complete. What the verdict says of columns, it says of the first alone.
    pub(super) fn end_query_result(&mut self) {
        self.end_result();
        if let Some(expected) = self.replies.front_mut() {
            expected.end_result();
        }
    }

    fn start_copy_in(&mut self) {
        let by_query = matches!(self.replies.front(), Some(Expected::QueryEnd { .. }));
        self.copy_in = CopyIn::ExpectData { by_query };
        self.replies.drop_syncs_in_copy();
    }

    fn pass_rest(&mut self, input: &mut BytesMut, out: &mut Actions) {
        let part = self.from_target.take(input);
        let (keeping, start) = (self.kept_now(), out.reply().len());
        if self.from_target.forwards() {
            pass(&part, out);
            // Nothing but rows and COPY data passes in parts.
            self.leave_out(keeping, b'D', start, 0, out);
        }
        if !self.from_target.is_open() {
            self.put_late(out);
        }
    }
}

/// How many rows and messages of COPY data there are in whole messages.
fn rows_in(mut messages: &[u8]) -> u64 {
    let mut rows = 0;
    while let Ok(Some(header)) = Header::peek(Side::Upstream, messages) {
        rows += u64::from(matches!(header.tag, b'D' | b'd'));
        messages = messages.get(header.total..).unwrap_or_default();
    }
    rows
}

/// Forwards what has been cleared to the agent.
pub(super) fn pass(bytes: &[u8], out: &mut Actions) {
    out.forward(Side::Downstream, Permit::for_protocol(), bytes);
}

/// The error for a reply that fits nothing.
pub(super) fn unexpected(expected: &'static str, got: u8) -> Error {
    Error::Violation { side: Side::Upstream, expected, got }
}
