//! What the sessions of one worker write down together.
//!
//! Every session writes to the journal before it writes to a socket. Those that the same wait has woken
//! share one write: each adds its frames, lets the others do so, and whoever is first to go on writes
//! for all. Under load that is one write(2) for many round trips; alone, a session waits for nobody. Where
//! frames have to be synced, they wait together for one fsync, each in its own task.

use std::{cell::RefCell, future::poll_fn, io, sync::Arc, task::Poll};

use narrows_journal::{Chain, Entry, Frames, Journal, Kind, SessionId, Written};

/// One worker's frames that are not written yet.
#[derive(Debug)]
pub(crate) struct Batch {
    journal: Arc<Journal>,
    unwritten: RefCell<Unwritten>,
}

#[derive(Debug, Default)]
struct Unwritten {
    frames: Frames,
    /// Why a write failed. Whose frames were in it is not known, so all sessions are told from then on.
    failure: Option<(io::ErrorKind, String)>,
}

impl Batch {
    pub(crate) fn new(journal: Arc<Journal>) -> Batch {
        Batch { journal, unwritten: RefCell::default() }
    }

    /// The chain of a session that begins.
    ///
    /// # Errors
    /// The journal encrypts, and no key can be made.
    pub(crate) fn begin(&self, session: SessionId) -> io::Result<Chain> {
        self.journal.begin(session)
    }

    /// Adds a frame of one session; it is in the journal once [`Batch::write`] has said so.
    pub(crate) fn add(&self, chain: &mut Chain, kind: Kind, payload: &[u8]) {
        self.unwritten.borrow_mut().frames.add(chain, &Entry { kind, parts: &[payload] });
    }

    /// Writes what was added, by whomever. It is acknowledged once what is returned is done.
    ///
    /// # Errors
    /// This write failed, or one before it: what was added since then is in no journal.
    pub(crate) fn write(&self) -> io::Result<Written> {
        let Unwritten { frames, failure } = &mut *self.unwritten.borrow_mut();
        if let Some((kind, why)) = failure {
            return Err(io::Error::new(*kind, why.clone()));
        }
        self.journal.write(frames).inspect_err(|error| *failure = Some((error.kind(), error.to_string())))
    }
}

/// Lets the tasks that are ready now run first.
pub(crate) async fn let_others_add() {
    let mut yielded = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::fs;

    use narrows_journal::read;

    use super::*;

    #[test]
    fn one_write_is_every_sessions_and_a_failed_one_is_told_to_all_of_them() {
        let directory = std::env::temp_dir().join(format!("narrows-batch-{}", std::process::id()));
        let batch = Batch::new(Arc::new(Journal::open(&directory, 1).unwrap()));
        let (mut one, mut other) = (Chain::new(SessionId(1)), Chain::new(SessionId(2)));
        batch.add(&mut one, Kind::Open, b"{}");
        batch.add(&mut other, Kind::Open, b"{}");
        batch.write().unwrap().wait().unwrap();
        batch.write().unwrap().wait().unwrap();
        for session in [1, 2] {
            assert_eq!(read(&directory, Some(SessionId(session))).unwrap().len(), 1);
        }
        // Every segment is full, and there is no place for another.
        fs::remove_dir_all(&directory).unwrap();
        batch.add(&mut one, Kind::Event, b"{}");
        assert!(batch.write().is_err());
        batch.add(&mut other, Kind::Event, b"{}");
        assert!(batch.write().is_err());
    }
}
