//! Group commit: one fsync acknowledges everything that was written before it began.
//!
//! A thread of its own syncs, so that nobody who writes waits for a disk unless they want to, and all
//! who wait at one time wait for the same fsync. After one has failed nothing is acknowledged ever again: the
//! kernel reports a lost page once, and the next fsync succeeds without it.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::disk::{Disk, DiskFile};
use crate::failure::Failure;

/// What has been written, and how much of it is on the disk.
#[derive(Debug, Default)]
pub(crate) struct Syncs {
    state: Mutex<State>,
    /// Something was written, synced, or went wrong.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Bytes since the journal was opened.
    written: u64,
    durable: u64,
    /// Files with bytes that are not on the disk yet.
    files: Vec<Arc<dyn DiskFile>>,
    /// Whether a file was made whose name is not on the disk yet.
    names: bool,
    failure: Option<Failure>,
    waiting: Vec<Waker>,
    stopping: bool,
}

impl Syncs {
    /// Bytes were written to `file`; those since the opening are `written` now.
    pub(crate) fn wrote(&self, written: u64, file: &Arc<dyn DiskFile>) {
        let mut state = self.lock();
        state.written = written;
        if !state.files.iter().any(|known| Arc::ptr_eq(known, file)) {
            state.files.push(Arc::clone(file));
        }
        self.changed.notify_all();
    }

    /// A file was made, whose name has to be on the disk with what follows.
    pub(crate) fn made(&self, file: &Arc<dyn DiskFile>) {
        let mut state = self.lock();
        state.names = true;
        state.files.push(Arc::clone(file));
    }

    /// Why nothing is acknowledged any more, if so.
    pub(crate) fn failure(&self) -> Option<Failure> {
        self.lock().failure.clone()
    }

    /// Syncs until told to stop or an error.
    pub(crate) fn run(&self, disk: &dyn Disk) {
        loop {
            let mut state = self.lock();
            while state.durable == state.written && !state.stopping {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            if state.durable == state.written {
                return;
            }
            let written = state.written;
            let files = std::mem::take(&mut state.files);
            let names = std::mem::take(&mut state.names);
            drop(state);
            let synced = sync(disk, &files, names);
            let mut state = self.lock();
            match &synced {
                Ok(()) => state.durable = written,
                Err(error) => state.failure = Some(Failure::from(error)),
            }
            for waker in std::mem::take(&mut state.waiting) {
                waker.wake();
            }
            self.changed.notify_all();
            if synced.is_err() {
                return;
            }
        }
    }

    /// Has the thread end once all is synced.
    pub(crate) fn stop(&self) {
        self.lock().stopping = true;
        self.changed.notify_all();
    }

    fn wait(&self, mark: u64) -> io::Result<()> {
        let mut state = self.lock();
        loop {
            match state.outcome(mark) {
                Poll::Ready(outcome) => return outcome,
                Poll::Pending => state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn outcome(&self, mark: u64) -> Poll<io::Result<()>> {
        if self.durable >= mark {
            return Poll::Ready(Ok(()));
        }
        self.failure.as_ref().map_or(Poll::Pending, |failure| Poll::Ready(Err(failure.error())))
    }
}

fn sync(disk: &dyn Disk, files: &[Arc<dyn DiskFile>], names: bool) -> io::Result<()> {
    let synced = files.iter().try_for_each(|file| file.sync());
    let synced = synced.and_then(|()| if names { disk.sync() } else { Ok(()) });
    synced.map_err(|error| io::Error::new(error.kind(), format!("cannot sync the journal: {error}")))
}

/// Frames that were written: done once they are as safe as the journal's durability promises. Wait for it
/// by `await` or by [`Written::wait`] before anything is done that the frames are the record of.
#[derive(Clone, Debug)]
#[must_use = "what was written is not acknowledged before this is done"]
pub struct Written {
    mark: u64,
    /// None: a write is all that is promised.
    syncs: Option<Arc<Syncs>>,
}

impl Written {
    pub(crate) fn new(mark: u64, syncs: Option<Arc<Syncs>>) -> Written {
        Written { mark, syncs }
    }

    /// Blocks until it is done.
    ///
    /// # Errors
    /// They may not survive a power cut, and neither will anything that is written from now on.
    pub fn wait(&self) -> io::Result<()> {
        self.syncs.as_ref().map_or(Ok(()), |syncs| syncs.wait(self.mark))
    }
}

impl Future for Written {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(syncs) = &self.syncs else {
            return Poll::Ready(Ok(()));
        };
        let mut state = syncs.lock();
        let outcome = state.outcome(self.mark);
        if outcome.is_pending() && !state.waiting.iter().any(|waker| waker.will_wake(context.waker())) {
            state.waiting.push(context.waker().clone());
        }
        outcome
    }
}
