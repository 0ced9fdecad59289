//! The one ask that may hold a session: put to the cache, then to the control plane, then answered,
//! extended, cancelled or out of time.

use std::{sync::Arc, time::Instant};

use narrows_wire::{
    Ask, AskId, Deny, Epoch, Inspector, Operation, Scope, Side, Statement, Verdict, VerdictId,
};
use serde_json::json;

use crate::{
    asks::Expiry,
    command::{Notice, Ruling},
    event::{AskWithdrawn, Event, StatementAsked, Withdrawal},
    pump::{Pump, Stop},
    verdicts::Key,
};

/// What holds the agent's side.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) deadline: Instant,
    /// The inspector's name for it.
    id: AskId,
    /// The control plane's name for it.
    ask: u64,
    statement: Statement,
    key: Option<Key>,
    /// The epoch in which it was asked.
    epoch: Epoch,
    /// Whether people were asked.
    extended: bool,
}

impl Pump<'_, '_> {
    /// Answers what the inspector asks from the cache, or puts it to the control plane. True when the
    /// agent's side may go on.
    pub(crate) fn answer_asks(&mut self) -> Result<bool, Stop> {
        let mut answered = false;
        while let Some(Ask { id, operation: Operation::Statement(statement) }) = self.actions.asks.pop() {
            let key = self.scene.key(&statement, self.epoch);
            let verdicts = &self.session.shared.verdicts;
            if let Some(verdict) = key.and_then(|key| verdicts.find(&key, self.epoch)) {
                self.resolve(id, &verdict)?;
            } else if self.session.shared.events.is_full() {
                let verdict = self.deny(
                    "queue_max",
                    "the control plane has too much to decide",
                    "Try again in a while.",
                );
                self.resolve(id, &verdict)?;
            } else {
                self.put(id, statement, key);
                return Ok(false);
            }
            answered = true;
        }
        Ok(answered)
    }

    /// The control plane has answered.
    pub(crate) fn rule(&mut self, ask: u64, ruling: Ruling) -> Result<(), Stop> {
        let Some(held) = self.held.take_if(|held| held.ask == ask) else { return Ok(()) };
        self.observe_epochs();
        let Some(verdict) = ruling.verdict(self.epoch) else {
            // Something has moved since it was decided, so it was not.
            let key = self.scene.key(&held.statement, self.epoch);
            self.put(held.id, held.statement, key);
            return Ok(());
        };
        if let Some(key) = held.key {
            self.session.shared.verdicts.keep(key, held.epoch, &verdict);
        }
        self.settle(held.id, &verdict)
    }

    /// The ask waits on people.
    pub(crate) fn hold(&mut self, ask: u64, deadline: Instant, notice: &Notice) -> Result<(), Stop> {
        let Some(held) = self.held.as_mut().filter(|held| held.ask == ask) else { return Ok(()) };
        held.deadline = deadline;
        held.extended = true;
        let Notice { message, detail, hint } = notice;
        let event = json!({ "event": "held", "ask": ask, "message": message, "detail": detail });
        // Whatever is sent next waits for this too.
        drop(self.session.recorder.event(&event).map_err(Stop::Journal)?);
        self.inspector.notice(message, detail, hint, &mut self.actions);
        self.arm();
        Ok(())
    }

    /// The agent cancels what it waits for.
    pub(crate) fn cancel_held(&mut self) -> Result<(), Stop> {
        self.withdraw_held(Withdrawal::Cancelled)?;
        self.inspector.cancel_held(&mut self.actions);
        self.arm();
        self.inspect(Side::Downstream)
    }

    /// Denies what has been held for too long.
    pub(crate) fn expire_held(&mut self, now: Instant) -> Result<(), Stop> {
        let Some(held) = self.held.as_mut().filter(|held| held.deadline <= now) else { return Ok(()) };
        match self.session.shared.asks.expire(held.ask, now) {
            // The answer is in the mailbox, and the mailbox is read first.
            Expiry::Answered => {
                held.deadline = now + self.session.shared.ask_deadline;
                Ok(())
            }
            Expiry::Extended(deadline) => {
                held.deadline = deadline;
                Ok(())
            }
            Expiry::Withdrawn => self.deny_late(),
        }
    }

    /// Tells the control plane that no answer is wanted any more.
    pub(crate) fn withdraw_held(&mut self, reason: Withdrawal) -> Result<(), Stop> {
        let Some(held) = self.held.take() else { return Ok(()) };
        if self.session.shared.asks.withdraw(held.ask) {
            self.announce(held.ask, reason);
        }
        self.record_withdrawal(reason)
    }

    fn deny_late(&mut self) -> Result<(), Stop> {
        let Some(held) = self.held.take() else { return Ok(()) };
        self.announce(held.ask, Withdrawal::Deadline);
        self.record_withdrawal(Withdrawal::Deadline)?;
        let verdict = if held.extended {
            self.deny("approval-expired", "nobody approved it in time", "Ask again, and tell an approver.")
        } else {
            let reason = "the control plane did not decide within ask_deadline_ms";
            self.deny("ask_deadline_ms", reason, "Try again in a while.")
        };
        self.settle(held.id, &verdict)
    }

    /// Resolves what held the agent's side and goes on with what it has sent since.
    fn settle(&mut self, id: AskId, verdict: &Verdict) -> Result<(), Stop> {
        self.resolve(id, verdict)?;
        self.answer_asks()?;
        self.arm();
        self.inspect(Side::Downstream)
    }

    fn resolve(&mut self, id: AskId, verdict: &Verdict) -> Result<(), Stop> {
        self.session.recorder.introduce(verdict);
        self.inspector.resolve(id, verdict, &mut self.actions).map_err(|error| Stop::Done(error.to_string()))
    }

    fn put(&mut self, id: AskId, statement: Statement, key: Option<Key>) {
        let shared = &self.session.shared;
        let deadline = Instant::now() + shared.ask_deadline;
        let ask = shared.asks.open_statement(deadline, self.session.mailbox.clone());
        shared.events.push(Event::StatementAsked(StatementAsked {
            ask,
            session: self.session.recorder.session(),
            statement: statement.clone(),
            epoch: self.epoch,
        }));
        self.held = Some(Held { deadline, id, ask, statement, key, epoch: self.epoch, extended: false });
        self.arm();
    }

    fn deny(&self, rule: &str, reason: &str, hint: &str) -> Verdict {
        Verdict::Deny(Arc::new(Deny {
            id: VerdictId(self.session.shared.next_verdict()),
            rule: rule.into(),
            reason: reason.into(),
            hint: hint.into(),
            sqlstate: *b"42501",
            scope: Scope::Once,
            epoch: self.epoch,
        }))
    }

    fn announce(&self, ask: u64, reason: Withdrawal) {
        let session = self.session.recorder.session();
        self.session.shared.events.push(Event::AskWithdrawn(AskWithdrawn { ask, session, reason }));
    }

    fn record_withdrawal(&mut self, reason: Withdrawal) -> Result<(), Stop> {
        let event = json!({ "event": "withdrawn", "reason": reason.as_str() });
        self.session.recorder.event(&event).map_err(Stop::Journal).map(drop)
    }
}
