//! Clocks that are set back.

use std::sync::Arc;

use super::FaultyDisk;
use crate::limits::CLOCK_BACK_MAX_US;
use crate::packing::Compressor;
use crate::{Chain, Entry, Journal, Kind, SessionId, Settings, frame};

#[test]
fn a_clock_set_back_stops_the_journal_and_its_next_start_until_it_is_right() {
    let directory = tempfile::tempdir().expect("a directory");
    let disk = FaultyDisk::new(directory.path(), None);
    let journal = Journal::open_on(disk.directory(), Arc::new(disk), Settings::default()).expect("opened");
    let mut chain = Chain::new(SessionId(3));
    let mut writer = journal.shared.writer().expect("a writer");
    let mut append = |kind, time_us| {
        let mut frames = Vec::new();
        let entry = Entry { kind, parts: &[b"{}"] };
        frame::encode(&entry, time_us, &mut chain, &mut Compressor::default(), &mut frames).expect("encoded");
        writer.append(&mut frames, time_us)
    };
    let future = crate::frames::now_us() + 3_600_000_000;
    append(Kind::Open, future).expect("appended");
    append(Kind::Event, future - CLOCK_BACK_MAX_US).expect("slewed: its time is that of the frame before");
    let error = append(Kind::Event, future - CLOCK_BACK_MAX_US - 1).expect_err("set back").to_string();
    assert!(error.contains("the clock is 1.000 s behind the journal's last frame"), "{error}");
    append(Kind::Event, future).expect_err("nothing is acknowledged any more");
    drop(writer);
    drop(journal);
    assert_eq!(crate::verify(directory.path()).expect("verified").problems, vec![]);
    let error =
        Journal::open(directory.path(), 1 << 20).expect_err("the clock is an hour behind").to_string();
    assert!(error.contains("behind the journal's last frame: set it right"), "{error}");
}
