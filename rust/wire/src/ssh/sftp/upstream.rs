//! The target's side: what each answer is for.

use bytes::{Buf, Bytes, BytesMut};

use super::attributes::Attributes;
use super::extension::{self, Offer};
use super::fields::Fields;
use super::frame::{self, Packet};
use super::handles::{Access, Handle};
use super::inspector::{Actions, Life, SftpInspector};
use super::message::{EXTENDED_REPLY, HANDLE, NAME, STATUS, VERSION};
use super::path::{is_normal, join};
use super::pending::{Pending, Which};
use super::probe;
use super::queue::{Place, Serial, Stage};
use super::record::SftpRecord;
use super::request::{Free, HandleUse};
use super::status::{FAILURE, NO_SUCH_FILE, OK};
use crate::{Error, Permit, Side};

/// Bytes of an answer's id.
const ID_BYTES: usize = 4;

impl SftpInspector {
    /// Takes every whole answer from the front of `input`.
    pub(super) fn take_replies(&mut self, input: &mut BytesMut, out: &mut Actions) -> Result<(), Error> {
        while let Some(packet) = frame::take(Side::Upstream, input, self.limits.packet_bytes_max)? {
            if self.life == Life::ExpectVersion {
                self.take_version(&packet, out)?;
            } else {
                self.take_reply(packet, out)?;
            }
        }
        Ok(())
    }

    fn take_version(&mut self, packet: &Packet, out: &mut Actions) -> Result<(), Error> {
        if packet.tag != VERSION {
            return Err(Error::Violation { side: Side::Upstream, expected: "VERSION", got: packet.tag });
        }
        let unsupported =
            Error::Unsupported { side: Side::Upstream, feature: "an SFTP version other than 3" };
        let offer = Offer::read(&packet.body).ok_or(unsupported)?;
        self.offer = Some(offer);
        let up = self.outstanding.expect(Pending::Home);
        probe::put_real_path(up, ".", out.forwarding(Side::Upstream, Permit::for_protocol()));
        self.life = Life::ExpectHome;
        Ok(())
    }

    fn take_reply(&mut self, packet: Packet, out: &mut Actions) -> Result<(), Error> {
        let Packet { tag, body } = packet;
        let mut body = body.freeze();
        if body.len() < ID_BYTES {
            return Err(Error::Malformed { side: Side::Upstream, what: "an SFTP answer without an id" });
        }
        let pending = self.outstanding.take(body.get_u32()).filter(|pending| pending.expects(tag));
        let unexpected =
            Error::Violation { side: Side::Upstream, expected: "an answer to a request", got: tag };
        match pending.ok_or(unexpected)? {
            Pending::Home => self.take_home(tag, &body, out)?,
            Pending::Place { of, which, name } => self.take_place(of, which, name, (tag, &body), out),
            Pending::Look { of } => self.take_look(of, tag, &body, out),
            Pending::Named { of, opens } => self.take_answer(of, opens, (tag, &body), out)?,
            Pending::Handle { id, to } => self.take_handle_answer(id, &to, (tag, &body), out)?,
            Pending::Free { id, free: Free::Limits } if tag == EXTENDED_REPLY => {
                extension::put_limits(&body, id, &self.limits, out.reply()).ok_or(malformed())?;
            }
            Pending::Free { id, .. } => frame::put_as(out.reply(), tag, id, &body),
        }
        Ok(())
    }

    /// The session starts: the agent learns what the target offers.
    fn take_home(&mut self, tag: u8, body: &[u8], out: &mut Actions) -> Result<(), Error> {
        let home = named_path(tag, body);
        self.home =
            home.ok_or(Error::Malformed { side: Side::Upstream, what: "no path for the home directory" })?;
        if let Some(offer) = self.offer.take() {
            offer.put(out.reply());
        }
        self.life = Life::Open;
        Ok(())
    }

    fn take_place(
        &mut self,
        of: Serial,
        which: Which,
        name: Option<String>,
        (tag, body): (u8, &[u8]),
        out: &mut Actions,
    ) {
        let Some(held) = self.queue.find_mut(of) else { return };
        match named_path(tag, body) {
            Some(path) => {
                held.put_place(which, Place::At(name.map_or(path.clone(), |name| join(&path, &name))));
            }
            None if held.failure.is_none() && tag == STATUS => held.failure = Some(body.to_vec()),
            None => {}
        }
        self.end_probe(of, out);
    }

    fn take_look(&mut self, of: Serial, tag: u8, body: &[u8], out: &mut Actions) {
        let Some(held) = self.queue.find_mut(of) else { return };
        let attributes = if tag == STATUS { None } else { Attributes::read(&mut Fields::of(body)) };
        // What is not there does not move; of what cannot be told, the worst is taken.
        let is_missing = tag == STATUS && code(tag, body) == NO_SUCH_FILE;
        held.directory = !is_missing && attributes.is_none_or(Attributes::is_directory);
        self.end_probe(of, out);
    }

    fn end_probe(&mut self, of: Serial, out: &mut Actions) {
        let Some(held) = self.queue.find_mut(of) else { return };
        held.probes = held.probes.saturating_sub(1);
        if held.probes == 0 {
            self.judge(of, out);
            self.take_turns(out);
        }
    }

    fn take_answer(
        &mut self,
        of: Serial,
        opens: Option<Access>,
        (tag, body): (u8, &Bytes),
        out: &mut Actions,
    ) -> Result<(), Error> {
        let Some(held) = self.queue.take(of) else { return Ok(()) };
        frame::put_as(out.reply(), tag, held.id, body);
        let Stage::ExpectAnswer(transfer, allow) = held.stage else { return Ok(()) };
        out.records.push(SftpRecord::Answered { transfer: transfer.clone(), code: code(tag, body) });
        if let (HANDLE, Some(access)) = (tag, opens) {
            let name = Fields::of(body).string().filter(|name| name.len() <= self.limits.handle_bytes_max);
            let name = body.slice_ref(name.ok_or(malformed())?);
            if !self.handles.insert(name, Handle::new(transfer, allow, access)) {
                return Err(Error::Malformed {
                    side: Side::Upstream,
                    what: "a handle that is in use already",
                });
            }
        }
        self.take_turns(out);
        Ok(())
    }

    fn take_handle_answer(
        &mut self,
        id: u32,
        to: &HandleUse,
        (tag, body): (u8, &[u8]),
        out: &mut Actions,
    ) -> Result<(), Error> {
        match to {
            HandleUse::Read { handle, offset } if tag != STATUS => {
                let data = Fields::of(body).string().ok_or(malformed())?;
                if let Some(handle) = self.handles.any_mut(handle) {
                    handle.read.take(*offset, data);
                }
            }
            HandleUse::Write { handle, .. } if code(tag, body) != OK => {
                if let Some(handle) = self.handles.any_mut(handle) {
                    handle.written.blur();
                    handle.sound = false;
                }
            }
            HandleUse::Close { handle } => {
                let closed = self.handles.end_close(handle);
                out.records.extend(closed.and_then(|handle| handle.close(code(tag, body) == OK)));
            }
            _ => {}
        }
        frame::put_as(out.reply(), tag, id, body);
        Ok(())
    }
}

fn malformed() -> Error {
    Error::Malformed { side: Side::Upstream, what: "an SFTP answer that is cut short" }
}

/// The one path that a NAME has, if it is a place: absolute, in normal form, text.
fn named_path(tag: u8, body: &[u8]) -> Option<String> {
    let mut fields = Fields::of(body);
    if tag != NAME || fields.u32()? != 1 {
        return None;
    }
    let path = std::str::from_utf8(fields.string()?).ok()?;
    (is_normal(path) && !path.contains('\0')).then(|| path.to_owned())
}

/// The code of a STATUS; whatever else is an answer is a success.
fn code(tag: u8, body: &[u8]) -> u32 {
    if tag == STATUS { Fields::of(body).u32().unwrap_or(FAILURE) } else { OK }
}
