//! Connections to API servers that wait for their next call.
//!
//! Each worker has its own: a connection is driven by the thread that made it.

use std::{
    cell::RefCell,
    collections::HashMap,
    time::{Duration, Instant},
};

use hyper::client::conn::http1::SendRequest;

use super::{cluster::Identity, whole::Whole};
use crate::bounds::{IDLE_CONNECTION_KEPT, IDLE_CONNECTIONS_MAX};

/// Where the requests of one connection to an API server go in.
pub(crate) type Sender = SendRequest<Whole>;

thread_local! {
    static IDLE: RefCell<Pool> = RefCell::default();
}

#[derive(Default)]
struct Pool {
    idle: HashMap<Identity, Vec<Idle>>,
    swept: Option<Instant>,
}

struct Idle {
    sender: Sender,
    since: Instant,
}

impl Idle {
    fn is_good(&self, now: Instant) -> bool {
        !self.sender.is_closed() && now.duration_since(self.since) < IDLE_CONNECTION_KEPT
    }
}

/// A connection that waits for a call, the one used last first.
pub(crate) fn take(identity: &Identity) -> Option<Sender> {
    let now = Instant::now();
    IDLE.with_borrow_mut(|pool| {
        let idle = pool.idle.get_mut(identity)?;
        while let Some(last) = idle.pop() {
            if last.is_good(now) {
                return Some(last.sender);
            }
        }
        None
    })
}

/// Keeps a connection whose call is over, for the next one with all the same terms.
pub(crate) fn keep(identity: &Identity, sender: Sender) {
    let now = Instant::now();
    IDLE.with_borrow_mut(|pool| {
        pool.sweep(now);
        let idle = pool.idle.entry(*identity).or_default();
        if idle.len() < IDLE_CONNECTIONS_MAX {
            idle.push(Idle { sender, since: now });
        }
    });
}

impl Pool {
    /// Drops what has waited for too long.
    fn sweep(&mut self, now: Instant) {
        let rested = |swept: Instant| now.duration_since(swept) < Duration::from_secs(1);
        if self.swept.is_some_and(rested) {
            return;
        }
        self.swept = Some(now);
        self.idle.retain(|_, idle| {
            idle.retain(|idle| idle.is_good(now));
            !idle.is_empty()
        });
    }
}
