//! From the places that paths lead to, to a verdict, to what goes up.

use bytes::{Bytes, BytesMut};

use super::inspector::{Actions, SftpInspector};
use super::pending::Pending;
use super::queue::{Serial, Stage};
use super::record::SftpRecord;
use super::status::{Refusal, put_name};
use super::transfer::Transfer;
use super::verdict::{Allow, Verdict};
use crate::Side;

impl SftpInspector {
    /// It is known where the paths lead: a verdict that stands decides, or policy is asked.
    pub(super) fn judge(&mut self, serial: Serial, out: &mut Actions) {
        let Some(held) = self.queue.find_mut(serial) else { return };
        let transfer = held.transfer();
        match self.verdicts.find(&transfer) {
            Some(verdict) => self.apply(serial, transfer, &verdict, out),
            None => self.ask_about(serial, transfer, out),
        }
    }

    /// A verdict is in: the request goes up, or is answered here.
    pub(super) fn decide(&mut self, serial: Serial, verdict: &Verdict, out: &mut Actions) {
        let Some(held) = self.queue.find_mut(serial) else { return };
        let Stage::ExpectVerdict(_, transfer) = &held.stage else { return };
        let transfer = transfer.clone();
        if let Verdict::Allow(allow) = verdict
            && !self.verdicts.is_current(allow)
        {
            return self.ask_about(serial, transfer, out);
        }
        self.verdicts.keep(&transfer, verdict);
        self.apply(serial, transfer, verdict, out);
    }

    fn apply(&mut self, serial: Serial, transfer: Transfer, verdict: &Verdict, out: &mut Actions) {
        out.records.push(decided(&transfer, verdict));
        match verdict {
            Verdict::Allow(allow) => self.allow(serial, transfer, allow, out),
            Verdict::Deny(deny) => self.answer(serial, out, |id, out| deny.refusal().put(id, out)),
        }
    }

    /// A handle of an earlier policy is judged anew.
    pub(super) fn recheck(&mut self, name: &[u8], verdict: &Verdict, out: &mut Actions) {
        let Ok(handle) = self.handles.known(name) else { return };
        let transfer = handle.transfer.clone();
        match verdict {
            Verdict::Allow(allow) if self.verdicts.is_current(allow) => handle.allow = allow.clone(),
            Verdict::Allow(_) => {
                let id = self.ask(transfer, out);
                self.rechecks.insert(id, Bytes::copy_from_slice(name));
                return;
            }
            Verdict::Deny(deny) => handle.revoked = Some(deny.refusal()),
        }
        out.records.push(decided(&transfer, verdict));
    }

    fn ask_about(&mut self, serial: Serial, transfer: Transfer, out: &mut Actions) {
        let ask = self.ask(transfer.clone(), out);
        if let Some(held) = self.queue.find_mut(serial) {
            held.stage = Stage::ExpectVerdict(ask, transfer);
        }
    }

    fn allow(&mut self, serial: Serial, transfer: Transfer, allow: &Allow, out: &mut Actions) {
        let handles = self.handles.len() + self.outstanding.openings();
        let Some(held) = self.queue.find_mut(serial) else { return };
        let opens = held.request.kind.opens();
        if !transfer.resolved {
            let refusal = held.unresolved();
            return self.answer(serial, out, |id, out| refusal.put(id, out));
        }
        if held.request.kind.only_resolves() {
            return self.answer(serial, out, |id, out| put_name(id, &transfer.path, out));
        }
        if opens.is_some() && handles >= self.limits.handles_max {
            let refusal = Refusal::failure("there are as many open handles as the limit handles_max allows");
            return self.answer(serial, out, |id, out| refusal.put(id, out));
        }
        let up = self.outstanding.expect(Pending::Named { of: serial, opens });
        let (path, other) = (held.path.text(), held.other_text());
        held.request.put(up, path, other, out.forwarding(Side::Upstream, allow.permit()));
        held.stage = Stage::ExpectAnswer(transfer, allow.clone());
    }

    /// A request is answered here and its place in the queue free. Whoever calls this lets others have their
    /// turn.
    fn answer(&mut self, serial: Serial, out: &mut Actions, put: impl FnOnce(u32, &mut BytesMut)) {
        if let Some(held) = self.queue.take(serial) {
            put(held.id, out.reply());
        }
    }
}

fn decided(transfer: &Transfer, verdict: &Verdict) -> SftpRecord {
    let (allowed, rule) = match verdict {
        Verdict::Allow(allow) => (true, &allow.rule),
        Verdict::Deny(deny) => (false, &deny.rule),
    };
    SftpRecord::Decided { transfer: transfer.clone(), allowed, rule: rule.clone() }
}
