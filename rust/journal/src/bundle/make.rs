//! Making a bundle from a journal, which may be written to meanwhile.

use std::collections::{BTreeSet, HashSet};
use std::io::{self, Write};
use std::path::Path;

use super::{END, LEFT_OUT, MAGIC, SHOWN};
use crate::checkpoint::Checkpoint;
use crate::disk::Directory;
use crate::reader::{Fault, SegmentReader};
use crate::tree_log::{CHECKPOINT, LEAVES, read_leaves};
use crate::{Kind, SessionId};

/// Writes a bundle of `sessions` to `out`. It shows them as far as the newest checkpoint goes.
///
/// # Errors
/// There is no checkpoint, the journal cannot be read, or one of the sessions has no frames under the
/// checkpoint: it is too new, or there is none of that name.
pub fn bundle(directory: &Path, sessions: &[SessionId], out: &mut dyn Write) -> io::Result<()> {
    let directory = Directory::existing(directory);
    let note = std::fs::read_to_string(directory.path(CHECKPOINT))
        .map_err(|error| io::Error::new(error.kind(), format!("there is no checkpoint: {error}")))?;
    let size = Checkpoint::claimed_size(&note).ok_or_else(|| invalid("the checkpoint is damaged"))?;
    let leaves = read_leaves(&directory.path(LEAVES))?;
    let leaves = usize::try_from(size).ok().and_then(|size| leaves.get(..size));
    let leaves = leaves.ok_or_else(|| invalid("the log is shorter than its checkpoint"))?;
    let wanted: HashSet<SessionId> = sessions.iter().copied().collect();
    let segments = segments_of(&directory, &wanted, size)?;

    let mut out = Summing { out, crc: 0 };
    out.write_all(&MAGIC)?;
    out.write_all(&u32::try_from(note.len()).unwrap_or(u32::MAX).to_be_bytes())?;
    out.write_all(note.as_bytes())?;
    out.write_all(&size.to_be_bytes())?;
    out.write_all(leaves.as_flattened())?;
    out.write_all(&(segments.len() as u64).to_be_bytes())?;
    for number in segments {
        segment(&directory, number, &wanted, &mut out)?;
    }
    let crc = out.crc;
    out.out.write_all(&crc.to_be_bytes())
}

/// The segments in which the sessions have frames; for one that is open still, also all behind them.
fn segments_of(directory: &Directory, wanted: &HashSet<SessionId>, size: u64) -> io::Result<BTreeSet<u64>> {
    let mut unseen = wanted.clone();
    let mut open: HashSet<SessionId> = HashSet::new();
    let mut segments = BTreeSet::new();
    let first_ms = wanted.iter().map(|session| session.time_ms()).min().unwrap_or(0);
    for number in first_segment(directory, first_ms, size)?..=size {
        let Some(mut segment) = open_kept(directory, number)? else {
            continue;
        };
        while let Some(header) = segment.next_header().map_err(|fault| fault.at(number, segment.offset))? {
            if !wanted.contains(&header.session) {
                continue;
            }
            segments.insert(number);
            unseen.remove(&header.session);
            if header.kind == Kind::Close {
                open.remove(&header.session);
            } else {
                open.insert(header.session);
            }
        }
        if unseen.is_empty() && open.is_empty() {
            break;
        }
    }
    if let Some(session) = unseen.iter().next() {
        let what =
            format!("the checkpoint covers nothing of session {session}: it is too new, or there is none");
        return Err(io::Error::new(io::ErrorKind::NotFound, what));
    }
    if !open.is_empty() {
        segments.extend(segments.first().copied().unwrap_or(size)..=size);
    }
    Ok(segments)
}

/// A segment, unless it is here no more: old ones are not kept for ever.
fn open_kept(directory: &Directory, number: u64) -> io::Result<Option<SegmentReader>> {
    match SegmentReader::open(directory, number) {
        Ok(segment) => Ok(Some(segment)),
        Err(Fault::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(fault) => Err(fault.at(number, 0)),
    }
}

/// A segment before which no session that opened at `time_ms` can have frames.
fn first_segment(directory: &Directory, time_ms: u64, size: u64) -> io::Result<u64> {
    let (mut low, mut high) = (1, size.max(1));
    while low < high {
        let middle = low.midpoint(high + 1);
        if open_kept(directory, middle)?.is_none_or(|segment| segment.header.time_us / 1_000 < time_ms) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    // Its id is a little older than the segment that the session's first frame went to.
    Ok(low.saturating_sub(1).max(1))
}

fn segment(
    directory: &Directory,
    number: u64,
    wanted: &HashSet<SessionId>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut segment = SegmentReader::open(directory, number).map_err(|fault| fault.at(number, 0))?;
    out.write_all(&segment.header.encode())?;
    while let Some(located) = segment.next().map_err(|fault| fault.at(number, segment.offset))? {
        let session = located.header.session;
        let shown = session == SessionId::NODE || wanted.contains(&session);
        out.write_all(&[if shown { SHOWN } else { LEFT_OUT }])?;
        out.write_all(&located.header.bytes)?;
        if shown {
            out.write_all(&located.stored)?;
        }
    }
    out.write_all(&[END])
}

/// Sums up what is written.
struct Summing<'a> {
    out: &'a mut dyn Write,
    crc: u32,
}

impl Write for Summing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.crc = crc32c::crc32c_append(self.crc, bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
