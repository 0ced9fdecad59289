//! The open journal of this node.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};

use crate::disk::{Directory, Disk};
use crate::frames::now_us;
use crate::recovery::{self, Found};
use crate::sealer::Sealer;
use crate::segment::{SegmentHeader, file_name};
use crate::session_keys::SessionKeys;
use crate::settings::{Durability, Settings};
use crate::syncs::{Syncs, Written};
use crate::writer::{Writer, check_clock, start_segment};
use crate::{Chain, Entry, Frames, Kind, SessionId, Trouble};

/// The open journal of this node; shared by all sessions.
#[derive(Debug)]
pub struct Journal {
    pub(crate) shared: Arc<Shared>,
    sealer: Arc<Sealer>,
    threads: Vec<JoinHandle<()>>,
    /// Keeps other processes out for as long as the journal is open.
    _lock: File,
}

/// What sessions and the journal's own threads share.
#[derive(Debug)]
pub(crate) struct Shared {
    writer: Mutex<Writer>,
    disk: Arc<dyn Disk>,
    syncs: Option<Arc<Syncs>>,
    keys: Option<SessionKeys>,
    pub(crate) settings: Settings,
}

impl Journal {
    /// Opens the journal in `directory` with ordinary settings; see [`Journal::open_with`].
    ///
    /// # Errors
    /// As [`Journal::open_with`].
    pub fn open(directory: &Path, segment_bytes_max: u64) -> io::Result<Journal> {
        Journal::open_with(directory, Settings { segment_bytes_max, ..Settings::default() })
    }

    /// Opens the journal in `directory`, made if missing, and recovers it: a torn tail of the last segment
    /// is cut off and a [`Kind::Recovered`] frame says so. A last segment that is damaged elsewhere is left as
    /// it is; a [`Kind::Damaged`] frame says so, the alarm is raised, and the journal goes on in a new one.
    ///
    /// # Errors
    /// `ResourceBusy` if another process has it open, or whatever the file system reports. Also when the
    /// clock is behind the last frame.
    pub fn open_with(directory: &Path, settings: Settings) -> io::Result<Journal> {
        let directory = Directory::make(directory)?;
        let disk: Arc<dyn Disk> = Arc::new(directory.clone());
        let mut journal = Journal::open_on(directory, disk, settings)?;
        journal.start_sealing()?;
        Ok(journal)
    }

    /// As [`Journal::open_with`], with a disk of the caller's, and sealing only what it is told to.
    pub(crate) fn open_on(
        directory: Directory,
        disk: Arc<dyn Disk>,
        settings: Settings,
    ) -> io::Result<Journal> {
        let lock = directory.lock()?;
        let found = recovery::recover(&directory, disk.as_ref())?;
        check_clock(found.last_us, now_us())?;
        let syncs = (settings.durability == Durability::Fsync).then(Arc::<Syncs>::default);
        let sealer = Arc::new(Sealer::new(directory, disk.as_ref())?);
        let mut writer = writer(&disk, &found, sealer.logged(), &settings, syncs.clone())?;
        if let Some(dropped) = found.dropped {
            (settings.alarm)(
                Trouble::Torn,
                &format!("the journal's torn tail was cut off: {}", dropped.json()),
            );
            writer.append_note(Kind::Recovered, &dropped.json())?;
        }
        for problem in &found.damage {
            (settings.alarm)(Trouble::Damaged, &format!("journal {problem}"));
            writer.append_note(Kind::Damaged, &problem.json())?;
        }
        let keys = settings.keys.clone().map(SessionKeys::new);
        let writer = Mutex::new(writer);
        let shared = Arc::new(Shared { writer, disk, syncs, keys, settings });
        let mut journal = Journal { shared, sealer, threads: Vec::new(), _lock: lock };
        journal.start_syncing()?;
        Ok(journal)
    }

    fn start_sealing(&mut self) -> io::Result<()> {
        let (sealer, shared) = (Arc::clone(&self.sealer), Arc::clone(&self.shared));
        let seal = thread::Builder::new().name("journal-seal".to_owned());
        self.threads.push(seal.spawn(move || sealer.run(&shared))?);
        Ok(())
    }

    fn start_syncing(&mut self) -> io::Result<()> {
        if let Some(syncs) = &self.shared.syncs {
            let (syncs, disk) = (Arc::clone(syncs), Arc::clone(&self.shared.disk));
            let sync = thread::Builder::new().name("journal-sync".to_owned());
            self.threads.push(sync.spawn(move || syncs.run(disk.as_ref()))?);
        }
        Ok(())
    }

    /// The chain of a session that begins. Where the journal encrypts, a key is made for it and kept.
    ///
    /// # Errors
    /// The key cannot be made or written down.
    pub fn begin(&self, session: SessionId) -> io::Result<Chain> {
        let mut chain = Chain::new(session);
        if let Some(keys) = &self.shared.keys {
            let (key, file) = keys.make(self.shared.disk.as_ref(), session)?;
            chain.key = Some(key);
            if let Some(syncs) = &self.shared.syncs {
                syncs.made(&file);
            }
        }
        Ok(chain)
    }

    /// Appends entries of one session in one write, and waits until they are as safe as the settings'
    /// durability says. After an error the journal refuses every later append: sessions stop.
    ///
    /// A payload longer than [`limits::PAYLOAD_BYTES_MAX`](crate::limits::PAYLOAD_BYTES_MAX) becomes several
    /// frames of its kind.
    ///
    /// # Errors
    /// The write or the sync failed, now or before. Nothing of the entries is acknowledged and `chain` is as it
    /// was.
    pub fn append(&self, chain: &mut Chain, entries: &[Entry<'_>]) -> io::Result<()> {
        let mut advanced = chain.clone();
        let mut frames = Frames::default();
        for entry in entries {
            frames.add(&mut advanced, entry);
        }
        self.write(&mut frames)?.wait()?;
        *chain = advanced;
        Ok(())
    }

    /// Writes frames, of whatever sessions, in one write and empties `frames`. They are acknowledged once
    /// what is returned is done; the chains were advanced when the frames were added.
    ///
    /// # Errors
    /// The write failed, now or before, or a session's frames are not encrypted where they have to be. Nothing
    /// of the frames is in the journal.
    pub fn write(&self, frames: &mut Frames) -> io::Result<Written> {
        // Hashing is done by now, so that sessions wait for one another's write alone.
        let mut writer = self.shared.writer()?;
        let written =
            if frames.is_empty() { Ok(writer.written) } else { self.append_all(&mut writer, frames) };
        frames.clear();
        Ok(Written::new(written?, self.shared.syncs.clone()))
    }

    fn append_all(&self, writer: &mut Writer, frames: &mut Frames) -> io::Result<u64> {
        if self.shared.keys.is_some() && frames.has_plain() {
            let what = "the journal encrypts, and a session's frames are not encrypted";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        }
        let time_us = frames.time_us();
        writer.append(frames.bytes(), time_us)
    }

    /// Appends something that the node itself did, as JSON, and waits until it is as safe as the settings'
    /// durability says.
    ///
    /// # Errors
    /// The write or the sync failed, now or before.
    pub fn note(&self, json: &str) -> io::Result<()> {
        let written = self.shared.writer()?.append_note(Kind::Event, json)?;
        Written::new(written, self.shared.syncs.clone()).wait()
    }

    /// Seals the open segment now, whatever its age, and logs it: what is recorded so far is under the next
    /// checkpoint.
    ///
    /// # Errors
    /// The segment cannot be synced, read or followed by another.
    pub fn seal(&self) -> io::Result<()> {
        self.shared.writer()?.seal(now_us())?;
        self.sealer.log_sealed(&self.shared)
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.sealer.stop();
        if let Some(syncs) = &self.shared.syncs {
            syncs.stop();
        }
        for thread in self.threads.drain(..) {
            // One that panicked has nothing left to do.
            drop(thread.join());
        }
    }
}

impl Shared {
    pub(crate) fn writer(&self) -> io::Result<MutexGuard<'_, Writer>> {
        self.writer.lock().map_err(|_| io::Error::other("the journal's writer panicked"))
    }

    /// Nothing may be acknowledged any more.
    pub(crate) fn stop_writing(&self, error: &io::Error) {
        if let Ok(mut writer) = self.writer() {
            writer.fail(error);
        }
    }
}

/// Goes on behind what was found. A segment that was logged is sealed, even if the one that followed it was
/// lost in a power cut.
fn writer(
    disk: &Arc<dyn Disk>,
    found: &Found,
    logged: u64,
    settings: &Settings,
    syncs: Option<Arc<Syncs>>,
) -> io::Result<Writer> {
    let (file, tail) = if let Some(tail) = found.tail.filter(|tail| tail.header.number > logged) {
        (disk.append_to(&file_name(tail.header.number))?, tail)
    } else {
        let (number, length) = found.last;
        let time_us = now_us().max(found.last_us);
        start_segment(disk.as_ref(), SegmentHeader::new(number + 1, time_us, length, &found.node))?
    };
    if let Some(syncs) = &syncs {
        syncs.made(&file);
    }
    Ok(Writer {
        disk: Arc::clone(disk),
        segment_bytes_max: settings.segment_bytes_max,
        file,
        tail,
        node: found.node.clone(),
        last_us: found.last_us,
        written: 0,
        syncs,
        failure: None,
    })
}
