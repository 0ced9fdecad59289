//! Segments: files `NNNNNNNNNN.journal`, numbered from 1 without gaps. The last one is open; those before
//! it are sealed and never change again.
//!
//! A segment starts with 80 bytes, all numbers big-endian:
//!
//! | bytes | field | |
//! |---|---|---|
//! | 0..8 | magic | `NARROWS` and the version 2 |
//! | 8..16 | number | |
//! | 16..24 | time | when it was started, microseconds since 1970 |
//! | 24..32 | previous length | of the segment before it, 0 for the first: one cut short later on shows |
//! | 32..40 | node sequence | number of the node's next frame |
//! | 40..72 | node head | last link of the node's own chain, so that a start need not read older segments |
//! | 72..76 | salt | random, for the CRCs of its frames |
//! | 76..80 | CRC | plain CRC-32C of all that |

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io;

use bytes::{Buf, BufMut};

use crate::SessionId;
use crate::chain::{Chain, Link};
use crate::disk::Directory;
use crate::limits::SEGMENT_HEADER_BYTES;

const MAGIC: u64 = u64::from_be_bytes(*b"NARROWS\x02");
const EXTENSION: &str = ".journal";
const NUMBER_DIGITS: usize = 10;

/// The first bytes of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub(crate) number: u64,
    pub(crate) time_us: u64,
    pub(crate) previous_length: u64,
    pub(crate) node_sequence: u64,
    pub(crate) node_head: Link,
    /// Unknown to agents, so that no payload can hold a valid frame.
    pub(crate) salt: u32,
}

impl SegmentHeader {
    /// The header of a segment that starts at `time_us`, behind one of `previous_length` bytes.
    pub(crate) fn new(number: u64, time_us: u64, previous_length: u64, node: &Chain) -> SegmentHeader {
        let random = RandomState::new().hash_one(number);
        let salt = u32::try_from(random >> 32).unwrap_or(u32::MAX);
        let (node_sequence, node_head) = (node.sequence, node.head);
        SegmentHeader { number, time_us, previous_length, node_sequence, node_head, salt }
    }

    pub(crate) fn encode(self) -> [u8; SEGMENT_HEADER_BYTES] {
        let mut bytes = [0; SEGMENT_HEADER_BYTES];
        let mut writer = bytes.as_mut_slice();
        writer.put_u64(MAGIC);
        writer.put_u64(self.number);
        writer.put_u64(self.time_us);
        writer.put_u64(self.previous_length);
        writer.put_u64(self.node_sequence);
        writer.put_slice(&self.node_head);
        writer.put_u32(self.salt);
        if let Some((fields, crc)) = bytes.split_last_chunk_mut::<4>() {
            *crc = crc32c::crc32c(fields).to_be_bytes();
        }
        bytes
    }

    /// Reads a header; `None` if it is not one.
    pub(crate) fn decode(bytes: &[u8; SEGMENT_HEADER_BYTES]) -> Option<SegmentHeader> {
        let (mut fields, crc) = bytes.split_last_chunk::<4>()?;
        if crc32c::crc32c(fields) != u32::from_be_bytes(*crc) || fields.get_u64() != MAGIC {
            return None;
        }
        let (number, time_us) = (fields.get_u64(), fields.get_u64());
        let (previous_length, node_sequence) = (fields.get_u64(), fields.get_u64());
        let mut node_head = Link::default();
        fields.copy_to_slice(&mut node_head);
        let salt = fields.get_u32();
        Some(SegmentHeader { number, time_us, previous_length, node_sequence, node_head, salt })
    }

    /// The node's chain at the segment's start.
    pub(crate) fn node(&self) -> Chain {
        Chain::at(SessionId::NODE, self.node_sequence, self.node_head)
    }
}

/// A segment and its good length in bytes.
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

/// Whether a segment is the one after `previous`.
pub(crate) fn follows(previous: Option<Tail>, next: SegmentHeader) -> Result<(), &'static str> {
    let Some(previous) = previous else {
        return Ok(());
    };
    if previous.header.number.checked_add(1) != Some(next.number) {
        return Err("the segment before it is missing");
    }
    if next.previous_length != previous.length {
        return Err("the segment before it has another length than it ended with");
    }
    if next.time_us < previous.header.time_us {
        return Err("it was started before the segment before it");
    }
    Ok(())
}

/// The file of a segment.
pub(crate) fn file_name(number: u64) -> String {
    format!("{number:0NUMBER_DIGITS$}{EXTENSION}")
}

/// Numbers of the segments in a directory, in order.
pub(crate) fn numbers(directory: &Directory) -> io::Result<Vec<u64>> {
    let mut numbers: Vec<u64> = directory.names()?.iter().filter_map(|name| number_of(name)).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

fn number_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(EXTENSION)?;
    (digits.len() == NUMBER_DIGITS).then(|| digits.parse().ok().filter(|number| *number > 0))?
}
