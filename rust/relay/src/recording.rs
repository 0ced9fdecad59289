//! The recording of a session whose bytes another engine moves, as SSH's does.
//!
//! The same journal, the same frames, the same rule: what has not been written may not be acted on.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
};

use narrows_journal::{Chain, Entry, SessionId};

use crate::shared::Shared;

/// One session's place in the journal.
#[derive(Debug)]
pub struct Recording {
    shared: Arc<Shared>,
    chain: Mutex<Chain>,
}

impl Recording {
    /// The recording of a new session, of which nothing has been written.
    pub(crate) fn start(shared: &Arc<Shared>) -> Recording {
        let chain = Mutex::new(Chain::new(shared.next_session()));
        Recording { shared: Arc::clone(shared), chain }
    }

    /// Whose recording it is.
    #[must_use]
    pub fn session(&self) -> SessionId {
        self.chain.lock().unwrap_or_else(PoisonError::into_inner).session
    }

    /// Frames written and the last link of their chain.
    #[must_use]
    pub fn head(&self) -> (u64, [u8; 32]) {
        let chain = self.chain.lock().unwrap_or_else(PoisonError::into_inner);
        (chain.sequence, chain.head)
    }

    /// Writes one entry. Once this returns, it survives what the journal's durability promises.
    ///
    /// # Errors
    /// The journal cannot be written. The control plane and every session have been told; this one must
    /// end too.
    pub fn append(&self, entry: &Entry<'_>) -> io::Result<()> {
        let mut chain = self.chain.lock().unwrap_or_else(PoisonError::into_inner);
        let journal = &self.shared.journal;
        // The chain that suits the journal: one that encrypts makes a key for the session.
        let begun = if chain.sequence == 0 { journal.begin(chain.session) } else { Ok(chain.clone()) };
        let appended = begun.and_then(|begun| {
            *chain = begun;
            journal.append(&mut chain, std::slice::from_ref(entry))
        });
        match &appended {
            Ok(()) => {
                let bytes: usize = entry.parts.iter().map(|part| part.len()).sum();
                self.shared.stats.journal_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
            }
            Err(error) => drop(self.shared.journal_failed(error)),
        }
        appended
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use narrows_journal::{Kind, Settings, read};

    use super::*;
    use crate::{Event, Plane, PlaneConfig};

    fn plane(name: &str) -> (std::path::PathBuf, Plane) {
        let directory = std::env::temp_dir().join(format!("narrows-{name}-{}", std::process::id()));
        let config = PlaneConfig {
            journal: &directory,
            workers: 1,
            queue_max: 16,
            settings: Settings { segment_bytes_max: 1, ..Settings::default() },
            ask_deadline: Duration::from_secs(1),
            statement_bytes_max: 1 << 20,
        };
        let plane = Plane::start(&config).unwrap();
        (directory, plane)
    }

    #[test]
    fn recordings_are_told_apart_and_what_is_appended_is_read_back() {
        let (directory, plane) = plane("recording");
        let (one, other) = (plane.start_recording(), plane.start_recording());
        assert_ne!(one.session(), other.session());
        one.append(&Entry { kind: Kind::Open, parts: &[b"{}"] }).unwrap();
        other.append(&Entry { kind: Kind::Open, parts: &[b"{}"] }).unwrap();
        one.append(&Entry { kind: Kind::Reply, parts: &[b"head", b"data"] }).unwrap();
        let frames = read(&directory, Some(one.session())).unwrap();
        assert_eq!(frames.iter().map(|frame| frame.kind).collect::<Vec<_>>(), [Kind::Open, Kind::Reply]);
        assert_eq!(frames[1].payload, b"headdata");
        assert_eq!(one.head().0, 2);
        assert_ne!(one.head().1, other.head().1);
        fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn a_journal_that_cannot_be_written_ends_everything() {
        let (directory, plane) = plane("recording-fails");
        let recording = plane.start_recording();
        recording.append(&Entry { kind: Kind::Open, parts: &[b"{}"] }).unwrap();
        let before = recording.head();
        // Every segment is full, and there is no place for another.
        fs::remove_dir_all(&directory).unwrap();
        assert!(recording.append(&Entry { kind: Kind::Reply, parts: &[b"data"] }).is_err());
        assert_eq!(recording.head(), before);
        assert!(plane.drain(16).iter().any(|event| matches!(event, Event::JournalFailed(_))));
    }
}
