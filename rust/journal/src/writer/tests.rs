//! Disks that fill up, at every byte.

use std::fs::OpenOptions;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Writer, start_segment};
use crate::segment::{SegmentFile, Segments};
use crate::{Chain, Entry, Journal, Kind, SessionId, frame, limits};

const SEGMENT_BYTES_MAX: u64 = 500;

/// A disk of so many bytes, on which every write is cut short at a page's end.
#[derive(Clone, Debug)]
struct Disk(Arc<Mutex<Contents>>);

#[derive(Debug)]
struct Contents {
    room: usize,
    page: usize,
    files: Vec<Vec<u8>>,
    refuses_truncation: bool,
}

#[derive(Debug)]
struct DiskFile {
    disk: Disk,
    index: usize,
}

impl Disk {
    fn new(room: usize, page: usize) -> Disk {
        Disk(Arc::new(Mutex::new(Contents { room, page, files: Vec::new(), refuses_truncation: false })))
    }

    fn with<T>(&self, change: impl FnOnce(&mut Contents) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn lengths(&self) -> Vec<usize> {
        self.with(|contents| contents.files.iter().map(Vec::len).collect())
    }

    fn writer(&self) -> io::Result<Writer> {
        let mut disk = self.clone();
        let (file, tail) = start_segment(&mut disk, None)?;
        Ok(Writer::new(Box::new(disk), SEGMENT_BYTES_MAX, file, tail))
    }
}

impl Segments for Disk {
    fn create(&mut self, _number: u64) -> io::Result<Box<dyn SegmentFile>> {
        let index = self.with(|contents| {
            contents.files.push(Vec::new());
            contents.files.len() - 1
        });
        Ok(Box::new(DiskFile { disk: self.clone(), index }))
    }
}

impl SegmentFile for DiskFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.disk.with(|contents| {
            let written = bytes.len().min(contents.room).min(contents.page);
            if written == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            contents.room -= written;
            contents.files[self.index].extend(&bytes[..written]);
            Ok(written)
        })
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.disk.with(|contents| {
            if contents.refuses_truncation {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            contents.files[self.index].truncate(usize::try_from(length).unwrap());
            Ok(())
        })
    }
}

const FRAME: usize = limits::HEADER_BYTES + 20;

fn reply(writer: &mut Writer, chain: &mut Chain) -> io::Result<()> {
    let mut frames = Vec::new();
    let entry = Entry { kind: Kind::Reply, parts: &[b"0123456789", b"abcdefghij"] };
    frame::encode(&entry, 1, chain, &mut frames);
    writer.append(&mut frames)
}

#[test]
fn a_full_disk_stops_the_journal_at_a_whole_frame() {
    for page in [1, 7, 4096] {
        for room in limits::SEGMENT_HEADER_BYTES..1500 {
            let disk = Disk::new(room, page);
            let mut writer = disk.writer().unwrap();
            let mut chain = Chain::new(SessionId(3));
            let mut acknowledged = 0;
            let error = loop {
                match reply(&mut writer, &mut chain) {
                    Ok(()) => acknowledged += 1,
                    Err(error) => break error,
                }
            };
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
            assert!(error.to_string().contains("journal segment"), "{error}");
            let kept: usize =
                disk.lengths().iter().map(|length| length.saturating_sub(limits::SEGMENT_HEADER_BYTES)).sum();
            assert_eq!(kept, acknowledged * FRAME, "room {room}, page {page}");
        }
    }
}

#[test]
fn a_failed_append_leaves_the_chain_where_it_was() {
    let disk = Disk::new(150, 4096);
    let lock = OpenOptions::new().read(true).open("/dev/null").unwrap();
    let journal = Journal { writer: Mutex::new(disk.writer().unwrap()), _lock: lock };
    let mut chain = Chain::new(SessionId(3));
    journal.append(&mut chain, &[Entry { kind: Kind::Open, parts: &[b"{}"] }]).unwrap();
    let (sequence, head) = (chain.sequence, chain.head);
    let entries = [Entry { kind: Kind::Request, parts: &[b"select 1"] }];
    assert_eq!(journal.append(&mut chain, &entries).unwrap_err().kind(), io::ErrorKind::StorageFull);
    assert_eq!((chain.sequence, chain.head), (sequence, head));
    assert_eq!(sequence, 1);
}

#[test]
fn after_a_failure_nothing_is_appended_even_when_there_is_room() {
    let disk = Disk::new(150, 4096);
    let mut writer = disk.writer().unwrap();
    let mut chain = Chain::new(SessionId(3));
    reply(&mut writer, &mut chain).unwrap();
    reply(&mut writer, &mut chain).unwrap_err();
    disk.with(|contents| contents.room = 10_000);
    for _ in 0..2 {
        let error = reply(&mut writer, &mut chain).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert!(error.to_string().starts_with("the journal has stopped: cannot write"), "{error}");
    }
    assert_eq!(disk.lengths(), [limits::SEGMENT_HEADER_BYTES + FRAME]);
}

#[test]
fn a_frame_that_cannot_be_undone_is_left_to_the_next_start() {
    let disk = Disk::new(150, 4096);
    let mut writer = disk.writer().unwrap();
    let mut chain = Chain::new(SessionId(3));
    reply(&mut writer, &mut chain).unwrap();
    disk.with(|contents| contents.refuses_truncation = true);
    let error = reply(&mut writer, &mut chain).unwrap_err();
    assert!(error.to_string().contains("the next start undoes it"), "{error}");
}

/// The kernel's own full disk: every write to it is ENOSPC.
#[derive(Debug)]
struct Full;

impl Segments for Full {
    fn create(&mut self, _number: u64) -> io::Result<Box<dyn SegmentFile>> {
        Ok(Box::new(OpenOptions::new().append(true).open("/dev/full")?))
    }
}

#[test]
fn a_segment_that_cannot_be_started_stops_the_journal() {
    let disk = Disk::new(10_000, 4096);
    let mut writer = disk.writer().unwrap();
    writer.segments = Box::new(Full);
    let mut chain = Chain::new(SessionId(3));
    for _ in 0..5 {
        reply(&mut writer, &mut chain).unwrap();
    }
    let error = reply(&mut writer, &mut chain).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert!(error.to_string().starts_with("cannot start journal segment 2"), "{error}");
    assert!(reply(&mut writer, &mut chain).unwrap_err().to_string().contains("has stopped"));
}

#[test]
fn the_kernels_full_disk_is_reported_as_full() {
    let disk = Disk::new(10_000, 4096);
    let mut writer = disk.writer().unwrap();
    writer.file = Full.create(1).unwrap();
    let error = reply(&mut writer, &mut Chain::new(SessionId(3))).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert!(error.to_string().contains("the next start undoes it"), "{error}");
}
