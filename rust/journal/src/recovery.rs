//! What a start finds: where to go on, and whether the last write was cut short.
//!
//! A kill in the middle of write(2) leaves the beginning of a frame at the end of the last segment.
//! It was never acknowledged, so it is dropped. Damage that has a whole frame behind it, or lies in an
//! older segment, was acknowledged once: the journal then refuses to open, since no start may decide
//! on its own that recorded operations are forgotten.

use std::fs;
use std::io;

use crate::SessionId;
use crate::chain::Chain;
use crate::limits::SEGMENT_HEADER_BYTES;
use crate::reader::{Fault, Located, SegmentReader};
use crate::segment::{Directory, SegmentHeader};

/// The journal as found.
#[derive(Debug)]
pub(crate) struct Found {
    /// The segment to append to; `None` for a new journal.
    pub(crate) tail: Option<Tail>,
    /// The node's own chain.
    pub(crate) node: Chain,
    /// What was cut off.
    pub(crate) dropped: Option<Dropped>,
}

/// The last segment and its good length in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tail {
    pub(crate) header: SegmentHeader,
    pub(crate) length: u64,
}

impl Tail {
    /// Whether the segment has no frames.
    pub(crate) fn is_empty(self) -> bool {
        self.length <= SEGMENT_HEADER_BYTES as u64
    }
}

/// A torn tail that was cut off.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dropped {
    segment: u64,
    offset: u64,
    bytes: u64,
}

impl Dropped {
    /// The payload of [`Kind::Recovered`](crate::Kind::Recovered).
    pub(crate) fn json(self) -> String {
        let Dropped { segment, offset, bytes } = self;
        format!(r#"{{"segment":{segment},"offset":{offset},"bytes_dropped":{bytes}}}"#)
    }
}

/// Checks every segment and cuts a torn tail off the last one.
///
/// # Errors
/// A segment is missing or damaged elsewhere than in its torn tail; the message names the place.
pub(crate) fn recover(directory: &Directory) -> io::Result<Found> {
    let numbers = directory.numbers()?;
    let mut found = Found { tail: None, node: Chain::new(SessionId::NODE), dropped: None };
    for number in &numbers {
        let last = Some(number) == numbers.last();
        match SegmentReader::open(directory, *number) {
            Ok(segment) => found.take(directory, segment, last)?,
            Err(Fault::Torn) if last => found.drop_segment(directory, *number)?,
            Err(fault) => return Err(fault.at(*number, 0)),
        }
    }
    Ok(found)
}

impl Found {
    fn take(&mut self, directory: &Directory, mut segment: SegmentReader, last: bool) -> io::Result<()> {
        let header = segment.header;
        follows(self.tail, header).map_err(|what| Fault::Bad(what).at(header.number, 0))?;
        loop {
            match segment.next() {
                Ok(Some(Located { frame, link, .. })) if frame.session == SessionId::NODE => {
                    let sequence = frame.sequence.saturating_add(1);
                    self.node = Chain { session: SessionId::NODE, sequence, head: link };
                }
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(fault) => {
                    let offset = segment.offset;
                    let io = matches!(fault, Fault::Io(_));
                    if io || !last || segment.resync()? {
                        return Err(fault.at(header.number, offset));
                    }
                    self.cut(directory, header.number, offset, segment.length)?;
                    break;
                }
            }
        }
        self.tail = Some(Tail { header, length: segment.offset });
        Ok(())
    }

    fn cut(&mut self, directory: &Directory, segment: u64, offset: u64, length: u64) -> io::Result<()> {
        directory.append_to(segment)?.truncate(offset)?;
        self.dropped = Some(Dropped { segment, offset, bytes: length - offset });
        Ok(())
    }

    /// Drops a segment that was cut short before its header was whole: it has no frames.
    fn drop_segment(&mut self, directory: &Directory, segment: u64) -> io::Result<()> {
        let path = directory.path(segment);
        self.dropped = Some(Dropped { segment, offset: 0, bytes: path.metadata()?.len() });
        fs::remove_file(path)
    }
}

/// Whether a segment is the one after `previous`.
pub(crate) fn follows(previous: Option<Tail>, next: SegmentHeader) -> Result<(), &'static str> {
    let Some(previous) = previous else {
        return Ok(());
    };
    if next.number != previous.header.number + 1 {
        return Err("the segment before it is missing");
    }
    if next.previous_length != previous.length {
        return Err("the segment before it has another length than it ended with");
    }
    Ok(())
}
