//! What a start finds: where to go on, whether the last write was cut short, and what is damaged.
//!
//! Only the last segment is read: what a start needs to know of those before it is in its header. A kill in the
//! middle of write(2) leaves the beginning of a frame at the end of the last segment. It was never
//! acknowledged, so it is dropped. Damage that has a whole frame behind it was acknowledged once: the
//! segment is left as it is and never written to again, and the journal goes on in the next one.

use std::io;

use crate::SessionId;
use crate::chain::Chain;
use crate::disk::{Directory, Disk};
use crate::reader::{Fault, SegmentReader};
use crate::report::Problem;
use crate::segment::{Tail, file_name, numbers};

/// The journal as found.
#[derive(Debug)]
pub(crate) struct Found {
    /// Number and length of the last segment; zeros for a new journal.
    pub(crate) last: (u64, u64),
    /// The last segment, if it may be appended to.
    pub(crate) tail: Option<Tail>,
    /// The node's own chain.
    pub(crate) node: Chain,
    /// Time of the last frame.
    pub(crate) last_us: u64,
    /// What was cut off.
    pub(crate) dropped: Option<Dropped>,
    /// What is wrong in the last segment: it has to stay as it is.
    pub(crate) damage: Vec<Problem>,
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

/// Reads the last segment and cuts a torn tail off it.
///
/// # Errors
/// The file system's, naming the place.
pub(crate) fn recover(directory: &Directory, disk: &dyn Disk) -> io::Result<Found> {
    let mut found = Found {
        last: (0, 0),
        tail: None,
        node: Chain::new(SessionId::NODE),
        last_us: 0,
        dropped: None,
        damage: Vec::new(),
    };
    for number in numbers(directory)?.into_iter().rev() {
        let name = file_name(number);
        let bytes = directory.path(&name).metadata()?.len();
        match SegmentReader::open(directory, number) {
            Ok(segment) => {
                found.take(disk, segment)?;
                break;
            }
            // It was cut short before its header was whole, so it has no frames.
            Err(Fault::Torn) if found.last.0 == 0 => {
                found.dropped = Some(Dropped { segment: number, offset: 0, bytes });
                disk.remove(&name)?;
            }
            Err(Fault::Io(error)) => return Err(Fault::Io(error).at(number, 0)),
            Err(fault) => {
                found.last = found.last.max((number, bytes));
                found.damage.push(Problem { segment: number, offset: 0, what: fault.to_string() });
            }
        }
    }
    Ok(found)
}

impl Found {
    fn take(&mut self, disk: &dyn Disk, mut segment: SegmentReader) -> io::Result<()> {
        let header = segment.header;
        self.node = header.node();
        self.last_us = header.time_us;
        loop {
            match segment.next() {
                Ok(Some(located)) => {
                    self.last_us = self.last_us.max(located.header.time_us);
                    if located.header.session == SessionId::NODE {
                        let sequence = located.header.sequence.saturating_add(1);
                        self.node = Chain::at(SessionId::NODE, sequence, located.header.link);
                    }
                }
                Ok(None) => break,
                Err(Fault::Io(error)) => return Err(Fault::Io(error).at(header.number, segment.offset)),
                Err(fault) => {
                    let offset = segment.offset;
                    if !segment.resync()? {
                        self.cut(disk, header.number, offset, segment.length)?;
                        segment.offset = offset;
                        break;
                    }
                    self.damage.push(Problem { segment: header.number, offset, what: fault.to_string() });
                }
            }
        }
        self.last = self.last.max((header.number, segment.offset));
        if self.damage.is_empty() {
            self.tail = Some(Tail { header, length: segment.offset });
        }
        Ok(())
    }

    fn cut(&mut self, disk: &dyn Disk, segment: u64, offset: u64, length: u64) -> io::Result<()> {
        let file = disk.append_to(&file_name(segment))?;
        file.truncate(offset)?;
        file.sync()?;
        self.dropped = Some(Dropped { segment, offset, bytes: length - offset });
        Ok(())
    }
}
