//! Frames as they come back from the files, one at a time.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use crate::disk::Directory;
use crate::frame::{Header, MAGIC, Place};
use crate::limits::{HEADER_BYTES, SEGMENT_HEADER_BYTES};
use crate::segment::{self, SegmentHeader};
use crate::unpacker::Unpacker;
use crate::{Frame, KeyRing, Kind, SessionId};

const READ_BUFFER_BYTES: usize = 64 * 1024;

/// Why a segment cannot be read further.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The segment ends within a frame: it was being written.
    Torn,
    /// The bytes are not what was written.
    Bad(&'static str),
    /// The file cannot be read.
    Io(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Io(error)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Torn => f.write_str("it ends within a frame"),
            Fault::Bad(what) => f.write_str(what),
            Fault::Io(error) => error.fmt(f),
        }
    }
}

impl Fault {
    /// As an error that names the place.
    pub(crate) fn at(self, segment: u64, offset: u64) -> io::Error {
        let kind = if let Fault::Io(error) = &self { error.kind() } else { io::ErrorKind::InvalidData };
        io::Error::new(kind, format!("journal segment {segment} at offset {offset}: {self}"))
    }
}

/// A frame as it is stored.
#[derive(Debug)]
pub(crate) struct Located {
    pub(crate) offset: u64,
    pub(crate) header: Header,
    pub(crate) stored: Vec<u8>,
}

/// Reads one segment up to the length that it had when it was opened.
#[derive(Debug)]
pub(crate) struct SegmentReader {
    pub(crate) header: SegmentHeader,
    /// Where the next frame starts.
    pub(crate) offset: u64,
    /// Where the segment ends.
    pub(crate) length: u64,
    file: BufReader<File>,
}

impl SegmentReader {
    pub(crate) fn open(directory: &Directory, number: u64) -> Result<SegmentReader, Fault> {
        let file = File::open(directory.path(&segment::file_name(number)))?;
        let length = file.metadata()?.len();
        if length < SEGMENT_HEADER_BYTES as u64 {
            return Err(Fault::Torn);
        }
        let mut file = BufReader::with_capacity(READ_BUFFER_BYTES, file);
        let mut bytes = [0; SEGMENT_HEADER_BYTES];
        file.read_exact(&mut bytes)?;
        let header = SegmentHeader::decode(&bytes).ok_or(Fault::Bad("the segment's header is damaged"))?;
        if header.number != number {
            return Err(Fault::Bad("the segment's header has another number"));
        }
        Ok(SegmentReader { header, offset: SEGMENT_HEADER_BYTES as u64, length, file })
    }

    /// The next frame; `None` at the end. After a fault, `offset` is where the damage starts.
    pub(crate) fn next(&mut self) -> Result<Option<Located>, Fault> {
        let Some((header, end)) = self.header()? else {
            return Ok(None);
        };
        let mut stored = vec![0; header.length];
        self.file.read_exact(&mut stored)?;
        if !header.fits(&stored) {
            return Err(Fault::Bad("the payload's CRC does not match"));
        }
        let offset = std::mem::replace(&mut self.offset, end);
        Ok(Some(Located { offset, header, stored }))
    }

    /// The next frame's header, its payload being passed over unread.
    pub(crate) fn next_header(&mut self) -> Result<Option<Header>, Fault> {
        let Some((header, end)) = self.header()? else {
            return Ok(None);
        };
        self.file.seek_relative(i64::try_from(header.length).unwrap_or(i64::MAX))?;
        self.offset = end;
        Ok(Some(header))
    }

    /// The next header, and where its frame ends.
    fn header(&mut self) -> Result<Option<(Header, u64)>, Fault> {
        let left = self.length - self.offset;
        if left == 0 {
            return Ok(None);
        }
        if left < HEADER_BYTES as u64 {
            return Err(Fault::Torn);
        }
        let mut bytes = [0; HEADER_BYTES];
        self.file.read_exact(&mut bytes)?;
        let header = Header::decode(&bytes, self.place(self.offset)).map_err(Fault::Bad)?;
        let end = self.offset + (HEADER_BYTES + header.length) as u64;
        if end > self.length {
            return Err(Fault::Torn);
        }
        Ok(Some((header, end)))
    }

    /// Moves to the first whole frame behind a fault; false if there is none.
    pub(crate) fn resync(&mut self) -> io::Result<bool> {
        let start = self.offset + 1;
        self.file.seek(SeekFrom::Start(start))?;
        let mut rest = Vec::new();
        self.file.by_ref().take(self.length.saturating_sub(start)).read_to_end(&mut rest)?;
        let whole = (start..).zip(rest.windows(HEADER_BYTES)).find(|(offset, window)| {
            window.starts_with(&MAGIC) && self.holds_frame(*offset, rest.get(index(*offset, start)..))
        });
        let Some((offset, _)) = whole else {
            return Ok(false);
        };
        self.file.seek(SeekFrom::Start(offset))?;
        self.offset = offset;
        Ok(true)
    }

    fn holds_frame(&self, offset: u64, bytes: Option<&[u8]>) -> bool {
        let Some((header, rest)) = bytes.and_then(|bytes| bytes.split_first_chunk::<HEADER_BYTES>()) else {
            return false;
        };
        Header::decode(header, self.place(offset))
            .is_ok_and(|header| rest.get(..header.length).is_some_and(|payload| header.fits(payload)))
    }

    fn place(&self, offset: u64) -> Place {
        Place { salt: self.header.salt, offset }
    }
}

fn index(offset: u64, start: u64) -> usize {
    usize::try_from(offset - start).unwrap_or(usize::MAX)
}

/// Reads the frames of all segments in order. A frame that is being written at the very end is not
/// there yet; any other damage is an error of kind `InvalidData`, behind which it goes on with the next whole frame.
/// After an error of another kind it ends.
#[derive(Debug)]
pub struct Reader {
    directory: Directory,
    numbers: std::vec::IntoIter<u64>,
    segment: Option<SegmentReader>,
    unpacker: Unpacker,
}

impl Reader {
    /// Opens the journal in `directory` for reading. It may be written to meanwhile.
    ///
    /// # Errors
    /// The directory cannot be listed.
    pub fn open(directory: &Path) -> io::Result<Reader> {
        let unpacker = Unpacker::new(directory);
        let directory = Directory::existing(directory);
        let numbers = segment::numbers(&directory)?.into_iter();
        Ok(Reader { directory, numbers, segment: None, unpacker })
    }

    /// Reads what is encrypted, too.
    #[must_use]
    pub fn with_keys(mut self, keys: KeyRing) -> Reader {
        self.unpacker.keys = Some(keys);
        self
    }

    fn step(&mut self) -> io::Result<Option<Frame>> {
        loop {
            let Some(segment) = &mut self.segment else {
                let Some(number) = self.numbers.next() else {
                    return Ok(None);
                };
                match SegmentReader::open(&self.directory, number) {
                    Ok(segment) => self.segment = Some(segment),
                    Err(Fault::Torn) if self.numbers.len() == 0 => return Ok(None),
                    Err(fault) => return Err(fault.at(number, 0)),
                }
                continue;
            };
            match segment.next() {
                Ok(Some(located)) => {
                    let (number, offset) = (segment.header.number, located.offset);
                    return self.unpacker.frame(located).map(Some).map_err(|fault| fault.at(number, offset));
                }
                Ok(None) => self.segment = None,
                Err(Fault::Torn) if self.numbers.len() == 0 => return Ok(None),
                Err(fault) => {
                    let damage = fault.at(segment.header.number, segment.offset);
                    if damage.kind() == io::ErrorKind::InvalidData && !segment.resync()? {
                        self.segment = None;
                    }
                    return Err(damage);
                }
            }
        }
    }
}

impl Iterator for Reader {
    type Item = io::Result<Frame>;

    fn next(&mut self) -> Option<io::Result<Frame>> {
        let frame = self.step();
        let goes_on = match &frame {
            Ok(frame) => frame.is_some(),
            Err(error) => error.kind() == io::ErrorKind::InvalidData,
        };
        if !goes_on {
            self.numbers = Vec::new().into_iter();
            self.segment = None;
        }
        frame.transpose()
    }
}

/// Reads frames of one session (or of all) from every segment of `directory` in order; see [`collect`].
///
/// # Errors
/// As [`collect`].
pub fn read(directory: &Path, session: Option<SessionId>) -> io::Result<Vec<Frame>> {
    collect(Reader::open(directory)?, session)
}

/// The frames of one session (or of all) that a reader finds. Damage elsewhere does not matter to a
/// session that is there whole, from its open to its close.
///
/// # Errors
/// The directory or a segment cannot be read, or a frame is damaged that may have been the session's; the
/// message names the place.
pub fn collect(reader: Reader, session: Option<SessionId>) -> io::Result<Vec<Frame>> {
    let mut frames = Vec::new();
    let mut damage = None;
    for frame in reader {
        match frame {
            Ok(frame) if session.is_none_or(|session| session == frame.session) => frames.push(frame),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::InvalidData => damage = damage.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    match damage {
        Some(error) if session.is_none() || !is_whole(&frames) => Err(error),
        _ => Ok(frames),
    }
}

fn is_whole(frames: &[Frame]) -> bool {
    let numbered = frames.iter().zip(0..).all(|(frame, sequence)| frame.sequence == sequence);
    numbered && frames.last().is_some_and(|frame| frame.kind == Kind::Close)
}
