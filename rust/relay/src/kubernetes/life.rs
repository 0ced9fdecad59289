//! What ends a session from outside: an order, or the end of its evidence.

use std::{
    cell::RefCell,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use narrows_wire::kubernetes::{Reason, Status};
use tokio::{
    sync::mpsc,
    time::{Sleep, sleep_until},
};

use super::ledger::Ledger;
use crate::{command::Command, time};

/// A session's mailbox and its time. All of it is polled by the task of the session's connection.
pub(crate) struct Life {
    commands: RefCell<mpsc::UnboundedReceiver<Command>>,
    expiry: RefCell<Option<Pin<Box<Sleep>>>>,
    ended: RefCell<Option<Status>>,
}

impl Life {
    /// Of a session that has no evidence yet which could run out.
    pub(crate) fn new(commands: mpsc::UnboundedReceiver<Command>) -> Life {
        Life { commands: RefCell::new(commands), expiry: RefCell::default(), ended: RefCell::default() }
    }

    /// Has it end at a time in milliseconds since 1970.
    pub(crate) fn expires(&self, time_ms: u64) {
        *self.expiry.borrow_mut() = Some(Box::pin(sleep_until(time::instant_of(time_ms).into())));
    }

    /// Why it has ended, if it has.
    pub(crate) fn has_ended(&self) -> Option<Status> {
        self.ended.borrow().clone()
    }

    /// Waits for its end, and meanwhile writes down what the control plane wants written down. The status is
    /// what its agent is told.
    pub(crate) async fn ended(&self, ledger: &Ledger) -> Status {
        poll_fn(|cx| self.poll_ended(cx, ledger)).await
    }

    /// As [`Life::ended`].
    pub(crate) fn poll_ended(&self, cx: &mut Context<'_>, ledger: &Ledger) -> Poll<Status> {
        if let Some(status) = self.has_ended() {
            return Poll::Ready(status);
        }
        let end = |status: Status| {
            ledger.end(status.message());
            *self.ended.borrow_mut() = Some(status.clone());
            Poll::Ready(status)
        };
        while let Poll::Ready(Some(command)) = self.commands.borrow_mut().poll_recv(cx) {
            match command {
                Command::Record(document) => ledger.event_text(&document),
                Command::Close(refusal) => {
                    let status = if ledger.shared.serves() {
                        Status::new(Reason::Forbidden, &said(&refusal.message, &refusal.hint))
                    } else {
                        Status::unavailable(&refusal.message, None)
                    };
                    return end(status);
                }
                Command::Rule { .. } | Command::Hold { .. } | Command::Cancel(_) => {}
            }
        }
        let expired =
            self.expiry.borrow_mut().as_mut().is_some_and(|timer| timer.as_mut().poll(cx).is_ready());
        if expired {
            return end(Status::unauthorized("the token has run out; present a fresh one"));
        }
        Poll::Pending
    }
}

fn said(message: &str, hint: &str) -> String {
    let separator = if hint.is_empty() { "" } else { "; " };
    format!("Narrows: {message}{separator}{hint}")
}
