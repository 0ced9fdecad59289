//! What stands between an agent's bytes and hyper: the strict check of every head, and a limit to how long
//! the agent may take over its next request.

use std::{
    cell::{Cell, RefCell},
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use narrows_wire::{
    http::{HttpLimits, Refused, RequestCheck},
    kubernetes::Status,
};
use tokio::time::{Sleep, sleep_until};

use crate::bounds::IDLE_AGENT_KEPT;

/// One connection's guard. All of it is used by the connection's own task.
pub(crate) struct Guard {
    check: RefCell<RequestCheck>,
    refused: Cell<Option<Refused>>,
    head_deadline: Duration,
    /// When the next request has to be there; `None` while one is being answered.
    due: Cell<Option<Instant>>,
    timer: RefCell<Pin<Box<Sleep>>>,
    /// Who reads on once the request is answered.
    kept_back: Cell<Option<Waker>>,
}

/// A call is being answered for as long as this lives.
pub(crate) struct Busy(Rc<Guard>);

impl Guard {
    /// Of a connection that has just been made secure.
    pub(crate) fn new(head_deadline: Duration) -> Guard {
        let due = Instant::now() + head_deadline;
        Guard {
            check: RefCell::new(RequestCheck::new(HttpLimits::default())),
            refused: Cell::new(None),
            head_deadline,
            due: Cell::new(Some(due)),
            timer: RefCell::new(Box::pin(sleep_until(due.into()))),
            kept_back: Cell::new(None),
        }
    }

    /// Whether what comes now is another request, and the one before it waits for its answer: it is kept back, so
    /// that hyper goes on looking for the agent's hang-up. The task is woken when that is over.
    pub(crate) fn keeps_back(&self, cx: &Context<'_>) -> bool {
        let keeps_back = self.is_busy() && self.check.borrow().expects_request();
        if keeps_back {
            self.kept_back.set(Some(cx.waker().clone()));
        }
        keeps_back
    }

    /// How many bytes of the front of `received` hyper may have. What is behind them is shown again.
    ///
    /// # Errors
    /// They are no plain HTTP/1.1, and nothing before them is left to take.
    pub(crate) fn look_at(&self, received: &[u8]) -> io::Result<usize> {
        if let Some(due) = self.due.get() {
            // A head has begun: it may not take longer than the first one.
            self.due.set(Some(due.min(Instant::now() + self.head_deadline)));
        }
        let checked = self.check.borrow_mut().feed(received);
        match checked.refused {
            Some(refused) if checked.good == 0 => {
                self.refused.set(Some(refused));
                Err(io::Error::new(io::ErrorKind::InvalidData, refused.what))
            }
            _ => Ok(checked.good),
        }
    }

    /// A request has been read; the agent owes nothing until it is answered.
    pub(crate) fn busy(self: &Rc<Guard>) -> Busy {
        self.due.set(None);
        Busy(Rc::clone(self))
    }

    /// Whether the agent waits for an answer.
    pub(crate) fn is_busy(&self) -> bool {
        self.due.get().is_none()
    }

    /// What follows is another protocol.
    pub(crate) fn upgraded(&self) {
        self.check.borrow_mut().upgraded();
    }

    /// What the agent is told whose request could not be passed to hyper.
    pub(crate) fn refusal(&self) -> Option<Status> {
        self.refused.get().map(|refused| Status::bad_request(&refused.to_string()))
    }

    /// Ready once the agent has taken too long.
    pub(crate) fn poll_overdue(&self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(due) = self.due.get() else { return Poll::Pending };
        let mut timer = self.timer.borrow_mut();
        if timer.deadline() != due.into() {
            timer.as_mut().reset(due.into());
        }
        timer.as_mut().poll(cx)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.due.set(Some(Instant::now() + IDLE_AGENT_KEPT));
        if let Some(waker) = self.0.kept_back.take() {
            waker.wake();
        }
    }
}
