//! What is long is stored compressed, and nobody who reads it can tell.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{append, incompressible, segments};
use narrows_journal::{Chain, Journal, Kind, SessionId, limits, read, verify};

fn stored(payload: &[u8]) -> u64 {
    let directory = tempfile::tempdir().expect("a directory");
    let journal = Journal::open(directory.path(), 1 << 30).expect("opened");
    let mut chain = Chain::new(SessionId(1));
    append(&journal, &mut chain, Kind::Open, payload);
    drop(journal);
    assert_eq!(read(directory.path(), None).expect("read")[0].payload, payload);
    assert_eq!(verify(directory.path()).expect("verified").problems, vec![]);
    let length = segments(directory.path())[0].metadata().expect("metadata").len();
    length - (limits::SEGMENT_HEADER_BYTES + limits::HEADER_BYTES) as u64
}

#[test]
fn rows_shrink_and_short_or_random_payloads_stay_as_they_are() {
    let rows: Vec<u8> =
        (0..2000).flat_map(|row| format!("{row}|order|open|2026-01-{}\n", row % 28).into_bytes()).collect();
    assert!(stored(&rows) * 4 < rows.len() as u64);
    assert_eq!(stored(&[b'x'; limits::COMPRESSED_FROM_BYTES - 1]), limits::COMPRESSED_FROM_BYTES as u64 - 1);
    assert!(stored(&[b'x'; limits::COMPRESSED_FROM_BYTES]) < 40);
    assert_eq!(stored(&incompressible(100_000)), 100_000);
}

#[test]
fn a_payload_of_many_frames_comes_back_whole() {
    let directory = tempfile::tempdir().expect("a directory");
    let journal = Journal::open(directory.path(), 1 << 30).expect("opened");
    let mut chain = Chain::new(SessionId(1));
    let long = [vec![7; limits::PAYLOAD_BYTES_MAX], incompressible(limits::PAYLOAD_BYTES_MAX + 1)].concat();
    append(&journal, &mut chain, Kind::Open, &long);
    let frames = read(directory.path(), None).expect("read");
    assert_eq!(frames.len(), 3);
    assert!(frames.iter().flat_map(|frame| &frame.payload).eq(&long));
}
