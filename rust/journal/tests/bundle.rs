//! A bundle proves what it shows, and nothing can be changed, cut, moved or put into it unnoticed.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use common::append;
use narrows_journal::{
    BundleFrames, BundleReport, Chain, Frame, Journal, Kind, SessionId, Settings, ShownSession, Signer,
    Trust, bundle, limits, read, verify_bundle,
};

const SHOWN: SessionId = SessionId(1);
const OTHER: SessionId = SessionId(2);
const OPEN: SessionId = SessionId(3);
const OF_OTHERS: &[u8] = b"what others did";

struct Evidence {
    directory: tempfile::TempDir,
    signer: Arc<Signer>,
    journal: Journal,
    /// The first checkpoint there was.
    since: String,
}

impl Evidence {
    fn path(&self) -> PathBuf {
        self.directory.path().join("journal")
    }

    fn bundle(&self, sessions: &[SessionId]) -> Vec<u8> {
        let mut bytes = Vec::new();
        bundle(&self.path(), sessions, &mut bytes).expect("bundled");
        bytes
    }

    fn trust(&self) -> Trust {
        Trust { key: self.signer.public().clone(), since: Some(self.since.clone()) }
    }

    fn verify(&self, bundle: &[u8]) -> BundleReport {
        verify_bundle(bundle, &self.trust()).expect("readable")
    }
}

/// One session that ended, in the second and fourth of five segments, among another; and one that goes on.
fn evidence() -> Evidence {
    let directory = tempfile::tempdir().expect("a directory");
    let signer = Arc::new(Signer::open(&directory.path().join("journal.key"), None).expect("a key"));
    let settings = Settings { signer: Some(Arc::clone(&signer)), ..Settings::default() };
    let journal = Journal::open_with(&directory.path().join("journal"), settings).expect("opened");
    let [mut shown, mut other, mut open] = [SHOWN, OTHER, OPEN].map(Chain::new);
    append(&journal, &mut other, Kind::Open, OF_OTHERS);
    journal.seal().expect("sealed");
    let since = fs::read_to_string(directory.path().join("journal/checkpoint")).expect("a checkpoint");
    append(&journal, &mut shown, Kind::Open, b"{}");
    append(&journal, &mut other, Kind::Request, OF_OTHERS);
    append(&journal, &mut shown, Kind::Request, b"select 1");
    journal.seal().expect("sealed");
    append(&journal, &mut open, Kind::Open, OF_OTHERS);
    journal.seal().expect("sealed");
    append(&journal, &mut shown, Kind::Reply, b"a row");
    append(&journal, &mut shown, Kind::Close, b"{}");
    append(&journal, &mut other, Kind::Close, OF_OTHERS);
    journal.seal().expect("sealed");
    append(&journal, &mut open, Kind::Request, OF_OTHERS);
    journal.seal().expect("sealed");
    Evidence { directory, signer, journal, since }
}

#[test]
fn a_bundle_shows_its_sessions_and_no_other() {
    let evidence = evidence();
    let bytes = evidence.bundle(&[SHOWN]);
    let report = evidence.verify(&bytes);
    assert_eq!(report.problems, vec![]);
    assert_eq!(report.sessions, [ShownSession { session: SHOWN, frames: 4, closed: true }]);
    assert_eq!((report.signed, report.frames), (Some(5), 6), "two of the five segments");
    assert!(!bytes.windows(OF_OTHERS.len()).any(|window| window == OF_OTHERS));
}

#[test]
fn what_a_bundle_shows_is_what_the_journal_has() {
    let evidence = evidence();
    let shown = |keys: &[_]| -> Vec<Frame> {
        let bytes = evidence.bundle(&[SHOWN, OPEN]);
        let frames = BundleFrames::open(bytes.as_slice(), keys).expect("a bundle");
        frames.collect::<Result<_, _>>().expect("whole")
    };
    for session in [SHOWN, OPEN] {
        let of_session: Vec<_> = shown(&[]).into_iter().filter(|frame| frame.session == session).collect();
        assert_eq!(of_session, read(&evidence.path(), Some(session)).expect("read"));
    }
    assert!(shown(&[]).iter().all(|frame| frame.session != OTHER));
}

#[test]
fn a_damaged_bundle_is_read_up_to_an_error() {
    let evidence = evidence();
    let whole = evidence.bundle(&[SHOWN]);
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x41;
        if let Ok(frames) = BundleFrames::open(damaged.as_slice(), &[]) {
            assert!(frames.count() <= 10);
        }
        if let Ok(frames) = BundleFrames::open(&whole[..at], &[]) {
            let read: Vec<_> = frames.collect();
            let has_ended = whole.len() - at == 4; // only the checksum is missing
            assert!(read.last().is_some_and(Result::is_err) || has_ended, "cut at {at}");
        }
    }
}

#[test]
fn an_open_session_is_shown_up_to_the_checkpoint() {
    let mut evidence = evidence();
    let report = evidence.verify(&evidence.bundle(&[OPEN, SHOWN]));
    assert_eq!(report.problems, vec![]);
    let open = ShownSession { session: OPEN, frames: 2, closed: false };
    assert_eq!(report.sessions, [ShownSession { session: SHOWN, frames: 4, closed: true }, open]);
    evidence.since = String::new();
    let problems = evidence.verify(&evidence.bundle(&[OPEN])).problems;
    assert_eq!(problems[0].to_string(), "the checkpoint that was kept: it is not a signed note");
}

#[test]
fn what_the_checkpoint_does_not_cover_cannot_be_bundled() {
    let evidence = evidence();
    let mut late = Chain::new(SessionId(4));
    append(&evidence.journal, &mut late, Kind::Open, b"{}");
    let error = bundle(&evidence.path(), &[SHOWN, SessionId(4)], &mut Vec::new()).expect_err("too new");
    assert!(error.to_string().contains("session 0000000000004: it is too new, or there is none"), "{error}");
    evidence.journal.seal().expect("sealed");
    assert_eq!(evidence.verify(&evidence.bundle(&[SessionId(4)])).problems, vec![]);
}

#[test]
fn old_segments_need_not_be_there_for_younger_sessions() {
    let evidence = evidence();
    fs::remove_file(evidence.path().join("0000000001.journal")).expect("removed");
    assert_eq!(evidence.verify(&evidence.bundle(&[SHOWN])).problems, vec![]);
    fs::remove_file(evidence.path().join("0000000002.journal")).expect("removed");
    let problems = evidence.verify(&evidence.bundle(&[SHOWN])).problems;
    assert!(problems[0].what.contains("session 0000000000001: frame 2 where 0 is due"), "{problems:?}");
}

#[test]
fn every_flipped_bit_of_a_bundle_is_found() {
    let evidence = evidence();
    let whole = evidence.bundle(&[SHOWN]);
    let mut bytes = whole.clone();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            assert!(!evidence.verify(&bytes).problems.is_empty(), "byte {at}, bit {bit}");
            bytes[at] ^= 1 << bit;
        }
    }
    assert_eq!(bytes, whole);
}

#[test]
fn every_cut_of_a_bundle_is_found() {
    let evidence = evidence();
    let whole = evidence.bundle(&[SHOWN]);
    for length in 0..whole.len() {
        assert!(!evidence.verify(&whole[..length]).problems.is_empty(), "{length} bytes");
    }
    let longer = [whole.as_slice(), b"x"].concat();
    assert!(evidence.verify(&longer).problems[0].to_string().contains("there is something behind its end"));
}

/// The parts of a bundle: what is before the segments, their number, each segment, and the CRC.
fn parts(evidence: &Evidence, sessions: &[SessionId]) -> (Vec<u8>, Vec<Vec<Vec<u8>>>) {
    let bytes = evidence.bundle(sessions);
    let note = u32::from_be_bytes(bytes[8..12].try_into().expect("four")) as usize;
    let leaves = 12 + note;
    let count = u64::from_be_bytes(bytes[leaves..leaves + 8].try_into().expect("eight"));
    let mut at = leaves + 8 + 32 * usize::try_from(count).expect("few");
    let head = bytes[..at].to_vec();
    at += 8;
    let mut segments = Vec::new();
    while at + 4 < bytes.len() {
        let mut pieces = vec![bytes[at..at + limits::SEGMENT_HEADER_BYTES].to_vec()];
        at += limits::SEGMENT_HEADER_BYTES;
        while bytes[at] != 0 {
            let payload = u32::from_be_bytes(bytes[at + 5..at + 9].try_into().expect("four")) as usize;
            let end = at + 1 + limits::HEADER_BYTES + if bytes[at] == 1 { payload } else { 0 };
            pieces.push(bytes[at..end].to_vec());
            at = end;
        }
        at += 1;
        segments.push(pieces);
    }
    (head, segments)
}

/// A bundle of such parts, with the CRC right: what a forger would make.
fn forged(head: &[u8], segments: &[Vec<Vec<u8>>]) -> Vec<u8> {
    let mut bytes = head.to_vec();
    bytes.extend((segments.len() as u64).to_be_bytes());
    for pieces in segments {
        bytes.extend(pieces.concat());
        bytes.push(0);
    }
    bytes.extend(crc32c::crc32c(&bytes).to_be_bytes());
    bytes
}

#[test]
fn every_cut_swap_and_repetition_of_frames_and_segments_is_found() {
    let evidence = evidence();
    let (head, segments) = parts(&evidence, &[SHOWN]);
    assert_eq!(evidence.verify(&forged(&head, &segments)).problems, vec![], "unchanged");
    let found = |segments: &[Vec<Vec<u8>>], what: &str| {
        assert!(!evidence.verify(&forged(&head, segments)).problems.is_empty(), "{what}");
    };
    for one in 0..segments.len() {
        let mut changed = segments.clone();
        changed.remove(one);
        found(&changed, "a segment cut out");
        for other in 0..segments.len() {
            let mut changed = segments.clone();
            changed.insert(other, segments[one].clone());
            found(&changed, "a segment doubled");
            if one != other {
                changed = segments.clone();
                changed.swap(one, other);
                found(&changed, "segments swapped");
            }
        }
        for frame in 1..segments[one].len() {
            let mut changed = segments.clone();
            changed[one].remove(frame);
            found(&changed, "a frame cut out");
            for (to, into) in segments.iter().enumerate() {
                for at in 1..=into.len() {
                    changed = segments.clone();
                    changed[to].insert(at, segments[one][frame].clone());
                    found(&changed, "a frame put in");
                    if at < into.len() && into[at] != segments[one][frame] {
                        changed = segments.clone();
                        changed[to][at].clone_from(&segments[one][frame]);
                        found(&changed, "a frame replaced");
                    }
                }
            }
            let mut changed = segments.clone();
            let piece = &mut changed[one][frame];
            if piece[0] == 1 {
                piece[0] = 2;
                piece.truncate(1 + limits::HEADER_BYTES);
                found(&changed, "a payload left out");
            }
        }
    }
}

#[test]
fn what_another_node_signed_is_no_evidence() {
    let (one, other) = (evidence(), evidence());
    let (head, segments) = parts(&one, &[SHOWN]);
    let (other_head, other_segments) = parts(&other, &[SHOWN]);
    for bytes in [forged(&head, &other_segments), forged(&other_head, &segments), other.bundle(&[SHOWN])] {
        assert!(!one.verify(&bytes).problems.is_empty());
    }
    let mut trust = one.trust();
    trust.since = Some(other.since.clone());
    let problems = verify_bundle(one.bundle(&[SHOWN]).as_slice(), &trust).expect("readable").problems;
    assert_eq!(problems[0].to_string(), "the checkpoint that was kept: it is not signed with the given key");
}

#[test]
fn a_log_that_was_rewritten_does_not_continue_the_old_one() {
    let before = evidence();
    // The same key signs another history.
    let after = tempfile::tempdir().expect("a directory");
    let settings = Settings { signer: Some(Arc::clone(&before.signer)), ..Settings::default() };
    let journal = Journal::open_with(after.path(), settings).expect("opened");
    let mut chain = Chain::new(SHOWN);
    append(&journal, &mut chain, Kind::Open, b"{}");
    append(&journal, &mut chain, Kind::Close, b"{}");
    journal.seal().expect("sealed");
    let mut bytes = Vec::new();
    bundle(after.path(), &[SHOWN], &mut bytes).expect("bundled");
    let trust = Trust { since: None, ..before.trust() };
    assert_eq!(verify_bundle(bytes.as_slice(), &trust).expect("readable").problems, vec![]);
    let problems = before.verify(&bytes).problems;
    assert_eq!(problems[0].to_string(), "the log is not a continuation of the checkpoint that was kept");
}
