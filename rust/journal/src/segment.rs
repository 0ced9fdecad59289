//! The journal's files: `NNNNNNNNNN.journal`, numbered from 1 without gaps.
//!
//! A segment starts with 32 bytes: `NARROWS`, the version 1, its number, the length at which the
//! segment before it ended, a random salt for its frames' CRCs, and a plain CRC-32C of all that.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::fs::{DirBuilder, File, OpenOptions};
use std::hash::BuildHasher;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use bytes::{Buf, BufMut};

use crate::limits::SEGMENT_HEADER_BYTES;

const MAGIC: u64 = u64::from_be_bytes(*b"NARROWS\x01");
const EXTENSION: &str = "journal";
const NUMBER_DIGITS: usize = 10;
/// Only the gateway's own account may read what agents did.
const DIRECTORY_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;
const LOCK: &str = "journal.lock";

/// The first bytes of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub(crate) number: u64,
    /// Length of the segment before it, 0 for the first: a segment cut short later on shows.
    pub(crate) previous_length: u64,
    /// Unknown to agents, so that no payload can hold a valid frame.
    pub(crate) salt: u32,
}

impl SegmentHeader {
    /// The header of a new segment.
    pub(crate) fn new(number: u64, previous_length: u64) -> SegmentHeader {
        let random = RandomState::new().hash_one(number);
        let salt = u32::try_from(random >> 32).unwrap_or(u32::MAX);
        SegmentHeader { number, previous_length, salt }
    }

    pub(crate) fn encode(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SEGMENT_HEADER_BYTES);
        bytes.put_u64(MAGIC);
        bytes.put_u64(self.number);
        bytes.put_u64(self.previous_length);
        bytes.put_u32(self.salt);
        bytes.put_u32(crc32c::crc32c(&bytes));
        bytes
    }

    /// Reads a header; `None` if it is not one.
    pub(crate) fn decode(bytes: &[u8; SEGMENT_HEADER_BYTES]) -> Option<SegmentHeader> {
        let (mut fields, crc) = bytes.split_last_chunk::<4>()?;
        let intact = crc32c::crc32c(fields) == u32::from_be_bytes(*crc) && fields.get_u64() == MAGIC;
        intact.then(|| SegmentHeader {
            number: fields.get_u64(),
            previous_length: fields.get_u64(),
            salt: fields.get_u32(),
        })
    }
}

/// Where segments are made. A trait so that tests can have a disk that fills up.
pub(crate) trait Segments: Send + fmt::Debug {
    /// Makes an empty segment of that number.
    fn create(&mut self, number: u64) -> io::Result<Box<dyn SegmentFile>>;
}

/// A segment that is written to.
pub(crate) trait SegmentFile: Send + fmt::Debug {
    /// One write(2) at the end.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;
    /// Cuts the segment to `length` bytes.
    fn truncate(&mut self, length: u64) -> io::Result<()>;
}

impl SegmentFile for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Write::write(self, bytes)
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }
}

/// The directory that a journal lives in.
#[derive(Clone, Debug)]
pub(crate) struct Directory(PathBuf);

impl Directory {
    /// The directory at `path`, made if missing.
    pub(crate) fn make(path: &Path) -> io::Result<Directory> {
        DirBuilder::new().recursive(true).mode(DIRECTORY_MODE).create(path)?;
        Ok(Directory(path.to_owned()))
    }

    /// The directory at `path`, for reading.
    pub(crate) fn existing(path: &Path) -> Directory {
        Directory(path.to_owned())
    }

    /// Takes the exclusive lock that is held for as long as the file stays open.
    pub(crate) fn lock(&self) -> io::Result<File> {
        let path = self.0.join(LOCK);
        let file = OpenOptions::new().create(true).append(true).mode(FILE_MODE).open(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => Err(io::Error::new(
                io::ErrorKind::ResourceBusy,
                format!("{} is locked: another process writes this journal", path.display()),
            )),
            Err(std::fs::TryLockError::Error(error)) => Err(error),
        }
    }

    /// Numbers of the segments that are there, in order.
    pub(crate) fn numbers(&self) -> io::Result<Vec<u64>> {
        let mut numbers = Vec::new();
        for entry in self.0.read_dir()? {
            numbers.extend(number_of(&entry?.path()));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The segment's path.
    pub(crate) fn path(&self, number: u64) -> PathBuf {
        self.0.join(format!("{number:0NUMBER_DIGITS$}.{EXTENSION}"))
    }

    /// Opens a segment that is there to append to it.
    pub(crate) fn append_to(&self, number: u64) -> io::Result<Box<dyn SegmentFile>> {
        Ok(Box::new(OpenOptions::new().append(true).open(self.path(number))?))
    }
}

impl Segments for Directory {
    fn create(&mut self, number: u64) -> io::Result<Box<dyn SegmentFile>> {
        let path = self.path(number);
        let file = OpenOptions::new().create_new(true).append(true).mode(FILE_MODE).open(path)?;
        Ok(Box::new(file))
    }
}

fn number_of(path: &Path) -> Option<u64> {
    if path.extension()? != EXTENSION {
        return None;
    }
    let digits = path.file_stem()?.to_str()?;
    (digits.len() == NUMBER_DIGITS).then(|| digits.parse().ok())?
}
