//! The agent's side: what each request needs before it goes up.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::extension::PROTOCOL_VERSION;
use super::fields::Fields;
use super::frame;
use super::handles::Handle;
use super::inspector::{Actions, Life, SftpInspector};
use super::kind::Kind;
use super::message::INIT;
use super::path::{self, LastPart};
use super::pending::{Pending, Which};
use super::probe;
use super::queue::{Held, Place, Serial, Stage};
use super::request::{self, Free, HandleUse, Named, Request};
use super::status::{Refusal, put_name};
use crate::{Error, Inspector, Permit, Side};

/// Bytes of a request's id.
const ID_BYTES: usize = 4;

impl SftpInspector {
    /// Takes requests from the front of `input` for as long as they may be taken.
    pub(super) fn take_requests(&mut self, input: &mut BytesMut, out: &mut Actions) -> Result<(), Error> {
        while self.wants_input(Side::Downstream) {
            let Some(packet) = frame::take(Side::Downstream, input, self.limits.packet_bytes_max)? else {
                break;
            };
            if self.life == Life::ExpectInit {
                self.take_init(packet.tag, &packet.body, out)?;
            } else {
                self.take_request(packet.tag, packet.body.freeze(), out)?;
            }
        }
        Ok(())
    }

    fn take_init(&mut self, tag: u8, body: &[u8], out: &mut Actions) -> Result<(), Error> {
        if tag != INIT {
            return Err(Error::Violation { side: Side::Downstream, expected: "INIT", got: tag });
        }
        let version = Fields::of(body).u32();
        if version.is_none_or(|version| version < PROTOCOL_VERSION) {
            return Err(Error::Unsupported { side: Side::Downstream, feature: "an SFTP version before 3" });
        }
        let init = out.forwarding(Side::Upstream, Permit::for_protocol());
        frame::put(init, INIT, |out| out.put_u32(PROTOCOL_VERSION));
        self.life = Life::ExpectVersion;
        Ok(())
    }

    fn take_request(&mut self, tag: u8, mut body: Bytes, out: &mut Actions) -> Result<(), Error> {
        if tag == INIT {
            return Err(Error::Violation { side: Side::Downstream, expected: "a request", got: tag });
        }
        if body.len() < ID_BYTES {
            return Err(Error::Malformed { side: Side::Downstream, what: "an SFTP request without an id" });
        }
        let id = body.get_u32();
        match request::read(tag, &body, &self.limits) {
            Ok(Request::Named(request)) if request.asks_for_home() => put_name(id, &self.home, out.reply()),
            Ok(Request::Named(request)) => {
                self.queue.push(id, request);
                self.take_turns(out);
            }
            Ok(Request::Handle(to)) => self.use_handle(id, tag, &body, to, out),
            Ok(Request::Free(free)) => self.pass(id, tag, &body, free, out),
            Err(refusal) => SftpInspector::refuse(id, &refusal, out),
        }
        Ok(())
    }

    fn pass(&mut self, id: u32, tag: u8, body: &[u8], free: Free, out: &mut Actions) {
        let up = self.outstanding.expect(Pending::Free { id, free });
        frame::put_as(out.forwarding(Side::Upstream, Permit::for_protocol()), tag, up, body);
    }

    /// A handle is as good as the verdict that opened it, for what it was opened for.
    fn use_handle(&mut self, id: u32, tag: u8, body: &[u8], to: HandleUse, out: &mut Actions) {
        let permit = match self.permit_use(&to) {
            Ok(permit) => permit,
            Err(refusal) => return SftpInspector::refuse(id, &refusal, out),
        };
        if let HandleUse::Close { handle } = &to {
            self.handles.begin_close(handle);
        }
        let up = self.outstanding.expect(Pending::Handle { id, to });
        frame::put_as(out.forwarding(Side::Upstream, permit), tag, up, body);
    }

    fn permit_use(&mut self, to: &HandleUse) -> Result<Permit, Refusal> {
        match to {
            // What is not to be used any more may still be given back.
            HandleUse::Close { handle } => Ok(self.handles.known(handle)?.allow.permit()),
            HandleUse::Look { handle } => self.handles.usable(handle)?.permit(true, "used"),
            HandleUse::Read { handle, .. } => {
                let handle = self.handles.usable(handle)?;
                handle.permit(handle.access.reads(), "read from")
            }
            HandleUse::Write { handle, offset, data } => {
                let handle = self.handles.usable(handle)?;
                let permit = handle.permit(handle.access.writes(), "written to")?;
                handle.write(*offset, data);
                Ok(permit)
            }
            HandleUse::Change { handle } => {
                let handle = self.handles.usable(handle)?;
                handle.permit(handle.access.writes(), "changed")
            }
            HandleUse::Copy { from, to } => {
                let from = self.handles.usable(from)?;
                from.permit(from.access.reads(), "read from")?;
                from.read.blur();
                let to = self.handles.usable(to)?;
                to.written.blur();
                to.permit(to.access.writes(), "written to")
            }
        }
    }

    /// Asks where the paths of every request lead whose turn has come.
    pub(super) fn take_turns(&mut self, out: &mut Actions) {
        while let Some(serial) = self.queue.next_turn() {
            if let Err(refusal) = self.ask_places(serial, out)
                && let Some(held) = self.queue.take(serial)
            {
                SftpInspector::refuse(held.id, &refusal, out);
            }
        }
    }

    fn ask_places(&mut self, serial: Serial, out: &mut Actions) -> Result<(), Refusal> {
        let Some(held) = self.queue.find_mut(serial) else { return Ok(()) };
        held.stage = Stage::ExpectPlaces;
        let Named { kind, path, other, .. } = &held.request;
        if *kind == Kind::ExpandPath {
            held.probes = 1;
            held.path = Place::Unresolved(path::lexical(&path::absolute(&self.home, path)));
            let pending = Pending::Place { of: serial, which: Which::Path, name: None };
            let up = self.outstanding.expect(pending);
            probe::put_expand_path(up, path, out.forwarding(Side::Upstream, Permit::for_protocol()));
            return Ok(());
        }
        let last = kind.last_part();
        let start = path::absolute(&self.home, path);
        let mut routes = vec![(Which::Path, start.clone())];
        let moves = matches!(kind, Kind::Rename | Kind::PosixRename);
        if let (Some(other), true) = (other, moves || *kind == Kind::Hardlink) {
            routes.push((Which::Other, path::absolute(&self.home, other)));
        }
        self.probe(serial, last, routes, moves.then_some(start), out)
    }

    fn probe(
        &mut self,
        serial: Serial,
        last: LastPart,
        routes: Vec<(Which, String)>,
        moved: Option<String>,
        out: &mut Actions,
    ) -> Result<(), Refusal> {
        let Some(held) = self.queue.find_mut(serial) else { return Ok(()) };
        let nameless = || Refusal::failure("the last part of the path is no name");
        let asked: Vec<_> = routes
            .into_iter()
            .map(|(which, start)| {
                path::route(&start, last).map(|route| (which, start, route)).ok_or_else(nameless)
            })
            .collect::<Result<_, _>>()?;
        held.probes = asked.len() + usize::from(moved.is_some());
        for (which, start, route) in asked {
            held.put_place(which, Place::Unresolved(path::lexical(&start)));
            let up = self.outstanding.expect(Pending::Place { of: serial, which, name: route.name });
            probe::put_real_path(up, &route.resolve, out.forwarding(Side::Upstream, Permit::for_protocol()));
        }
        if let Some(moved) = moved {
            let up = self.outstanding.expect(Pending::Look { of: serial });
            probe::put_look(up, &moved, out.forwarding(Side::Upstream, Permit::for_protocol()));
        }
        Ok(())
    }
}

impl Held {
    /// Notes where one of its paths leads.
    pub(super) fn put_place(&mut self, which: Which, place: Place) {
        match which {
            Which::Path => self.path = place,
            Which::Other => self.other = place,
        }
    }
}

impl Handle {
    /// The right to use it, if it was opened for that.
    fn permit(&self, opened_for_it: bool, how: &str) -> Result<Permit, Refusal> {
        if opened_for_it {
            return Ok(self.allow.permit());
        }
        Err(Refusal::failure(&format!("the handle was not opened to be {how}")))
    }
}
