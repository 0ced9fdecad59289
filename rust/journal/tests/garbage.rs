//! Files that are anything at all: an answer, never a panic, and never a frame that was not written.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use std::fs;

use common::{append, segments};
use narrows_journal::{Chain, Journal, Kind, Reader, SessionId, Signer, Trust, verify, verify_bundle};
use proptest::prelude::*;

proptest! {
    #[test]
    fn any_bytes_as_segments_are_refused(
        files in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..3),
    ) {
        let directory = tempfile::tempdir().expect("a directory");
        for (number, bytes) in (1..).zip(&files) {
            fs::write(directory.path().join(format!("{number:010}.journal")), bytes).expect("written");
        }
        let report = verify(directory.path()).expect("verified");
        prop_assert_eq!(report.frames, 0);
        prop_assert!(!report.problems.is_empty() || report.torn.is_some());
        prop_assert!(Reader::open(directory.path()).expect("opened").all(|frame| frame.is_err()));
        prop_assert!(Journal::open(directory.path(), 1000).is_ok(), "it goes on behind them");
    }

    #[test]
    fn any_bytes_as_a_bundle_prove_nothing(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        leaves in any::<u64>(),
        starts_well in any::<bool>(),
    ) {
        let directory = tempfile::tempdir().expect("a directory");
        let signer = Signer::open(&directory.path().join("key"), None).expect("a key");
        let trust = Trust { key: signer.public().clone(), since: None };
        let mut bundle = if starts_well { b"NARROWB\x01\0\0\0\0".to_vec() } else { Vec::new() };
        bundle.extend(leaves.to_be_bytes());
        bundle.extend(bytes);
        prop_assert!(!verify_bundle(bundle.as_slice(), &trust).expect("readable").problems.is_empty());
    }

    #[test]
    fn any_edit_leaves_only_frames_that_were_written(
        at in 0_usize..2000,
        removed in 0_usize..200,
        inserted in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let directory = tempfile::tempdir().expect("a directory");
        let journal = Journal::open(directory.path(), 1 << 20).expect("opened");
        let mut chain = Chain::new(SessionId(1));
        append(&journal, &mut chain, Kind::Open, b"{}");
        for round in 0..20_u8 {
            append(&journal, &mut chain, Kind::Reply, &[round; 10]);
        }
        append(&journal, &mut chain, Kind::Close, b"{}");
        drop(journal);
        let before = narrows_journal::read(directory.path(), None).expect("read");

        let path = segments(directory.path()).remove(0);
        let whole = fs::read(&path).expect("read");
        let mut edited = whole.clone();
        let end = (at + removed).min(edited.len());
        edited.splice(at.min(end)..end, inserted);
        fs::write(&path, &edited).expect("written");

        let kept: Vec<_> = Reader::open(directory.path()).expect("opened").map_while(Result::ok).collect();
        prop_assert!(before.starts_with(&kept));
        let report = verify(directory.path()).expect("verified");
        let noticed = !report.problems.is_empty() || report.torn.is_some() || !report.unfinished.is_empty();
        prop_assert!(noticed || edited == whole);
        // Whatever a start makes of it, what can be read still can be, and the damage is known.
        drop(Journal::open(directory.path(), 1 << 20).expect("opened"));
        let still: Vec<_> = Reader::open(directory.path()).expect("opened").map_while(Result::ok).collect();
        prop_assert!(still.starts_with(&kept));
        let whole_again = verify(directory.path()).expect("verified").problems.is_empty();
        prop_assert_eq!(whole_again, report.problems.is_empty() || fs::read(&path).expect("read") != edited);
    }
}
