//! Disks that fill up, at every byte.

use std::io;
use std::sync::Arc;

use super::FaultyDisk;
use crate::{Chain, Entry, Journal, Kind, SessionId, Settings, read, verify};

fn settings() -> Settings {
    Settings { segment_bytes_max: 500, ..Settings::default() }
}

#[test]
fn a_full_disk_stops_the_journal_at_a_whole_frame() {
    for room in 0..1500 {
        let directory = tempfile::tempdir().expect("a directory");
        let disk = FaultyDisk::new(directory.path(), None).with_room(room);
        let Ok(journal) = Journal::open_on(disk.directory(), Arc::new(disk), settings()) else {
            assert!(room < 100, "no room for a first segment in {room} bytes");
            continue;
        };
        let mut chain = Chain::new(SessionId(3));
        let mut acknowledged = 0;
        let error = loop {
            let kind = if acknowledged == 0 { Kind::Open } else { Kind::Reply };
            let before = (chain.sequence, chain.head);
            match journal.append(&mut chain, &[Entry { kind, parts: &[b"0123456789", b"abcdefghij"] }]) {
                Ok(()) => acknowledged += 1,
                Err(error) => {
                    assert_eq!((chain.sequence, chain.head), before, "the chain is as it was");
                    break error;
                }
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert!(error.to_string().contains("journal segment"), "{error}");
        assert_eq!(read(directory.path(), None).expect("read").len(), acknowledged, "room {room}");
        assert_eq!(verify(directory.path()).expect("verified").problems, vec![]);
    }
}
