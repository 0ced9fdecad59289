//! How a frame lies in a segment. All numbers are big-endian.
//!
//! | bytes | field | |
//! |---|---|---|
//! | 0..2 | magic | `NJ` |
//! | 2 | version | 2 |
//! | 3 | kind | [`Kind`]; 128 more if the payload is compressed, 64 more if it is encrypted |
//! | 4..8 | payload length | |
//! | 8..16 | session | |
//! | 16..24 | sequence | within the session, from 0 |
//! | 24..32 | time | microseconds since 1970 |
//! | 32..64 | link | SHA-256 of the session's previous link, bytes 0..32 and the payload |
//! | 64..68 | payload CRC | plain CRC-32C |
//! | 68..72 | header CRC | plain CRC-32C of the segment's salt, the frame's offset in it, and bytes 0..68 |
//!
//! The payload is meant as it is stored. The header has a CRC of its own so that a flipped length is not taken for a torn frame. Salt and
//! offset make a frame valid in one place only: neither a moved frame nor one that an agent sends as
//! payload can pass for a frame of this segment.

use bytes::{Buf, BufMut};

use crate::chain::{Chain, Link};
use crate::keys::TAG_BYTES;
use crate::limits::{HEADER_BYTES, PAYLOAD_BYTES_MAX};
use crate::packing::{Compressor, Packing};
use crate::{Entry, Kind, SessionId};

pub(crate) const MAGIC: [u8; 2] = *b"NJ";
const VERSION: u8 = 2;
const FIELDS_BYTES: usize = 32;

/// Where a frame lies: what its header CRC binds it to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) salt: u32,
    pub(crate) offset: u64,
}

impl Place {
    fn crc(self, header: &[u8]) -> u32 {
        let seed = crc32c::crc32c_append(self.salt, &self.offset.to_be_bytes());
        crc32c::crc32c_append(seed, header)
    }
}

/// A frame's header as read.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) kind: Kind,
    pub(crate) packing: Packing,
    pub(crate) length: usize,
    pub(crate) session: SessionId,
    pub(crate) sequence: u64,
    pub(crate) time_us: u64,
    pub(crate) link: Link,
    payload_crc: u32,
    /// The part of the header that the link covers.
    pub(crate) fields: [u8; FIELDS_BYTES],
    /// All of it, as it lies in the segment.
    pub(crate) bytes: [u8; HEADER_BYTES],
}

impl Header {
    /// Reads the header at `place`.
    ///
    /// # Errors
    /// What is wrong with it: nothing in it can be relied on, its length least of all.
    pub(crate) fn decode(bytes: &[u8; HEADER_BYTES], place: Place) -> Result<Header, &'static str> {
        let (checked, crc) = bytes.split_last_chunk::<4>().ok_or("no header")?;
        if place.crc(checked) != u32::from_be_bytes(*crc) {
            return Err("the header's CRC does not match");
        }
        let (fields, mut rest) = checked.split_first_chunk::<FIELDS_BYTES>().ok_or("no header")?;
        let mut reader = fields.as_slice();
        if reader.get_u16() != u16::from_be_bytes(MAGIC) || reader.get_u8() != VERSION {
            return Err("not a frame of this version");
        }
        let (packing, code) = Packing::split(reader.get_u8());
        let kind = Kind::from_code(code).ok_or("unknown kind")?;
        let length = usize::try_from(reader.get_u32()).unwrap_or(usize::MAX);
        if length > PAYLOAD_BYTES_MAX + packing.overhead() {
            return Err("longer than a frame may be");
        }
        let mut link = Link::default();
        rest.copy_to_slice(&mut link);
        Ok(Header {
            kind,
            packing,
            length,
            session: SessionId(reader.get_u64()),
            sequence: reader.get_u64(),
            time_us: reader.get_u64(),
            link,
            payload_crc: rest.get_u32(),
            fields: *fields,
            bytes: *bytes,
        })
    }

    /// Whether `payload` is what was written behind this header.
    pub(crate) fn fits(&self, payload: &[u8]) -> bool {
        self.length == payload.len() && self.payload_crc == crc32c::crc32c(payload)
    }
}

/// Bytes that an entry takes in a segment at most.
pub(crate) fn encoded_bytes(entry: &Entry<'_>) -> usize {
    let payload: usize = entry.parts.iter().map(|part| part.len()).sum();
    payload + (HEADER_BYTES + TAG_BYTES) * payload.div_ceil(PAYLOAD_BYTES_MAX).max(1)
}

/// A session's key could not be used, so that a payload lies in the buffer in plain.
#[derive(Debug)]
pub(crate) struct NotEncrypted;

/// Appends the frame or frames of `entry` to `buffer`, all but their header CRCs.
pub(crate) fn encode(
    entry: &Entry<'_>,
    time_us: u64,
    chain: &mut Chain,
    compressor: &mut Compressor,
    buffer: &mut Vec<u8>,
) -> Result<(), NotEncrypted> {
    chain.time_us = chain.time_us.max(time_us);
    let mut parts = entry.parts.iter().copied().filter(|part| !part.is_empty());
    let mut rest: &[u8] = parts.next().unwrap_or_default();
    loop {
        let start = buffer.len();
        buffer.put_bytes(0, HEADER_BYTES);
        let mut room = PAYLOAD_BYTES_MAX;
        while room > 0 && !rest.is_empty() {
            let (taken, left) = rest.split_at(room.min(rest.len()));
            buffer.extend_from_slice(taken);
            room -= taken.len();
            rest = if left.is_empty() { parts.next().unwrap_or_default() } else { left };
        }
        let compressed = compressor.compress(buffer, start + HEADER_BYTES);
        let packing = Packing { compressed, encrypted: chain.key.is_some() };
        buffer.put_bytes(0, packing.overhead());
        if let Some(frame) = buffer.get_mut(start..).and_then(|frame| frame.split_first_chunk_mut()) {
            finish(frame, entry.kind, packing, chain)?;
        }
        if rest.is_empty() {
            return Ok(());
        }
    }
}

/// Encrypts a frame's payload, writes its header, all but the CRC, and advances the chain over it.
fn finish(
    (header, payload): (&mut [u8; HEADER_BYTES], &mut [u8]),
    kind: Kind,
    packing: Packing,
    chain: &mut Chain,
) -> Result<(), NotEncrypted> {
    let Some((fields, mut rest)) = header.split_first_chunk_mut::<FIELDS_BYTES>() else {
        return Ok(());
    };
    let mut writer = fields.as_mut_slice();
    writer.put_slice(&MAGIC);
    writer.put_u8(VERSION);
    writer.put_u8(kind as u8 | packing.bits());
    writer.put_u32(u32::try_from(payload.len()).unwrap_or(u32::MAX));
    writer.put_u64(chain.session.0);
    writer.put_u64(chain.sequence);
    writer.put_u64(chain.time_us);
    if let Some(key) = &chain.key {
        let (plain, tag) = payload.split_last_chunk_mut::<TAG_BYTES>().ok_or(NotEncrypted)?;
        *tag = key.seal(chain.sequence, fields, plain).ok_or(NotEncrypted)?;
    }
    rest.put_slice(&chain.advance(fields, payload));
    rest.put_u32(crc32c::crc32c(payload));
    Ok(())
}

/// Writes the header CRCs of encoded frames, the first of which will lie at `place`.
pub(crate) fn bind(mut frames: &mut [u8], mut place: Place) {
    while let Some((header, rest)) = frames.split_first_chunk_mut::<HEADER_BYTES>() {
        let length = header.get(4..8).map_or(0, |mut field| field.get_u32());
        if let Some((checked, crc)) = header.split_last_chunk_mut::<4>() {
            *crc = place.crc(checked).to_be_bytes();
        }
        place.offset += HEADER_BYTES as u64 + u64::from(length);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        frames = rest.get_mut(length..).unwrap_or_default();
    }
}
