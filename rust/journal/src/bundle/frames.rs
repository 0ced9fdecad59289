//! Reading what a bundle shows, which says nothing of whether it is true: verify it first.

use std::collections::HashMap;
use std::io::{self, BufRead, Read};

use super::{CHECKPOINT_BYTES_MAX, END, LEFT_OUT, MAGIC, SHOWN};
use crate::frame::{Header, Place};
use crate::keys::{ContentKey, SessionKey};
use crate::limits::{HEADER_BYTES, SEGMENT_HEADER_BYTES};
use crate::merkle::Hash;
use crate::packing::unpack;
use crate::segment::SegmentHeader;
use crate::{Frame, SessionId, Withheld};

/// The frames whose payloads a bundle has, in its order. It ends at the first error.
#[derive(Debug)]
pub struct BundleFrames<R> {
    input: R,
    keys: HashMap<SessionId, SessionKey>,
    /// Segments that have not begun.
    segments: u64,
    place: Option<Place>,
    failed: bool,
}

impl<R: BufRead> BundleFrames<R> {
    /// Begins to read a bundle. What is encrypted is opened with the keys of its sessions.
    ///
    /// # Errors
    /// `input` cannot be read, or is no bundle.
    pub fn open(mut input: R, keys: &[(SessionId, ContentKey)]) -> io::Result<BundleFrames<R>> {
        if array(&mut input)? != MAGIC {
            return Err(invalid("it is not a bundle of this version"));
        }
        let length = u32::from_be_bytes(array(&mut input)?);
        if length > CHECKPOINT_BYTES_MAX {
            return Err(invalid("its checkpoint is too long"));
        }
        skip(&mut input, u64::from(length))?;
        let leaves = u64::from_be_bytes(array(&mut input)?);
        let leaves_bytes = leaves.checked_mul(size_of::<Hash>() as u64);
        skip(&mut input, leaves_bytes.ok_or_else(|| invalid("it has too many leaves"))?)?;
        let segments = u64::from_be_bytes(array(&mut input)?);
        let keys =
            keys.iter().filter_map(|(session, key)| Some((*session, SessionKey::new(key.as_slice())?)));
        Ok(BundleFrames { input, keys: keys.collect(), segments, place: None, failed: false })
    }

    fn read(&mut self) -> io::Result<Option<Frame>> {
        loop {
            let Some(place) = &mut self.place else {
                if self.segments == 0 {
                    return Ok(None);
                }
                self.segments -= 1;
                let bytes: [u8; SEGMENT_HEADER_BYTES] = array(&mut self.input)?;
                let segment =
                    SegmentHeader::decode(&bytes).ok_or_else(|| invalid("a segment's header is damaged"))?;
                self.place = Some(Place { salt: segment.salt, offset: SEGMENT_HEADER_BYTES as u64 });
                continue;
            };
            let [mark] = array(&mut self.input)?;
            if mark == END {
                self.place = None;
                continue;
            }
            let bytes: [u8; HEADER_BYTES] = array(&mut self.input)?;
            let header = Header::decode(&bytes, *place).map_err(invalid)?;
            place.offset += (HEADER_BYTES + header.length) as u64;
            match mark {
                LEFT_OUT => {}
                SHOWN => return self.shown(header).map(Some),
                _ => return Err(invalid("the bundle is damaged")),
            }
        }
    }

    fn shown(&mut self, header: Header) -> io::Result<Frame> {
        let mut stored = vec![0; header.length];
        self.input.read_exact(&mut stored)?;
        if !header.fits(&stored) {
            return Err(invalid("the payload's CRC does not match"));
        }
        let key = self.keys.get(&header.session);
        let is_locked = header.packing.encrypted && key.is_none();
        let payload = if is_locked {
            Vec::new()
        } else {
            unpack(stored, header.packing, key, &header.fields, header.sequence).map_err(invalid)?
        };
        Ok(Frame {
            session: header.session,
            sequence: header.sequence,
            time_us: header.time_us,
            kind: header.kind,
            payload,
            withheld: is_locked.then_some(Withheld::Locked),
        })
    }
}

impl<R: BufRead> Iterator for BundleFrames<R> {
    type Item = io::Result<Frame>;

    fn next(&mut self) -> Option<io::Result<Frame>> {
        if self.failed {
            return None;
        }
        let read = self.read();
        self.failed = read.is_err();
        read.transpose()
    }
}

fn array<const BYTES: usize>(input: &mut impl BufRead) -> io::Result<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn skip(input: &mut impl BufRead, length: u64) -> io::Result<()> {
    let skipped = io::copy(&mut input.by_ref().take(length), &mut io::sink())?;
    if skipped == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
