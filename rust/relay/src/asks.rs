//! Which asks are open. Whoever removes an ask from here has closed it: an answer, its withdrawal and
//! its deadline cannot both happen.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use narrows_wire::kubernetes::Status;
use tokio::sync::{mpsc, oneshot};

use crate::{
    command::{Admission, Command, Notice, Refusal, Ruling},
    kubernetes::{CallAnswer, CallVerdict, ClusterAdmission},
};

/// Where a session receives commands. At most one answer per ask and what people send by hand goes
/// through it, so it needs no bound of its own.
pub(crate) type Mailbox = mpsc::UnboundedSender<Command>;

/// The open asks of this process.
#[derive(Debug, Default)]
pub(crate) struct Asks {
    open: Mutex<HashMap<u64, OpenAsk>>,
    last: AtomicU64,
}

#[derive(Debug)]
struct OpenAsk {
    deadline: Instant,
    answer_to: AnswerTo,
}

#[derive(Debug)]
enum AnswerTo {
    Open(oneshot::Sender<Result<Box<Admission>, Refusal>>),
    Statement(Mailbox),
    ClusterOpen(oneshot::Sender<ClusterAnswer>),
    Call(CallMailbox),
}

/// The answer to a bearer token that wants a session.
pub(crate) type ClusterAnswer = Result<Box<ClusterAdmission>, Status>;

/// Where one call receives its answer.
pub(crate) type CallMailbox = mpsc::UnboundedSender<CallAnswer>;

/// What became of an ask whose deadline was thought to have passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expiry {
    /// It had, and the ask is closed.
    Withdrawn,
    /// It was moved to a later time.
    Extended(Instant),
    /// An answer came first and is in the mailbox.
    Answered,
}

impl Asks {
    /// Opens an ask for a session; the answer arrives once.
    pub(crate) fn open_session(
        &self,
        deadline: Instant,
    ) -> (u64, oneshot::Receiver<Result<Box<Admission>, Refusal>>) {
        let (sender, receiver) = oneshot::channel();
        (self.insert(OpenAsk { deadline, answer_to: AnswerTo::Open(sender) }), receiver)
    }

    /// Opens an ask for a statement; the ruling arrives in `mailbox`.
    pub(crate) fn open_statement(&self, deadline: Instant, mailbox: Mailbox) -> u64 {
        self.insert(OpenAsk { deadline, answer_to: AnswerTo::Statement(mailbox) })
    }

    /// Opens an ask for a session on a cluster; the answer arrives once.
    pub(crate) fn open_cluster(&self, deadline: Instant) -> (u64, oneshot::Receiver<ClusterAnswer>) {
        let (sender, receiver) = oneshot::channel();
        (self.insert(OpenAsk { deadline, answer_to: AnswerTo::ClusterOpen(sender) }), receiver)
    }

    /// Opens an ask for an API call; what becomes of it arrives in `mailbox`.
    pub(crate) fn open_call(&self, deadline: Instant, mailbox: CallMailbox) -> u64 {
        self.insert(OpenAsk { deadline, answer_to: AnswerTo::Call(mailbox) })
    }

    /// Answers an ask for a session. False when it is none or no longer open.
    pub(crate) fn answer_session(&self, ask: u64, answer: Result<Box<Admission>, Refusal>) -> bool {
        match self.take(ask, |answer_to| matches!(answer_to, AnswerTo::Open(_))) {
            Some(AnswerTo::Open(sender)) => sender.send(answer).is_ok(),
            _ => false,
        }
    }

    /// Answers an ask for a statement. False when it is none or no longer open.
    pub(crate) fn answer_statement(&self, ask: u64, ruling: Ruling) -> bool {
        match self.take(ask, |answer_to| matches!(answer_to, AnswerTo::Statement(_))) {
            Some(AnswerTo::Statement(mailbox)) => mailbox.send(Command::Rule { ask, ruling }).is_ok(),
            _ => false,
        }
    }

    /// Answers an ask for a session on a cluster. False when it is none or no longer open.
    pub(crate) fn answer_cluster(&self, ask: u64, answer: ClusterAnswer) -> bool {
        match self.take(ask, |answer_to| matches!(answer_to, AnswerTo::ClusterOpen(_))) {
            Some(AnswerTo::ClusterOpen(sender)) => sender.send(answer).is_ok(),
            _ => false,
        }
    }

    /// Answers an ask for an API call. False when it is none or no longer open.
    pub(crate) fn answer_call(&self, ask: u64, verdict: CallVerdict) -> bool {
        match self.take(ask, |answer_to| matches!(answer_to, AnswerTo::Call(_))) {
            Some(AnswerTo::Call(mailbox)) => mailbox.send(CallAnswer::Ruled(verdict)).is_ok(),
            _ => false,
        }
    }

    /// Moves the deadline of an ask for an operation and tells the agent why it waits.
    pub(crate) fn hold(&self, ask: u64, deadline: Instant, notice: Notice) -> bool {
        let mut open = self.lock();
        let Some(OpenAsk { deadline: at, answer_to }) = open.get_mut(&ask) else { return false };
        let told = match answer_to {
            AnswerTo::Open(_) | AnswerTo::ClusterOpen(_) => return false,
            AnswerTo::Statement(mailbox) => mailbox.send(Command::Hold { ask, deadline, notice }).is_ok(),
            AnswerTo::Call(mailbox) => mailbox.send(CallAnswer::Held { deadline, notice }).is_ok(),
        };
        *at = deadline;
        told
    }

    /// Closes an ask without an answer. False when an answer came first.
    pub(crate) fn withdraw(&self, ask: u64) -> bool {
        self.lock().remove(&ask).is_some()
    }

    /// Closes an ask whose deadline has passed, unless it was answered or extended meanwhile.
    pub(crate) fn expire(&self, ask: u64, now: Instant) -> Expiry {
        let mut open = self.lock();
        let Some(entry) = open.get(&ask) else { return Expiry::Answered };
        if entry.deadline > now {
            return Expiry::Extended(entry.deadline);
        }
        open.remove(&ask);
        Expiry::Withdrawn
    }

    /// How many are open.
    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Closes an ask, if it is open and of the kind that is answered.
    fn take(&self, ask: u64, fits: impl FnOnce(&AnswerTo) -> bool) -> Option<AnswerTo> {
        let mut open = self.lock();
        if !fits(&open.get(&ask)?.answer_to) {
            return None;
        }
        open.remove(&ask).map(|closed| closed.answer_to)
    }

    fn insert(&self, entry: OpenAsk) -> u64 {
        let ask = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        self.lock().insert(ask, entry);
        ask
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, OpenAsk>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::command::Ruling;

    fn refusal() -> Refusal {
        Refusal { sqlstate: *b"28000", message: "no".into(), hint: String::new() }
    }

    fn notice() -> Notice {
        Notice { message: "wait".into(), detail: String::new(), hint: String::new() }
    }

    #[test]
    fn an_ask_is_closed_once_by_whoever_comes_first() {
        let asks = Asks::default();
        let (mailbox, mut inbox) = mpsc::unbounded_channel();
        let ask = asks.open_statement(Instant::now(), mailbox);
        assert!(asks.answer_statement(ask, Ruling::denied_for_tests()));
        assert!(!asks.answer_statement(ask, Ruling::denied_for_tests()));
        assert!(!asks.withdraw(ask));
        assert_eq!(asks.expire(ask, Instant::now()), Expiry::Answered);
        assert!(matches!(inbox.try_recv(), Ok(Command::Rule { .. })));
        assert!(inbox.try_recv().is_err());
        assert_eq!(asks.len(), 0);
    }

    #[test]
    fn an_answer_of_the_wrong_kind_leaves_the_ask_open() {
        let asks = Asks::default();
        let (mailbox, _inbox) = mpsc::unbounded_channel();
        let statement = asks.open_statement(Instant::now(), mailbox);
        let (session, _answer) = asks.open_session(Instant::now());
        assert!(!asks.answer_session(statement, Err(refusal())));
        assert!(!asks.answer_statement(session, Ruling::denied_for_tests()));
        assert!(!asks.hold(session, Instant::now(), notice()));
        assert_eq!(asks.len(), 2);
    }

    #[test]
    fn a_hold_moves_the_deadline() {
        let asks = Asks::default();
        let (mailbox, mut inbox) = mpsc::unbounded_channel();
        let now = Instant::now();
        let ask = asks.open_statement(now, mailbox);
        let later = now + Duration::from_secs(60);
        assert!(asks.hold(ask, later, notice()));
        assert_eq!(asks.expire(ask, now), Expiry::Extended(later));
        assert!(matches!(inbox.try_recv(), Ok(Command::Hold { .. })));
        assert_eq!(asks.expire(ask, later), Expiry::Withdrawn);
        assert!(!asks.hold(ask, later, notice()));
    }
}
