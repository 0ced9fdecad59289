//! The one place that writes: whole frames or nothing, and after a failure nothing ever again.

use std::io;
use std::sync::Arc;

use crate::chain::Chain;
use crate::disk::{Disk, DiskFile, write_all};
use crate::failure::Failure;
use crate::frame::{self, Place};
use crate::limits::CLOCK_BACK_MAX_US;
use crate::segment::{SegmentHeader, Tail, file_name};
use crate::syncs::Syncs;
use crate::{Entry, Frames, Kind};

/// Appends to the last segment and starts a new one when it is full.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) segment_bytes_max: u64,
    pub(crate) file: Arc<dyn DiskFile>,
    pub(crate) tail: Tail,
    /// The node's own chain.
    pub(crate) node: Chain,
    /// The latest time of a frame.
    pub(crate) last_us: u64,
    /// Bytes written since the opening.
    pub(crate) written: u64,
    pub(crate) syncs: Option<Arc<Syncs>>,
    pub(crate) failure: Option<Failure>,
}

impl Writer {
    /// Appends encoded frames in one write, or nothing. Returns the bytes written since the opening.
    pub(crate) fn append(&mut self, frames: &mut [u8], time_us: u64) -> io::Result<u64> {
        self.fail_again()?;
        let result = self.append_frames(frames, time_us);
        self.keep(result)
    }

    /// Appends something that the node itself has to say.
    pub(crate) fn append_note(&mut self, kind: Kind, json: &str) -> io::Result<u64> {
        let mut frames = Frames::default();
        let mut node = self.node.clone();
        frames.add(&mut node, &Entry { kind, parts: &[json.as_bytes()] });
        let time_us = frames.time_us();
        let written = self.append(frames.bytes(), time_us)?;
        self.node = node;
        Ok(written)
    }

    /// Seals the open segment by starting the next one, if it holds anything.
    pub(crate) fn seal(&mut self, time_us: u64) -> io::Result<()> {
        self.fail_again()?;
        if self.tail.is_empty() {
            return Ok(());
        }
        let result = self.start_next(time_us);
        self.keep(result)
    }

    /// The journal has failed elsewhere.
    pub(crate) fn fail(&mut self, error: &io::Error) {
        self.failure.get_or_insert_with(|| Failure::from(error));
    }

    fn fail_again(&self) -> io::Result<()> {
        let unsynced = self.syncs.as_ref().and_then(|syncs| syncs.failure());
        self.failure.as_ref().or(unsynced.as_ref()).map_or(Ok(()), |failure| Err(failure.error()))
    }

    fn keep<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.inspect_err(|error| self.fail(error))
    }

    fn append_frames(&mut self, frames: &mut [u8], time_us: u64) -> io::Result<u64> {
        check_clock(self.last_us, time_us)?;
        let full = self.tail.length + frames.len() as u64 > self.segment_bytes_max;
        if full && !self.tail.is_empty() {
            self.start_next(time_us)?;
        }
        let Tail { header, length } = self.tail;
        frame::bind(frames, Place { salt: header.salt, offset: length });
        if let Err(error) = write_all(self.file.as_ref(), frames) {
            let undone = match self.file.truncate(length) {
                Ok(()) => "undone",
                Err(_) => "the next start undoes it",
            };
            let what = format!("cannot write journal segment {}: {error} ({undone})", header.number);
            return Err(io::Error::new(error.kind(), what));
        }
        self.tail.length += frames.len() as u64;
        self.last_us = self.last_us.max(time_us);
        self.written += frames.len() as u64;
        if let Some(syncs) = &self.syncs {
            syncs.wrote(self.written, &self.file);
        }
        Ok(self.written)
    }

    fn start_next(&mut self, time_us: u64) -> io::Result<()> {
        let Tail { header, length } = self.tail;
        let header = SegmentHeader::new(header.number + 1, time_us.max(header.time_us), length, &self.node);
        (self.file, self.tail) = start_segment(self.disk.as_ref(), header)?;
        if let Some(syncs) = &self.syncs {
            syncs.made(&self.file);
        }
        Ok(())
    }
}

/// Whether frames of `time_us` may follow one of `last_us`.
///
/// # Errors
/// The clock has gone back: what is recorded now would seem to have happened before.
pub(crate) fn check_clock(last_us: u64, time_us: u64) -> io::Result<()> {
    let back_us = last_us.saturating_sub(time_us);
    if back_us <= CLOCK_BACK_MAX_US {
        return Ok(());
    }
    let what = format!(
        "the clock is {}.{:03} s behind the journal's last frame: set it right, or wait until it has passed it",
        back_us / 1_000_000,
        back_us / 1_000 % 1_000
    );
    Err(io::Error::other(what))
}

/// Makes a segment and writes its header.
pub(crate) fn start_segment(disk: &dyn Disk, header: SegmentHeader) -> io::Result<(Arc<dyn DiskFile>, Tail)> {
    let bytes = header.encode();
    let file = disk.create(&file_name(header.number)).and_then(|file| {
        write_all(file.as_ref(), &bytes)?;
        Ok(file)
    });
    let file = file.map_err(|error| {
        io::Error::new(error.kind(), format!("cannot start journal segment {}: {error}", header.number))
    })?;
    Ok((file, Tail { header, length: bytes.len() as u64 }))
}
