//! The way up: a queue of events and an eventfd that is readable while any wait.
//!
//! The eventfd is written only when `pending` flips to true, so a burst costs one system call. To lose
//! no wake-up, the drain clears the eventfd first, then the flag, and takes events last: whoever pushes
//! after the flag is cleared writes again, and what was pushed before is there to be taken.

use std::{
    io,
    os::fd::{AsFd, AsRawFd, OwnedFd, RawFd},
    sync::atomic::{AtomicBool, Ordering},
};

use crossbeam_queue::SegQueue;
use rustix::{
    event::{EventfdFlags, eventfd},
    io::Errno,
};

use crate::event::Event;

/// Events on their way to the control plane.
///
/// Only asks are refused when it is full. Every other event follows from an ask or a connection, and
/// both stop being taken on while the queue is full, so it is bounded all the same.
#[derive(Debug)]
pub(crate) struct EventQueue {
    events: SegQueue<Event>,
    asks_max: usize,
    pending: AtomicBool,
    eventfd: OwnedFd,
}

impl EventQueue {
    /// An empty queue that refuses asks from `asks_max` waiting events on.
    pub(crate) fn new(asks_max: usize) -> io::Result<EventQueue> {
        let eventfd = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(EventQueue { events: SegQueue::new(), asks_max, pending: AtomicBool::new(false), eventfd })
    }

    /// The descriptor that is readable while events wait.
    pub(crate) fn fileno(&self) -> RawFd {
        self.eventfd.as_fd().as_raw_fd()
    }

    /// Whether no further ask or connection may be taken on.
    pub(crate) fn is_full(&self) -> bool {
        self.events.len() >= self.asks_max
    }

    /// Events waiting.
    pub(crate) fn len(&self) -> usize {
        self.events.len()
    }

    /// Adds an event and wakes the control plane if it was not woken already.
    pub(crate) fn push(&self, event: Event) {
        self.events.push(event);
        self.wake();
    }

    /// Takes up to `events_max` events, in order. The descriptor stays readable when more wait.
    pub(crate) fn drain(&self, events_max: usize) -> Vec<Event> {
        self.rest();
        self.pending.store(false, Ordering::SeqCst);
        let mut drained = Vec::with_capacity(events_max.min(self.events.len()));
        while drained.len() < events_max {
            let Some(event) = self.events.pop() else { return drained };
            drained.push(event);
        }
        if !self.events.is_empty() {
            self.wake();
        }
        drained
    }

    fn wake(&self) {
        if self.pending.swap(true, Ordering::SeqCst) {
            return;
        }
        // A full counter (EAGAIN) is readable already, which is all that is wanted.
        while let Err(Errno::INTR) = rustix::io::write(&self.eventfd, &1u64.to_ne_bytes()) {}
    }

    fn rest(&self) {
        let mut counter = [0; 8];
        while let Err(Errno::INTR) = rustix::io::read(&self.eventfd, &mut counter) {}
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, thread};

    use super::*;
    use crate::event::JournalFailed;

    fn event(reason: &str) -> Event {
        Event::JournalFailed(JournalFailed { reason: reason.to_owned() })
    }

    fn readable(queue: &EventQueue, timeout_ms: i32) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let timeout = Timespec {
            tv_sec: i64::from(timeout_ms / 1000),
            tv_nsec: i64::from(timeout_ms % 1000) * 1_000_000,
        };
        let mut fds = [PollFd::new(&queue.eventfd, PollFlags::IN)];
        poll(&mut fds, Some(&timeout)).unwrap() == 1
    }

    #[test]
    fn stays_readable_until_the_last_event_is_drained() {
        let queue = EventQueue::new(10).unwrap();
        assert!(!readable(&queue, 0));
        for reason in ["a", "b", "c"] {
            queue.push(event(reason));
        }
        assert_eq!(queue.drain(2).len(), 2);
        assert!(readable(&queue, 0));
        assert_eq!(queue.drain(2).len(), 1);
        assert!(!readable(&queue, 0));
    }

    #[test]
    fn says_when_it_is_full_and_still_takes_what_must_not_be_lost() {
        let queue = EventQueue::new(1).unwrap();
        assert!(!queue.is_full());
        queue.push(event("a"));
        assert!(queue.is_full());
        queue.push(event("b"));
        assert_eq!(queue.drain(10).len(), 2);
    }

    #[test]
    fn loses_no_wake_up_under_concurrent_pushes() {
        const EACH: usize = 50_000;
        let queue = Arc::new(EventQueue::new(usize::MAX).unwrap());
        let pushers: Vec<_> = (0..4)
            .map(|_| {
                let queue = Arc::clone(&queue);
                thread::spawn(move || (0..EACH).for_each(|_| queue.push(event(""))))
            })
            .collect();
        let mut drained = 0;
        while drained < 4 * EACH {
            assert!(readable(&queue, 10_000), "a wake-up was lost after {drained} events");
            drained += queue.drain(64).len();
        }
        for pusher in pushers {
            pusher.join().unwrap();
        }
        assert_eq!(queue.len(), 0);
    }
}
