//! A flood of asks, to show that the seam loses none: not part of serving anybody.

use std::{
    collections::HashSet,
    thread,
    time::{Duration, Instant},
};

use narrows_journal::SessionId;
use narrows_wire::{Epoch, Phase, Statement, TransactionStatus};
use tokio::sync::mpsc;

use crate::{
    Plane,
    command::Command,
    event::{AskWithdrawn, Event, StatementAsked, Withdrawal},
    shared::Shared,
};

/// Asks that one flooding thread has open at a time.
const OPEN_MAX: usize = 256;

/// How long a thread waits for its last answers before it calls them lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// What became of the asks. Those that are in none of the three are lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Answered by the control plane.
    pub answered: u64,
    /// Withdrawn before that.
    pub withdrawn: u64,
    /// Answers to asks that were not open.
    pub stray: u64,
}

/// Opens `asks` asks from `threads` threads, withdraws about every third at a random moment, and waits
/// for the answers to the others.
#[must_use]
pub fn run(plane: &Plane, asks: u64, threads: u64, seed: u64) -> Outcome {
    let threads = threads.max(1);
    let each = |thread: u64| asks / threads + u64::from(thread < asks % threads);
    let outcomes: Vec<Outcome> = thread::scope(|scope| {
        let floods: Vec<_> = (0..threads)
            .map(|thread| scope.spawn(move || flood(plane.shared(), each(thread), seed + thread)))
            .collect();
        floods.into_iter().filter_map(|flood| flood.join().ok()).collect()
    });
    outcomes.into_iter().fold(Outcome::default(), |sum, outcome| Outcome {
        answered: sum.answered + outcome.answered,
        withdrawn: sum.withdrawn + outcome.withdrawn,
        stray: sum.stray + outcome.stray,
    })
}

fn flood(shared: &Shared, asks: u64, seed: u64) -> Outcome {
    let session = shared.next_session();
    let (mailbox, mut answers) = mpsc::unbounded_channel();
    let statement = statement();
    let (mut outcome, mut open, mut random) = (Outcome::default(), HashSet::new(), Random(seed | 1));
    for _ in 0..asks {
        while open.len() >= OPEN_MAX || shared.events.is_full() {
            take_answers(&mut answers, &mut open, &mut outcome);
            thread::yield_now();
        }
        let ask = shared.asks.open_statement(Instant::now() + PATIENCE, mailbox.clone());
        open.insert(ask);
        let (statement, epoch) = (statement.clone(), Epoch::default());
        shared.events.push(Event::StatementAsked(StatementAsked { ask, session, statement, epoch }));
        take_answers(&mut answers, &mut open, &mut outcome);
        if random.next() % 3 == 0 {
            // A set of numbers has no order, so this is any of them.
            let any = open.iter().next().copied().unwrap_or(ask);
            withdraw(shared, session, any, &mut open, &mut outcome);
        }
    }
    let give_up = Instant::now() + PATIENCE;
    while !open.is_empty() && Instant::now() < give_up {
        take_answers(&mut answers, &mut open, &mut outcome);
        thread::yield_now();
    }
    outcome
}

fn take_answers(
    answers: &mut mpsc::UnboundedReceiver<Command>,
    open: &mut HashSet<u64>,
    outcome: &mut Outcome,
) {
    while let Ok(Command::Rule { ask, .. }) = answers.try_recv() {
        if open.remove(&ask) {
            outcome.answered += 1;
        } else {
            outcome.stray += 1;
        }
    }
}

fn withdraw(shared: &Shared, session: SessionId, ask: u64, open: &mut HashSet<u64>, outcome: &mut Outcome) {
    // Where this fails, the answer is on its way.
    if shared.asks.withdraw(ask) {
        open.remove(&ask);
        outcome.withdrawn += 1;
        let reason = Withdrawal::HangUp;
        shared.events.push(Event::AskWithdrawn(AskWithdrawn { ask, session, reason }));
    }
}

fn statement() -> Statement {
    Statement {
        phase: Phase::Query,
        text: "select 1".into(),
        parameter_types: [].into(),
        parameters: None,
        transaction: TransactionStatus::Idle,
        settings_epoch: 0,
    }
}

/// Marsaglia's xorshift: repeatable, and good enough to be unforeseen.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
