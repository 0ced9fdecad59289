//! One call put to the cache, then to the control plane, and what comes of it: an answer, a wait for people,
//! a hang-up, or no time left.

use std::{
    cell::Cell,
    sync::Arc,
    time::{Duration, Instant},
};

use narrows_wire::{
    Scope, VerdictId,
    kubernetes::{ApiCall, ApiDeny, ApiVerdict, Reason, Status},
};
use serde_json::json;
use tokio::{sync::mpsc, time::sleep_until};

use super::{
    ledger::Ledger,
    session::Session,
    verdict::{CallAnswer, CallVerdict},
};
use crate::{
    asks::Expiry,
    event::{ApiCallAsked, AskWithdrawn, Event, Withdrawal},
    shared::Shared,
};

/// An ask that nobody waits for any more once this is dropped: hyper drops what an agent has hung up on.
pub(crate) struct Waiting<'a> {
    ledger: &'a Ledger,
    ask: u64,
    reason: Cell<Withdrawal>,
}

impl<'a> Waiting<'a> {
    pub(crate) fn new(ledger: &'a Ledger, ask: u64) -> Waiting<'a> {
        Waiting { ledger, ask, reason: Cell::new(Withdrawal::HangUp) }
    }

    /// Gives another reason than a hang-up for the end of the wait.
    pub(crate) fn end(&self, reason: Withdrawal) {
        self.reason.set(reason);
    }

    fn announce(&self, reason: Withdrawal) {
        let withdrawn = AskWithdrawn { ask: self.ask, session: self.ledger.session(), reason };
        self.ledger.shared.events.push(Event::AskWithdrawn(withdrawn));
        self.ledger.event(&json!({ "event": "withdrawn", "reason": reason.as_str() }));
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.ledger.shared.asks.withdraw(self.ask) {
            self.announce(self.reason.get());
        }
    }
}

/// Whether a call may wait for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// It is held for as long as they take.
    Waits,
    /// It is going on already, and ends.
    DoesNotWait,
}

/// Decides a call.
///
/// # Errors
/// What the agent is told when the session ends first.
pub(crate) async fn decide(
    session: &Session,
    call: &Arc<ApiCall>,
    patience: Patience,
) -> Result<CallVerdict, Status> {
    let shared = &session.ledger.shared;
    loop {
        let policy_epoch = shared.epochs.policy();
        let key = session.scene.key(call, policy_epoch);
        if let Some(verdict) = shared.call_verdicts.find(&key) {
            return Ok(verdict);
        }
        if shared.events.is_full() {
            return Ok(deny(shared, "queue_max", "there is too much to decide", Reason::TooManyRequests));
        }
        let verdict = ask(session, call, policy_epoch, patience).await?;
        if verdict.is_good_in(shared.epochs.policy()) {
            if shared.epochs.policy() == policy_epoch {
                shared.call_verdicts.keep(key, &verdict);
            }
            return Ok(verdict);
        }
        // Policy has moved since it was decided, so it was not.
    }
}

async fn ask(
    session: &Session,
    call: &Arc<ApiCall>,
    policy_epoch: u64,
    patience: Patience,
) -> Result<CallVerdict, Status> {
    let (ledger, shared) = (&session.ledger, &session.ledger.shared);
    let mut deadline = Instant::now() + shared.ask_deadline;
    let (mailbox, mut answers) = mpsc::unbounded_channel();
    let ask = shared.asks.open_call(deadline, mailbox);
    let waiting = Waiting::new(ledger, ask);
    let call = Arc::clone(call);
    let asked = ApiCallAsked { ask, session: ledger.session(), call, policy_epoch };
    shared.events.push(Event::ApiCallAsked(asked));
    let mut held = false;
    loop {
        let answer = tokio::select! {
            biased;
            Some(answer) = answers.recv() => answer,
            status = session.life.ended(ledger) => {
                waiting.end(Withdrawal::SessionClosed);
                return Err(status);
            }
            () = sleep_until(deadline.into()) => match shared.asks.expire(ask, Instant::now()) {
                // The answer is on its way.
                Expiry::Answered => {
                    deadline += shared.ask_deadline;
                    continue;
                }
                Expiry::Extended(later) => {
                    deadline = later;
                    continue;
                }
                Expiry::Withdrawn => {
                    waiting.announce(Withdrawal::Deadline);
                    return Ok(deny_late(shared, held));
                }
            },
        };
        match answer {
            CallAnswer::Ruled(verdict) => return Ok(verdict),
            CallAnswer::Held { .. } if patience == Patience::DoesNotWait => {
                waiting.end(Withdrawal::Cancelled);
                let reason = "policy has changed and wants an approval for it now";
                return Ok(deny(shared, "approval", reason, Reason::Forbidden));
            }
            CallAnswer::Held { deadline: until, notice } => {
                (deadline, held) = (until, true);
                let (message, detail) = (notice.message, notice.detail);
                ledger.event(&json!({ "event": "held", "ask": ask, "message": message, "detail": detail }));
            }
        }
    }
}

fn deny_late(shared: &Shared, held: bool) -> CallVerdict {
    if held {
        let reason = "nobody approved it in time; ask again, and tell an approver";
        return deny(shared, "approval-expired", reason, Reason::Forbidden);
    }
    let reason = "the control plane did not decide within ask_deadline_ms";
    deny(shared, "ask_deadline_ms", reason, Reason::TooManyRequests)
}

/// A denial of the data plane's own.
pub(crate) fn deny(shared: &Shared, rule: &str, reason: &str, answer: Reason) -> CallVerdict {
    let deny = ApiDeny {
        rule: rule.into(),
        reason: reason.into(),
        hint: if answer == Reason::TooManyRequests { "try again in a while".into() } else { "".into() },
        answer,
        scope: Scope::Once,
        policy_epoch: shared.epochs.policy(),
    };
    CallVerdict { id: VerdictId(shared.next_verdict()), verdict: ApiVerdict::Deny(Arc::new(deny)) }
}

/// What a token is told while there is too much to decide.
pub(crate) fn overloaded() -> Status {
    Status::too_many_requests("Narrows has too much to decide: queue_max is reached", 1)
}

/// What a token is told that nobody looked at in time.
pub(crate) fn unanswered(limit: Duration) -> Status {
    let message = format!("Narrows did not decide within ask_deadline_ms = {}", limit.as_millis());
    Status::too_many_requests(&message, 1)
}
