//! Verifying a bundle: everything that the journal's own verification checks, and that the checkpoint's
//! signature covers it.

use std::io::{self, Read};

use super::{CHECKPOINT_BYTES_MAX, END, LEFT_OUT, MAGIC, SHOWN};
use crate::SessionId;
use crate::check::Checker;
use crate::frame::{Header, Place};
use crate::limits::{HEADER_BYTES, SEGMENT_HEADER_BYTES};
use crate::merkle::Hash;
use crate::report::Problem;
use crate::segment::SegmentHeader;
use crate::verify::{Trust, signed};

/// What the verification of a bundle found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BundleReport {
    /// The sessions that the bundle shows.
    pub sessions: Vec<ShownSession>,
    /// Segments under the checkpoint, if it is good.
    pub signed: Option<u64>,
    /// Frames, those of other sessions included.
    pub frames: u64,
    /// What is wrong. The bundle proves something only if this is empty.
    pub problems: Vec<Problem>,
}

/// A session that a bundle shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownSession {
    /// Which.
    pub session: SessionId,
    /// How many frames it had at the checkpoint.
    pub frames: u64,
    /// Whether it had ended by then.
    pub closed: bool,
}

/// Verifies a bundle. Needs no journal and no network; reads every byte once.
///
/// # Errors
/// `bundle` cannot be read. Damage is no error but a [`Problem`].
pub fn verify_bundle(bundle: impl Read, trust: &Trust) -> io::Result<BundleReport> {
    let mut verifier = Verifier {
        input: Summing { input: bundle, crc: 0, at: 0 },
        checker: Checker::default(),
        leaves: Vec::new(),
        signed: None,
        segments: Vec::new(),
    };
    match verifier.run(trust) {
        Ok(()) | Err(Stop::Said) => {}
        Err(Stop::Io(error)) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
        Err(Stop::Io(_)) => verifier.stopped("it ends too early"),
        Err(Stop::Bad(what)) => verifier.stopped(what),
    }
    Ok(verifier.finish())
}

/// Why a bundle is not read on.
enum Stop {
    Io(io::Error),
    Bad(&'static str),
    /// It is among the problems.
    Said,
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Io(error)
    }
}

struct Verifier<R> {
    input: Summing<R>,
    checker: Checker,
    leaves: Vec<Hash>,
    signed: Option<u64>,
    /// Numbers of the segments that are here.
    segments: Vec<u64>,
}

impl<R: Read> Verifier<R> {
    fn run(&mut self, trust: &Trust) -> Result<(), Stop> {
        if self.input.array()? != MAGIC {
            return Err(Stop::Bad("it is not a bundle of this version"));
        }
        let length = u32::from_be_bytes(self.input.array()?);
        if length > CHECKPOINT_BYTES_MAX {
            return Err(Stop::Bad("its checkpoint is too long"));
        }
        let note = self.input.bytes(u64::from(length))?;
        let size = u64::from_be_bytes(self.input.array()?);
        for _ in 0..size {
            let leaf = self.input.array()?;
            self.leaves.push(leaf);
        }
        let note = String::from_utf8(note).unwrap_or_default();
        let checkpoint = signed(&mut self.checker, &self.leaves, &note, trust);
        self.signed = checkpoint.map(|checkpoint| checkpoint.size);
        if self.signed.is_some_and(|signed| signed != size) {
            self.checker.problem(0, 0, "the bundle has other leaves than the checkpoint");
        }
        let segments = u64::from_be_bytes(self.input.array()?);
        for _ in 0..segments {
            self.segment()?;
        }
        let crc = self.input.crc;
        if u32::from_be_bytes(self.input.array()?) != crc {
            return Err(Stop::Bad("it is not what it was when it was made"));
        }
        match self.input.read(&mut [0])? {
            0 => Ok(()),
            _ => Err(Stop::Bad("there is something behind its end")),
        }
    }

    fn segment(&mut self) -> Result<(), Stop> {
        let bytes: [u8; SEGMENT_HEADER_BYTES] = self.input.array()?;
        let segment = SegmentHeader::decode(&bytes).ok_or(Stop::Bad("a segment's header is damaged"))?;
        self.checker.begin_apart(segment);
        self.segments.push(segment.number);
        let mut place = Place { salt: segment.salt, offset: SEGMENT_HEADER_BYTES as u64 };
        loop {
            let [mark] = self.input.array()?;
            match mark {
                END => break,
                SHOWN | LEFT_OUT => self.frame(segment, &mut place, mark == SHOWN)?,
                _ => return Err(self.said(segment, place.offset, "the bundle is damaged here")),
            }
        }
        let leaf = self.checker.end(segment, place.offset);
        let logged = usize::try_from(segment.number.wrapping_sub(1)).ok();
        if logged.and_then(|index| self.leaves.get(index)) != Some(&leaf) {
            self.checker.problem(segment.number, 0, "it is not in the log");
        }
        Ok(())
    }

    fn frame(&mut self, segment: SegmentHeader, place: &mut Place, shown: bool) -> Result<(), Stop> {
        let bytes: [u8; HEADER_BYTES] = self.input.array()?;
        let header = match Header::decode(&bytes, *place) {
            Ok(header) => header,
            Err(what) => return Err(self.said(segment, place.offset, what)),
        };
        let stored = if shown { Some(self.input.bytes(header.length as u64)?) } else { None };
        if stored.as_ref().is_some_and(|stored| !header.fits(stored)) {
            self.checker.problem(segment.number, place.offset, "the payload's CRC does not match");
        }
        self.checker.frame(segment, place.offset, &header, stored.as_deref());
        place.offset += (HEADER_BYTES + header.length) as u64;
        Ok(())
    }

    fn said(&mut self, segment: SegmentHeader, offset: u64, what: &str) -> Stop {
        self.checker.problem(segment.number, offset, what);
        Stop::Said
    }

    fn stopped(&mut self, what: &str) {
        self.checker.report.problems.push(Problem {
            segment: 0,
            offset: self.input.at,
            what: what.to_owned(),
        });
    }

    fn finish(mut self) -> BundleReport {
        let sessions = self.checker.shown();
        for shown in &sessions {
            if !shown.closed && !self.reaches_the_end() {
                let what = format!("session {}: it has no close, and its end may be missing", shown.session);
                self.checker.problem(0, 0, &what);
            }
        }
        let sessions = sessions.iter().map(|shown| ShownSession {
            session: shown.session,
            frames: shown.frames,
            closed: shown.closed,
        });
        BundleReport {
            sessions: sessions.collect(),
            signed: self.signed,
            frames: self.checker.report.frames,
            problems: self.checker.report.problems,
        }
    }

    /// Whether the segments here are without gaps up to the checkpoint: a session that is not closed by then
    /// was open.
    fn reaches_the_end(&self) -> bool {
        let unbroken = self
            .segments
            .windows(2)
            .all(|pair| matches!(pair, [one, next] if one.checked_add(1) == Some(*next)));
        unbroken && self.segments.last() == self.signed.as_ref()
    }
}

/// Sums up what is read.
struct Summing<R> {
    input: R,
    crc: u32,
    /// Bytes read so far.
    at: u64,
}

impl<R: Read> Summing<R> {
    fn array<const BYTES: usize>(&mut self) -> io::Result<[u8; BYTES]> {
        let mut bytes = [0; BYTES];
        self.input.read_exact(&mut bytes)?;
        self.took(&bytes);
        Ok(bytes)
    }

    /// So many bytes; memory is taken as they come, not as a damaged length says.
    fn bytes(&mut self, length: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.input.by_ref().take(length).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.took(&bytes);
        Ok(bytes)
    }

    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.input.read(bytes)
    }

    fn took(&mut self, bytes: &[u8]) {
        self.crc = crc32c::crc32c_append(self.crc, bytes);
        self.at += bytes.len() as u64;
    }
}
