//! How a payload is stored: compressed where that pays, then encrypted where the session has a key.
//!
//! Each payload is packed by itself. So one session's key opens that session's payloads and no other's, a
//! frame can be read without those before it, and what is hashed is what is stored: a recording can be
//! verified without the right to read it.

use std::fmt;
use std::io;

use crate::keys::{SessionKey, TAG_BYTES};
use crate::limits::{COMPRESSED_FROM_BYTES, PAYLOAD_BYTES_MAX};

/// zstd's fastest level but one: what it saves over the next is less than what it costs.
const LEVEL: i32 = 1;
/// Of a kind's byte: the payload is a zstd frame (RFC 8878).
const COMPRESSED: u8 = 0x80;
/// Of a kind's byte: the payload is encrypted with the session's key, and was packed before.
const ENCRYPTED: u8 = 0x40;

/// How one payload is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Packing {
    pub(crate) compressed: bool,
    pub(crate) encrypted: bool,
}

impl Packing {
    /// As bits beside a kind's number.
    pub(crate) fn bits(self) -> u8 {
        let compressed = if self.compressed { COMPRESSED } else { 0 };
        let encrypted = if self.encrypted { ENCRYPTED } else { 0 };
        compressed | encrypted
    }

    /// The packing and the kind's number in one byte.
    pub(crate) fn split(byte: u8) -> (Packing, u8) {
        let packing = Packing { compressed: byte & COMPRESSED != 0, encrypted: byte & ENCRYPTED != 0 };
        (packing, byte & !(COMPRESSED | ENCRYPTED))
    }

    /// Bytes that encryption adds.
    pub(crate) fn overhead(self) -> usize {
        if self.encrypted { TAG_BYTES } else { 0 }
    }
}

/// Compresses payloads; its memory is used again and again.
#[derive(Default)]
pub(crate) struct Compressor {
    context: Option<zstd::bulk::Compressor<'static>>,
    compressed: Vec<u8>,
}

impl fmt::Debug for Compressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compressor").finish_non_exhaustive()
    }
}

impl Compressor {
    /// Compresses what lies in `buffer` from `start` on, in place. False if it stays as it is, since it is
    /// short or does not get shorter.
    pub(crate) fn compress(&mut self, buffer: &mut Vec<u8>, start: usize) -> bool {
        let plain = buffer.get(start..).unwrap_or_default();
        if plain.len() < COMPRESSED_FROM_BYTES || self.compress_apart(plain).is_err() {
            return false;
        }
        let saves = self.compressed.len() < plain.len();
        if saves {
            buffer.truncate(start);
            buffer.extend_from_slice(&self.compressed);
        }
        saves
    }

    fn compress_apart(&mut self, plain: &[u8]) -> io::Result<()> {
        let context = match &mut self.context {
            Some(context) => context,
            None => self.context.insert(zstd::bulk::Compressor::new(LEVEL)?),
        };
        self.compressed.clear();
        self.compressed.reserve(zstd::zstd_safe::compress_bound(plain.len()));
        context.compress_to_buffer(plain, &mut self.compressed)?;
        Ok(())
    }
}

/// A payload as it was before it was stored.
///
/// # Errors
/// It does not open with the key, or is no zstd frame of a payload.
pub(crate) fn unpack(
    mut stored: Vec<u8>,
    packing: Packing,
    key: Option<&SessionKey>,
    fields: &[u8],
    sequence: u64,
) -> Result<Vec<u8>, &'static str> {
    if packing.encrypted {
        let key = key.ok_or("the session's key is not there")?;
        key.open(sequence, fields, &mut stored).ok_or("it does not open with the session's key")?;
    }
    if packing.compressed {
        let bytes = zstd::bulk::Decompressor::new()
            .and_then(|mut context| context.decompress(&stored, PAYLOAD_BYTES_MAX));
        return bytes.map_err(|_| "it is compressed, and cannot be decompressed");
    }
    Ok(stored)
}
