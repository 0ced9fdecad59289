//! The public face of one SFTP session, and the state that its two sides share.

use std::collections::{HashMap, HashSet};

use bytes::{Bytes, BytesMut};

use super::extension::Offer;
use super::handles::Handles;
use super::limits::SftpLimits;
use super::pending::Outstanding;
use super::queue::Queue;
use super::record::SftpRecord;
use super::status::Refusal;
use super::transfer::{Ask, Transfer};
use super::verdict::{Verdict, Verdicts};
use crate::{AskId, Close, Error, Inspector, Side};

/// What an SFTP session wants done.
pub(super) type Actions = crate::Actions<Ask, SftpRecord>;

/// Inspects the SFTP subsystem's bytes on one channel, from its first.
///
/// After every `feed` and `resolve` of either side the other side's leftover input may be takeable again:
/// whoever drives this offers it whenever [`Inspector::wants_input`] says so.
#[derive(Debug)]
pub struct SftpInspector {
    pub(super) limits: SftpLimits,
    pub(super) life: Life,
    /// What the target offers, until the agent is told.
    pub(super) offer: Option<Offer>,
    /// Where relative paths start.
    pub(super) home: String,
    pub(super) outstanding: Outstanding,
    pub(super) queue: Queue,
    pub(super) handles: Handles,
    pub(super) verdicts: Verdicts,
    /// Asks whether handles that were opened under an earlier policy may still be used.
    pub(super) rechecks: HashMap<AskId, Bytes>,
    asks: u64,
}

/// What a session waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    ExpectInit,
    ExpectVersion,
    ExpectHome,
    Open,
    Ended,
}

impl SftpInspector {
    /// A session that waits for the agent's INIT.
    #[must_use]
    pub fn new(limits: SftpLimits, policy_epoch: u64) -> SftpInspector {
        let verdicts = Verdicts::new(limits.verdicts_max, policy_epoch);
        SftpInspector {
            limits,
            life: Life::ExpectInit,
            offer: None,
            home: String::new(),
            outstanding: Outstanding::default(),
            queue: Queue::default(),
            handles: Handles::default(),
            verdicts,
            rechecks: HashMap::new(),
            asks: 0,
        }
    }

    /// Policy has moved. What was decided is asked again: for each open handle at once, and until that is
    /// answered the agent is not read from. An ask that is open stays so; an answer from before asks anew.
    pub fn set_policy_epoch(&mut self, policy_epoch: u64, out: &mut Actions) {
        self.verdicts.set_epoch(policy_epoch);
        let asked: HashSet<_> = self.rechecks.values().cloned().collect();
        let opened: Vec<_> = self
            .handles
            .opened()
            .filter(|(name, _)| !asked.contains(*name))
            .map(|(name, transfer)| (name.clone(), transfer.clone()))
            .collect();
        for (name, transfer) in opened {
            let id = self.ask(transfer, out);
            self.rechecks.insert(id, name);
        }
    }

    /// The channel is at its end: nothing is forwarded any more, and what is open is closed unconfirmed.
    pub fn hang_up(&mut self, out: &mut Actions) {
        self.life = Life::Ended;
        self.queue.clear();
        self.rechecks.clear();
        out.records.extend(self.handles.drain().filter_map(|handle| handle.close(false)));
    }

    /// Puts an operation to policy.
    pub(super) fn ask(&mut self, transfer: Transfer, out: &mut Actions) -> AskId {
        self.asks += 1;
        let id = AskId(self.asks);
        out.asks.push(Ask { id, transfer });
        id
    }

    /// Answers the agent's request `id` without policy.
    pub(super) fn refuse(id: u32, refusal: &Refusal, out: &mut Actions) {
        refusal.put(id, out.reply());
        out.records.push(SftpRecord::Refused { message: refusal.message.clone() });
    }

    fn fail(&mut self, error: &Error, out: &mut Actions) {
        out.close.get_or_insert_with(|| Close { reason: error.to_string() });
        self.hang_up(out);
    }
}

impl Inspector for SftpInspector {
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
        if let Some(name) = self.rechecks.remove(&ask) {
            self.recheck(&name, verdict, out);
            return Ok(());
        }
        let asked = self.queue.asked(ask);
        let serial = asked.ok_or(Error::Misuse { what: "a verdict for an ask that is not open" })?;
        self.decide(serial, verdict, out);
        self.take_turns(out);
        Ok(())
    }

    fn wants_input(&self, from: Side) -> bool {
        match from {
            Side::Upstream => self.life != Life::Ended,
            Side::Downstream => {
                matches!(self.life, Life::ExpectInit | Life::Open)
                    && self.rechecks.is_empty()
                    && self.queue.len() < self.limits.held_max
                    && self.outstanding.len() < self.limits.outstanding_max
            }
        }
    }
}
