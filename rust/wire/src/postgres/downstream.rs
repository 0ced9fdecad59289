//! What each message of the agent does.

use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};

use super::decide::Message;
use super::deny::Denial;
use super::expect::{Audience, Expected};
use super::frame::{Header, body_of};
use super::inspector::PostgresInspector;
use super::keeping::Keeping;
use super::lineage::Lineage;
use super::message::{Bind, Named, Parse, read_execute, sql};
use super::span::Depth;
use crate::{Actions, Error, Permit, Phase, Side};

/// What a name may have (`NAMEDATALEN` with the NUL).
const NAME_BYTES_MAX: usize = 63;

impl PostgresInspector {
    /// Takes messages from the front of the agent's input until one has to wait.
    pub(super) fn take_requests(&mut self, input: &mut BytesMut, out: &mut Actions) -> Result<(), Error> {
        loop {
            if !self.forwards() {
                input.clear();
                return Ok(());
            }
            self.take_rest(input, out);
            if self.held.is_some() || self.from_agent.is_open() {
                return Ok(());
            }
            let Some(header) = Header::peek(Side::Downstream, input)? else { return Ok(()) };
            self.waiting = self.must_wait(header.tag).then_some(header.tag);
            if self.waiting.is_some() {
                // What the replies are awaited for must be with the target.
                self.span.release(out);
                return Ok(());
            }
            self.check_copy(header.tag)?;
            if header.tag == b'd' {
                self.from_agent.begin(header.total, self.copy_passes());
                self.begin_copy_data();
            } else if header.body_bytes() > self.body_bytes_max(header.tag) {
                self.refuse_oversized(header, out)?;
            } else {
                let Some(frame) = input.get(..header.total) else { return Ok(()) };
                self.take_message(header.tag, frame, out)?;
                input.advance(header.total);
            }
        }
    }

    fn take_message(&mut self, tag: u8, frame: &[u8], out: &mut Actions) -> Result<(), Error> {
        out.record_request(frame);
        match tag {
            b'S' => self.sync(frame, out),
            b'X' => self.leave(frame, out),
            b'c' | b'f' => self.copy_end(frame, out),
            b'Q' | b'F' | b'P' | b'B' | b'D' | b'E' | b'C' | b'H' if self.discards => {}
            b'Q' => self.query(frame, out),
            b'F' => self.deny(&Message::Query, Denial::of_function_call(), out),
            b'P' => self.parse(frame, out),
            b'B' => return self.bind(frame, out),
            b'D' => return self.describe(frame, out),
            b'E' => return self.execute(frame, out),
            b'C' => return self.close(frame, out),
            b'H' => self.flush(frame, out),
            got => {
                let expected = "a message of the query phase";
                return Err(Error::Violation { side: Side::Downstream, expected, got });
            }
        }
        Ok(())
    }

    fn query(&mut self, frame: &[u8], out: &mut Actions) {
        let body = body_of(frame);
        let text = body.strip_suffix(b"\0").ok_or("the statement has no end").and_then(sql);
        match text {
            Ok(text) => {
                let statement = self.statement(Phase::Query, text.into(), Arc::default());
                self.ask(Message::Query, statement, frame.into(), out);
            }
            Err(fault) => self.deny(&Message::Query, Denial::of_text(fault), out),
        }
    }

    fn parse(&mut self, frame: &[u8], out: &mut Actions) {
        // A text with a NUL inside ends there, and what follows reads as no parameter types.
        let Ok(parse) = Parse::read(body_of(frame)) else {
            let fault =
                Denial::of_text("the statement holds a NUL byte, or its parameter types are malformed");
            return self.deny(&Message::Execute { portal: Bytes::new() }, fault, out);
        };
        let name = owned(parse.name);
        let text = match sql(parse.text) {
            Ok(text) => text,
            Err(fault) => return self.deny(&Message::Parse { statement: name }, Denial::of_text(fault), out),
        };
        if let Some(denial) = self.names_are_full(&name, text.len()) {
            return self.deny(&Message::Parse { statement: name }, denial, out);
        }
        let same = self.statements.latest(&name).filter(|known| {
            known.decision.stands_again(self.stamp)
                && *known.text == *text
                && parse.types().eq(known.types.iter().copied())
        });
        if let Some(prepared) = same.cloned() {
            self.applied(&prepared.decision.allow, false, out);
            return self.forward_parse(frame, name, prepared, out);
        }
        let statement = self.statement(Phase::Parse, text.into(), parse.types().collect());
        self.ask(Message::Parse { statement: name }, statement, frame.into(), out);
    }

    fn bind(&mut self, frame: &[u8], out: &mut Actions) -> Result<(), Error> {
        let bind = Bind::read(body_of(frame))?;
        let portal = owned(bind.portal);
        if let Some(denial) = self.names_are_full(&portal, 0) {
            let statement = Bytes::new();
            self.deny(&Message::Bind { portal, statement }, denial, out);
            return Ok(());
        }
        let Some(prepared) = self.statements.latest(bind.statement) else {
            self.forward_bind(frame, &portal, bind.statement, None, out);
            return Ok(());
        };
        if prepared.decision.stands_for_bind(self.stamp) {
            let prepared = prepared.clone();
            self.applied(&prepared.decision.allow, true, out);
            self.forward_bind(frame, &portal, bind.statement, Some(prepared), out);
            return Ok(());
        }
        let (text, types) = (Arc::clone(&prepared.text), Arc::clone(&prepared.types));
        let mut statement = self.statement(Phase::Bind, text, types);
        statement.parameters = Some(bind.parameters()?);
        let message = Message::Bind { portal, statement: owned(bind.statement) };
        self.ask(message, statement, frame.into(), out);
        Ok(())
    }

    fn execute(&mut self, frame: &[u8], out: &mut Actions) -> Result<(), Error> {
        let portal = owned(read_execute(body_of(frame))?);
        let bound = self.portals.latest(&portal).and_then(|it| it.statement.as_ref());
        let Some(overtaken) = bound.filter(|bound| !bound.decision.stands(self.stamp)) else {
            self.forward_execute(frame, portal, out);
            return Ok(());
        };
        let (text, types) = (Arc::clone(&overtaken.text), Arc::clone(&overtaken.types));
        let statement = self.statement(Phase::Execute, text, types);
        self.ask(Message::Execute { portal }, statement, frame.into(), out);
        Ok(())
    }

    fn describe(&mut self, frame: &[u8], out: &mut Actions) -> Result<(), Error> {
        let expected = match Named::read(body_of(frame))? {
            Named::Statement(name) => {
                let prepared = self.statements.latest(name);
                let keeping = prepared.map_or(Keeping::FULL, |it| self.keeping(&it.decision.allow));
                Expected::StatementDescription { keeping }
            }
            Named::Portal(name) => {
                let portal = self.portals.latest(name);
                let lineage = portal.map_or(Lineage::Tainted, |portal| portal.lineage.clone());
                let bound = portal.and_then(|portal| portal.statement.as_ref());
                let keeping = bound.map_or(Keeping::FULL, |bound| self.keeping(&bound.decision.allow));
                let portal = owned(name);
                Expected::PortalDescription { portal, lineage, audience: Audience::Agent, keeping }
            }
        };
        self.forward_preparing(frame, expected, out);
        Ok(())
    }

    fn close(&mut self, frame: &[u8], out: &mut Actions) -> Result<(), Error> {
        let expected = match Named::read(body_of(frame))? {
            Named::Statement(name) => {
                let statement = owned(name);
                self.statements.stage(&statement, None);
                Expected::CloseStatement { statement }
            }
            Named::Portal(name) => {
                let portal = owned(name);
                self.portals.stage(&portal, None);
                Expected::ClosePortal { portal }
            }
        };
        self.forward_preparing(frame, expected, out);
        Ok(())
    }

    fn forward_preparing(&mut self, frame: &[u8], expected: Expected, out: &mut Actions) {
        self.span.keep(Permit::for_protocol(), Depth::Preparing, frame);
        self.expect(expected);
        self.release_if_large(out);
    }

    /// Flush and Sync change nothing while the target reads COPY data, so they need not go there.
    fn flush(&mut self, frame: &[u8], out: &mut Actions) {
        if self.copies_in() {
            return;
        }
        self.span.keep(Permit::for_protocol(), Depth::Nothing, frame);
        self.span.release(out);
    }

    fn sync(&mut self, frame: &[u8], out: &mut Actions) {
        if self.copies_in() {
            return;
        }
        self.span.keep(Permit::for_protocol(), Depth::Nothing, frame);
        self.expect(Expected::ReadyForQuery { audience: Audience::Agent });
        self.span.release(out);
        self.span.end_sent();
        self.discards = false;
    }

    fn leave(&mut self, frame: &[u8], out: &mut Actions) {
        self.span.keep(Permit::for_protocol(), Depth::Nothing, frame);
        self.span.release(out);
        self.agent_left();
    }

    /// CopyDone or CopyFail; one that comes late, after the copy has failed, is ignored as the target would.
    fn copy_end(&mut self, frame: &[u8], out: &mut Actions) {
        if self.copies_in() {
            if self.end_guarded_copy(out) {
                out.forward(Side::Upstream, Permit::for_protocol(), frame);
            }
            self.end_copy_data();
        }
    }

    /// Takes what is there of a message that is not held whole: COPY data, or one that was refused.
    fn take_rest(&mut self, input: &mut BytesMut, out: &mut Actions) {
        if !self.from_agent.is_open() || input.is_empty() {
            return;
        }
        let part = self.from_agent.take(input);
        out.record_request(&part);
        if self.from_agent.forwards() {
            out.forward(Side::Upstream, Permit::for_protocol(), &part);
            self.look_into_copy(&part, out);
        }
    }

    fn body_bytes_max(&self, tag: u8) -> usize {
        match tag {
            b'Q' | b'P' | b'F' => self.limits.statement_bytes_max,
            b'B' => self.limits.bind_bytes_max,
            _ => self.limits.control_bytes_max,
        }
    }

    /// A message too large to be judged is denied by its header; its body is dropped as it comes.
    fn refuse_oversized(&mut self, header: Header, out: &mut Actions) -> Result<(), Error> {
        let (message, what, limit) = match header.tag {
            b'Q' | b'F' => (Message::Query, "the statement is", "statement_bytes_max"),
            // Its name is not known yet, so it is poisoned as an Execute.
            b'P' => (Message::Execute { portal: Bytes::new() }, "the statement is", "statement_bytes_max"),
            b'B' => {
                let message = Message::Bind { portal: Bytes::new(), statement: Bytes::new() };
                (message, "the parameters are", "bind_bytes_max")
            }
            _ => return Err(Error::LimitExceeded { side: Side::Downstream, limit: "control_bytes_max" }),
        };
        self.from_agent.begin(header.total, false);
        if !self.discards {
            self.deny(&message, Denial::of_limit(what, limit, self.body_bytes_max(header.tag)), out);
        }
        Ok(())
    }

    /// The denial of a new name when it is too long, when there are too many, or when what they stand for is
    /// too long. The target cuts a longer name short, and then it means what another one means.
    fn names_are_full(&self, name: &[u8], bytes: usize) -> Option<Denial> {
        let limits = &self.limits;
        if name.len() > NAME_BYTES_MAX {
            return Some(Denial::of_text("the name of a prepared statement or portal is over 63 bytes long"));
        }
        if self.statements.bytes() + self.portals.bytes() + name.len() + bytes > limits.names_bytes_max {
            let what = "prepared statements and portals together are";
            return Some(Denial::of_limit(what, "names_bytes_max", limits.names_bytes_max));
        }
        let is_new =
            !name.is_empty() && self.statements.latest(name).is_none() && self.portals.latest(name).is_none();
        let full = is_new && self.statements.len() + self.portals.len() >= limits.names_max;
        full.then(|| Denial::of_limit("prepared statements and portals are", "names_max", limits.names_max))
    }
}

/// A name that outlives its frame. The empty one, the one used most, costs nothing.
fn owned(name: &[u8]) -> Bytes {
    if name.is_empty() { Bytes::new() } else { Bytes::copy_from_slice(name) }
}
