//! What is appended is read back, in order, by everyone who may read.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use common::{append, incompressible, segments};
use narrows_journal::{Chain, Entry, Journal, Kind, Reader, SessionId, limits, read, verify};
use proptest::prelude::*;

const SEGMENT_BYTES_MAX: u64 = 1 << 20;

#[test]
fn a_session_is_read_back_as_it_was_appended() {
    let directory = tempfile::tempdir().expect("a directory");
    let journal = Journal::open(directory.path(), SEGMENT_BYTES_MAX).expect("opened");
    let session = SessionId::new(1_764_000_000_000, 7);
    let mut chain = Chain::new(session);
    append(&journal, &mut chain, Kind::Open, b"{}");
    let applied = 9_u64.to_be_bytes();
    let entries = [
        Entry { kind: Kind::Request, parts: &[b"sel", b"", b"ect"] },
        Entry { kind: Kind::Applied, parts: &[&applied] },
        Entry { kind: Kind::Reply, parts: &[] },
    ];
    journal.append(&mut chain, &entries).expect("appended");
    append(&journal, &mut chain, Kind::Close, b"{}");

    let frames = read(directory.path(), Some(session)).expect("read");
    let seen: Vec<_> = frames.iter().map(|f| (f.sequence, f.kind, f.payload.as_slice())).collect();
    let expected: [(u64, Kind, &[u8]); 5] = [
        (0, Kind::Open, b"{}"),
        (1, Kind::Request, b"select"),
        (2, Kind::Applied, &applied),
        (3, Kind::Reply, b""),
        (4, Kind::Close, b"{}"),
    ];
    assert_eq!(seen, expected);
    assert!(frames.iter().all(|frame| frame.session == session && frame.time_us > 1_700_000_000_000_000));
    let report = verify(directory.path()).expect("verified");
    assert_eq!((report.sessions, report.frames, report.problems.len()), (1, 5, 0));
    assert_eq!((report.unfinished, report.torn), (vec![], None));
}

#[test]
fn sessions_are_told_apart() {
    let directory = tempfile::tempdir().expect("a directory");
    let journal = Journal::open(directory.path(), SEGMENT_BYTES_MAX).expect("opened");
    let mut chains = [Chain::new(SessionId(1)), Chain::new(SessionId(2))];
    for chain in &mut chains {
        append(&journal, chain, Kind::Open, b"{}");
    }
    for round in 0..3_u8 {
        append(&journal, &mut chains[0], Kind::Request, &[round]);
        append(&journal, &mut chains[1], Kind::Reply, &[round, round]);
    }
    append(&journal, &mut chains[1], Kind::Close, b"{}");
    assert_eq!(read(directory.path(), None).expect("read").len(), 9);
    let second = read(directory.path(), Some(SessionId(2))).expect("read");
    assert_eq!(second.len(), 5);
    assert!(second.iter().all(|frame| frame.session == SessionId(2)));
    let report = verify(directory.path()).expect("verified");
    assert_eq!((report.problems, report.unfinished), (vec![], vec![SessionId(1)]));
}

#[test]
fn sessions_in_many_threads_keep_their_chains() {
    let directory = tempfile::tempdir().expect("a directory");
    let journal = Journal::open(directory.path(), 3000).expect("opened");
    std::thread::scope(|scope| {
        for session in 1..5 {
            let journal = &journal;
            scope.spawn(move || {
                let mut chain = Chain::new(SessionId(session));
                append(journal, &mut chain, Kind::Open, b"{}");
                for round in 0..200_u8 {
                    append(journal, &mut chain, Kind::Reply, &[round]);
                }
                append(journal, &mut chain, Kind::Close, b"{}");
            });
        }
    });
    let report = verify(directory.path()).expect("verified");
    assert_eq!((report.sessions, report.frames), (4, 808));
    assert_eq!((report.problems, report.unfinished), (vec![], vec![]));
}

#[test]
fn a_full_segment_is_followed_by_another() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut chain = Chain::new(SessionId(5));
    let journal = Journal::open(directory.path(), 448).expect("opened");
    append(&journal, &mut chain, Kind::Open, b"{}");
    for _ in 0..20 {
        append(&journal, &mut chain, Kind::Reply, &[b'x'; 100]);
    }
    append(&journal, &mut chain, Kind::Reply, &incompressible(4000));
    append(&journal, &mut chain, Kind::Close, b"{}");
    let paths = segments(directory.path());
    assert_eq!(paths.len(), 13, "one oversized, eleven with at most two frames, one with the close");
    assert!(paths[0].ends_with("0000000001.journal"));
    let lengths = paths.iter().map(|path| path.metadata().expect("metadata").len());
    assert_eq!(lengths.filter(|length| *length > 448).count(), 1, "only the append that fits in no segment");
    assert_eq!(verify(directory.path()).expect("verified").problems, vec![]);
    assert_eq!(read(directory.path(), None).expect("read").len(), 23);
}

#[test]
fn a_payload_longer_than_a_frame_becomes_several() {
    let directory = tempfile::tempdir().expect("a directory");
    let journal = Journal::open(directory.path(), 1 << 30).expect("opened");
    let mut chain = Chain::new(SessionId(5));
    let long = vec![7; limits::PAYLOAD_BYTES_MAX - 1];
    append(&journal, &mut chain, Kind::Open, b"{}");
    journal
        .append(&mut chain, &[Entry { kind: Kind::Reply, parts: &[&long, b"abc", b"", b"d"] }])
        .expect("appended");
    let frames = read(directory.path(), None).expect("read");
    let lengths: Vec<_> = frames.iter().map(|frame| frame.payload.len()).collect();
    assert_eq!(lengths, [2, limits::PAYLOAD_BYTES_MAX, 3]);
    assert_eq!(frames[2].payload, b"bcd");
    assert_eq!(chain.sequence, 3);
    assert_eq!(verify(directory.path()).expect("verified").problems, vec![]);
}

#[test]
fn a_payload_of_exactly_one_frame_stays_one() {
    let directory = tempfile::tempdir().expect("a directory");
    let journal = Journal::open(directory.path(), 1 << 30).expect("opened");
    let mut chain = Chain::new(SessionId(5));
    append(&journal, &mut chain, Kind::Open, &vec![7; limits::PAYLOAD_BYTES_MAX]);
    append(&journal, &mut chain, Kind::Close, b"");
    assert_eq!(read(directory.path(), None).expect("read").len(), 2);
    assert_eq!(verify(directory.path()).expect("verified").problems, vec![]);
}

#[test]
fn only_one_process_writes() {
    let directory = tempfile::tempdir().expect("a directory");
    let first = Journal::open(directory.path(), SEGMENT_BYTES_MAX).expect("opened");
    let second = Journal::open(directory.path(), SEGMENT_BYTES_MAX).expect_err("locked");
    assert_eq!(second.kind(), std::io::ErrorKind::ResourceBusy);
    assert!(second.to_string().contains("another process writes this journal"));
    drop(first);
    Journal::open(directory.path(), SEGMENT_BYTES_MAX).expect("free again");
}

#[test]
fn only_the_owner_may_read() {
    let parent = tempfile::tempdir().expect("a directory");
    let directory = parent.path().join("state").join("journal");
    let _journal = Journal::open(&directory, SEGMENT_BYTES_MAX).expect("opened");
    let mode = |path: &Path| path.metadata().expect("metadata").permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    assert_eq!(mode(&segments(&directory)[0]), 0o600);
}

#[test]
fn a_session_goes_on_after_a_restart() {
    let directory = tempfile::tempdir().expect("a directory");
    for session in 1..4 {
        let journal = Journal::open(directory.path(), 200).expect("opened");
        let mut chain = Chain::new(SessionId(session));
        append(&journal, &mut chain, Kind::Open, b"{}");
        append(&journal, &mut chain, Kind::Close, b"{}");
    }
    let report = verify(directory.path()).expect("verified");
    assert_eq!((report.sessions, report.frames, report.problems), (3, 6, vec![]));
    let sessions: Vec<_> = Reader::open(directory.path())
        .expect("opened")
        .map(|frame| frame.expect("a frame").session.0)
        .collect();
    assert_eq!(sessions, [1, 1, 2, 2, 3, 3]);
}

#[test]
fn a_missing_directory_is_an_error_to_readers() {
    let directory = tempfile::tempdir().expect("a directory").path().join("nothing");
    assert_eq!(read(&directory, None).expect_err("missing").kind(), std::io::ErrorKind::NotFound);
    assert_eq!(verify(&directory).expect_err("missing").kind(), std::io::ErrorKind::NotFound);
}

fn kinds() -> impl Strategy<Value = Kind> {
    (2_u8..=6).prop_map(|code| Kind::from_code(code).expect("a kind"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_entries_in_any_segments_come_back(
        segment_bytes_max in 0_u64..4000,
        batches in prop::collection::vec(
            (0_usize..3, prop::collection::vec(
                (kinds(), prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..4)), 0..5)), 0..20),
    ) {
        let directory = tempfile::tempdir().expect("a directory");
        let journal = Journal::open(directory.path(), segment_bytes_max).expect("opened");
        let mut chains: Vec<_> = (1..4).map(|id| Chain::new(SessionId(id))).collect();
        let mut expected: Vec<Vec<(Kind, Vec<u8>)>> = vec![vec![(Kind::Open, b"{}".to_vec())]; 3];
        for chain in &mut chains {
            append(&journal, chain, Kind::Open, b"{}");
        }
        for (session, batch) in &batches {
            let parts: Vec<Vec<&[u8]>> =
                batch.iter().map(|(_, parts)| parts.iter().map(Vec::as_slice).collect()).collect();
            let entries: Vec<_> =
                batch.iter().zip(&parts).map(|((kind, _), parts)| Entry { kind: *kind, parts }).collect();
            journal.append(&mut chains[*session], &entries).expect("appended");
            expected[*session].extend(batch.iter().map(|(kind, parts)| (*kind, parts.concat())));
        }
        for (id, expected) in (1..).zip(expected) {
            let frames = read(directory.path(), Some(SessionId(id))).expect("read");
            prop_assert!(frames.iter().zip(0..).all(|(frame, sequence)| frame.sequence == sequence));
            let seen: Vec<_> = frames.into_iter().map(|frame| (frame.kind, frame.payload)).collect();
            prop_assert_eq!(seen, expected);
        }
        prop_assert_eq!(verify(directory.path()).expect("verified").problems, vec![]);
    }

    #[test]
    fn ids_sort_as_they_are_written(left in any::<u64>(), right in any::<u64>()) {
        let (left, right) = (SessionId(left), SessionId(right));
        prop_assert_eq!(left.to_string().cmp(&right.to_string()), left.cmp(&right));
        prop_assert_eq!(left.to_string().parse(), Ok(left));
        prop_assert_eq!(left.to_string().to_uppercase().parse(), Ok(left));
    }
}

#[test]
fn ids_are_read_strictly() {
    assert_eq!(SessionId(u64::MAX).to_string(), "fzzzzzzzzzzzz");
    assert_eq!(SessionId::new(1_764_000_000_000, 1).time_ms(), 1_764_000_000_000);
    assert!(SessionId::new(1, u32::MAX) < SessionId::new(2, 0));
    for wrong in ["", "0", "g000000000000", "000000000000u", "00000000000000", "00000000000é"] {
        assert!(wrong.parse::<SessionId>().is_err(), "{wrong:?}");
    }
}
