//! Sealing: segments that are full or old enough enter the log, and a checkpoint says so.
//!
//! It is done behind the sessions' backs: reading a segment for its leaf takes them nothing. What cannot be
//! done now is told and tried again, since the frames themselves are safe.

use std::io;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::Trouble;
use crate::disk::{Directory, Disk};
use crate::frames::now_us;
use crate::journal::Shared;
use crate::reader::SegmentReader;
use crate::segment::{Tail, file_name, follows, numbers};
use crate::tree_log::{TreeLog, leaf_of};

/// How often it is looked whether a segment is old enough.
const TICK: Duration = Duration::from_secs(1);

/// Seals segments from a thread of its own.
#[derive(Debug)]
pub(crate) struct Sealer {
    directory: Directory,
    log: Mutex<TreeLog>,
    stopping: Mutex<bool>,
    stop: Condvar,
}

impl Sealer {
    pub(crate) fn new(directory: Directory, disk: &dyn Disk) -> io::Result<Sealer> {
        let log = Mutex::new(TreeLog::open(&directory, disk)?);
        Ok(Sealer { directory, log, stopping: Mutex::default(), stop: Condvar::new() })
    }

    /// How many segments are in the log.
    pub(crate) fn logged(&self) -> u64 {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).size()
    }

    /// Seals what is due until told to stop.
    pub(crate) fn run(&self, shared: &Shared) {
        self.check_headers(shared);
        let mut told = String::new();
        loop {
            if let Err(error) = self.seal_due(shared) {
                let what = format!("the journal's log does not go on: {error}");
                if what != told {
                    (shared.settings.alarm)(Trouble::Unsealed, &what);
                    told = what;
                }
            }
            let stopping = self.stopping.lock().unwrap_or_else(PoisonError::into_inner);
            let waited = self.stop.wait_timeout_while(stopping, TICK, |stopping| !*stopping);
            if *waited.unwrap_or_else(PoisonError::into_inner).0 {
                return;
            }
        }
    }

    /// Has the thread end.
    pub(crate) fn stop(&self) {
        *self.stopping.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.notify_all();
    }

    /// Seals the open segment if it is old enough, and logs whatever was sealed.
    fn seal_due(&self, shared: &Shared) -> io::Result<()> {
        let age_max_us = u64::try_from(shared.settings.segment_age_max.as_micros()).unwrap_or(u64::MAX);
        let now_us = now_us();
        let mut writer = shared.writer()?;
        if now_us.saturating_sub(writer.tail.header.time_us) >= age_max_us {
            writer.seal(now_us)?;
        }
        drop(writer);
        self.log_sealed(shared)
    }

    /// Adds to the log every segment that is sealed and not in it, then signs a checkpoint.
    pub(crate) fn log_sealed(&self, shared: &Shared) -> io::Result<()> {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let writer = shared.writer()?;
        let (open, disk) = (writer.tail.header.number, writer.disk.clone());
        drop(writer);
        while log.size() + 1 < open {
            let number = log.size() + 1;
            self.sync(shared, disk.as_ref(), number)?;
            log.push(leaf_of(&self.directory, number)?)?;
        }
        match &shared.settings.signer {
            Some(signer) if !log.is_signed() => log.checkpoint(disk.as_ref(), signer),
            _ => Ok(()),
        }
    }

    /// What a checkpoint vouches for must be on the disk.
    fn sync(&self, shared: &Shared, disk: &dyn Disk, number: u64) -> io::Result<()> {
        let name = file_name(number);
        if !self.directory.path(&name).exists() {
            (shared.settings.alarm)(Trouble::Missing, &format!("journal segment {number} is missing"));
            return Ok(());
        }
        let synced = disk.append_to(&name).and_then(|file| file.sync()).and_then(|()| disk.sync());
        synced.map_err(|error| {
            let error = io::Error::new(error.kind(), format!("cannot sync segment {number}: {error}"));
            shared.stop_writing(&error);
            error
        })
    }

    /// Looks at every segment's header, once: what is missing or damaged is told early.
    fn check_headers(&self, shared: &Shared) {
        let mut previous: Option<Tail> = None;
        for number in numbers(&self.directory).unwrap_or_default() {
            let what = match SegmentReader::open(&self.directory, number) {
                Ok(segment) => {
                    let follows = follows(previous, segment.header).err().map(str::to_owned);
                    previous = Some(Tail { header: segment.header, length: segment.length });
                    follows
                }
                Err(fault) => Some(fault.to_string()),
            };
            if let Some(what) = what {
                let what = format!("journal segment {number} at offset 0: {what}");
                (shared.settings.alarm)(Trouble::Damaged, &what);
            }
        }
    }
}
