//! Torn, flipped, cut, reordered and spliced: what recovery drops and what verification finds.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use std::fs;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use common::{append, segments};
use narrows_journal::{Alarm, Chain, Entry, Journal, Kind, SessionId, Settings, limits, read, verify};
use tempfile::TempDir;

const SEGMENT_HEADER: usize = limits::SEGMENT_HEADER_BYTES;

/// Two sessions in turn, in three segments of three frames each; every payload has eight bytes.
fn small_journal() -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let frame = limits::HEADER_BYTES as u64 + 8;
    let journal = Journal::open(directory.path(), SEGMENT_HEADER as u64 + 3 * frame).expect("opened");
    let (mut left, mut right) = (Chain::new(SessionId(1)), Chain::new(SessionId(2)));
    append(&journal, &mut left, Kind::Open, b"{\"a\": 1}");
    append(&journal, &mut right, Kind::Open, b"{\"b\": 2}");
    for round in 0..2 {
        append(&journal, &mut left, Kind::Request, format!("select {round}").as_bytes());
        append(&journal, &mut right, Kind::Request, format!("delete {round}").as_bytes());
    }
    append(&journal, &mut left, Kind::Close, b"{\"c\": 3}");
    append(&journal, &mut right, Kind::Reply, b"the rows");
    append(&journal, &mut right, Kind::Close, b"{\"d\": 4}");
    drop(journal);
    assert_eq!(segments(directory.path()).len(), 3);
    assert_eq!(verify(directory.path()).expect("verified").problems, vec![]);
    directory
}

const FRAME: usize = limits::HEADER_BYTES + 8;

/// The bytes of the `index`th frame of a segment of the small journal.
fn frame_range(index: usize) -> std::ops::Range<usize> {
    SEGMENT_HEADER + index * FRAME..SEGMENT_HEADER + (index + 1) * FRAME
}

fn open(directory: &Path) -> io::Result<Journal> {
    Journal::open(directory, 1 << 20)
}

fn problems(directory: &Path) -> Vec<String> {
    let report = verify(directory).expect("verified");
    report.problems.iter().map(ToString::to_string).collect()
}

fn rewrite(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).expect("read");
    change(&mut bytes);
    fs::write(path, bytes).expect("written");
}

#[test]
fn a_write_torn_at_any_byte_is_dropped_and_said() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut chain = Chain::new(SessionId(9));
    let journal = open(directory.path()).expect("opened");
    append(&journal, &mut chain, Kind::Open, b"{}");
    let path = segments(directory.path()).remove(0);
    let good = fs::read(&path).expect("read").len();
    let parts: &[&[u8]] = &[b"three", b"parts", b"of a request"];
    let entries = [Entry { kind: Kind::Request, parts }, Entry { kind: Kind::Reply, parts: &[b"a reply"] }];
    journal.append(&mut chain, &entries).expect("appended");
    drop(journal);
    let whole = fs::read(&path).expect("read");
    let request = good + limits::HEADER_BYTES + 22;

    for cut in good..whole.len() {
        fs::write(&path, &whole[..cut]).expect("written");
        let kept = if cut < request { 1 } else { 2 };
        let end = if cut < request { good } else { request };
        let report = verify(directory.path()).expect("verified");
        assert_eq!((report.problems, report.frames), (vec![], kept), "cut at {cut}");
        let torn = report.torn.map(|torn| (torn.segment, torn.offset, torn.bytes));
        assert_eq!(torn, (cut > end).then_some((1, end as u64, (cut - end) as u64)), "cut at {cut}");
        assert_eq!(read(directory.path(), None).expect("read").len() as u64, kept);

        drop(open(directory.path()).expect("recovered"));
        let frames = read(directory.path(), Some(SessionId::NODE)).expect("read");
        let said: Vec<_> = frames.iter().map(|frame| (frame.kind, frame.payload.clone())).collect();
        let json = format!(r#"{{"segment":1,"offset":{end},"bytes_dropped":{}}}"#, cut - end);
        let expected = (cut > end).then_some((Kind::Recovered, json.into_bytes()));
        assert_eq!(said, Vec::from_iter(expected), "cut at {cut}");
        let report = verify(directory.path()).expect("verified");
        assert_eq!((report.problems, report.torn), (vec![], None), "cut at {cut}");
        assert_eq!(report.unfinished, [SessionId(9)]);
    }
}

#[test]
fn recoveries_are_one_chain() {
    let directory = small_journal();
    for round in 1..4 {
        let last = segments(directory.path()).pop().expect("a segment");
        rewrite(&last, |bytes| bytes.extend(b"NJ and then the power went"));
        drop(open(directory.path()).expect("recovered"));
        assert_eq!(problems(directory.path()), Vec::<String>::new());
        assert_eq!(read(directory.path(), Some(SessionId::NODE)).expect("read").len(), round);
    }
}

#[test]
fn a_segment_torn_in_its_header_is_made_anew() {
    for length in 0..SEGMENT_HEADER {
        let directory = small_journal();
        let fourth = directory.path().join("0000000004.journal");
        fs::write(&fourth, vec![7; length]).expect("written");
        let report = verify(directory.path()).expect("verified");
        assert_eq!((report.problems, report.torn.map(|torn| torn.bytes)), (vec![], Some(length as u64)));
        assert_eq!(read(directory.path(), None).expect("read").len(), 9);
        drop(open(directory.path()).expect("recovered"));
        assert_eq!(problems(directory.path()), Vec::<String>::new());
        assert_eq!(read(directory.path(), Some(SessionId::NODE)).expect("read").len(), 1);
    }
}

#[test]
fn every_flipped_bit_is_found() {
    let directory = small_journal();
    let paths = segments(directory.path());
    for (number, path) in (1_u64..).zip(&paths) {
        let whole = fs::read(path).expect("read");
        // In place, since writing the file anew each time would wait for the disk.
        let file = fs::OpenOptions::new().write(true).open(path).expect("opened");
        for (at, byte) in whole.iter().enumerate() {
            for bit in 0..8 {
                file.write_all_at(&[byte ^ 1 << bit], at as u64).expect("written");
                let found = verify(directory.path()).expect("verified").problems;
                assert!(found.iter().any(|problem| problem.segment == number), "byte {at}, bit {bit}");
                let error = read(directory.path(), None).expect_err("damaged");
                assert_eq!(error.kind(), io::ErrorKind::InvalidData);
            }
            file.write_all_at(&[*byte], at as u64).expect("written");
        }
    }
}

/// Opens the journal; returns what it raised an alarm about before the start was over.
fn alarms(directory: &Path) -> Vec<String> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hearing = Arc::clone(&heard);
    let alarm: Alarm = Arc::new(move |_, what| hearing.lock().expect("heard").push(what.to_owned()));
    drop(Journal::open_with(directory, Settings { alarm, ..Settings::default() }).expect("opened"));
    let heard = heard.lock().expect("heard");
    heard.clone()
}

#[test]
fn a_start_never_drops_what_was_acknowledged_before_other_frames() {
    for frame in 0..3 {
        let directory = small_journal();
        let last = segments(directory.path()).pop().expect("a segment");
        let middle = frame_range(frame).start + 40;
        rewrite(&last, |bytes| bytes[middle] ^= 1);
        let heard = alarms(directory.path());
        if frame == 2 {
            assert!(heard.is_empty(), "nothing whole behind it: dropped");
            continue;
        }
        let place = format!("segment 3 at offset {}: ", frame_range(frame).start);
        assert!(heard[0].starts_with(&format!("journal {place}")), "{heard:?}");
        let length = last.metadata().expect("metadata").len();
        assert_eq!(length, frame_range(2).end as u64, "left as it was");
        // The journal goes on in another segment, which says why.
        let fourth = fs::read(directory.path().join("0000000004.journal")).expect("read");
        let said = format!(r#"{{"segment":3,"offset":{},"what":"#, frame_range(frame).start);
        assert!(fourth.windows(said.len()).any(|window| window == said.as_bytes()));
        let found = problems(directory.path());
        assert!(found.iter().all(|found| found.starts_with("segment 3")), "{found:?}");
        assert!(alarms(directory.path()).is_empty(), "it is told once");
    }
}

#[test]
fn a_session_that_is_whole_is_read_whatever_happened_to_others() {
    // The frames of session 1 and 2 take turns; the last but one of the first segment is session 2's.
    for frame in 0..3 {
        let directory = small_journal();
        rewrite(&segments(directory.path())[0], |bytes| bytes[frame_range(frame).start + 40] ^= 1);
        let (damaged, whole) = if frame == 1 { (2, 1) } else { (1, 2) };
        assert!(read(directory.path(), Some(SessionId(whole))).expect("whole").len() >= 4);
        let error = read(directory.path(), Some(SessionId(damaged))).expect_err("damaged").to_string();
        let place = format!("journal segment 1 at offset {}: ", frame_range(frame).start);
        assert!(error.starts_with(&place), "{error}");
    }
}

#[test]
fn a_start_reads_the_last_segment_alone() {
    let directory = small_journal();
    rewrite(&segments(directory.path())[0], |bytes| bytes[frame_range(1).start + 40] ^= 1);
    open(directory.path()).expect("opened");
    assert!(problems(directory.path())[0].starts_with("segment 1"));
}

#[test]
fn a_damaged_header_is_no_end_of_the_journal() {
    for segment in 0..3 {
        let directory = small_journal();
        rewrite(&segments(directory.path())[segment], |bytes| bytes[20] ^= 1);
        let mut heard = alarms(directory.path());
        // Older headers are looked at by a thread, which may not have come to it yet.
        heard.truncate(usize::from(segment == 2));
        assert!(
            heard.iter().all(|what| what == "journal segment 3 at offset 0: the segment's header is damaged")
        );
        let found = problems(directory.path());
        assert!(found[0].starts_with(&format!("segment {} at offset 0", segment + 1)), "{found:?}");
    }
}

#[test]
fn an_agent_cannot_stop_the_next_start_with_a_frame_in_its_payload() {
    let directory = small_journal();
    let last = segments(directory.path()).pop().expect("a segment");
    let stolen = fs::read(&last).expect("read");
    let journal = open(directory.path()).expect("opened");
    let mut chain = Chain::new(SessionId(3));
    append(&journal, &mut chain, Kind::Open, &stolen.repeat(3));
    drop(journal);
    rewrite(&last, |bytes| {
        bytes[frame_range(3).start + 3] ^= 1;
        bytes.truncate(bytes.len() - 1);
    });
    drop(open(directory.path()).expect("recovered"));
    assert_eq!(problems(directory.path()), Vec::<String>::new());
}

#[test]
fn cuts_moves_and_splices_of_whole_frames_are_found() {
    type Change = fn(&mut Vec<u8>);
    let changes: [(&str, Change); 6] = [
        ("first frame cut out", |bytes| drop(bytes.drain(frame_range(0)))),
        ("middle frame cut out", |bytes| drop(bytes.drain(frame_range(1)))),
        ("two frames swapped", |bytes| {
            let first = bytes[frame_range(0)].to_vec();
            bytes.copy_within(frame_range(1), frame_range(0).start);
            bytes[frame_range(1)].copy_from_slice(&first);
        }),
        ("a frame repeated in place of another", |bytes| {
            bytes.copy_within(frame_range(0), frame_range(1).start);
        }),
        ("a frame doubled", |bytes| {
            let first = bytes[frame_range(0)].to_vec();
            bytes.splice(frame_range(1).start..frame_range(1).start, first);
        }),
        ("a frame blanked", |bytes| bytes[frame_range(1)].fill(0)),
    ];
    for segment in 0..3 {
        for (what, change) in changes {
            let directory = small_journal();
            rewrite(&segments(directory.path())[segment], change);
            let found = problems(directory.path());
            assert!(found[0].starts_with(&format!("segment {} at", segment + 1)), "{what}: {found:?}");
        }
    }
}

#[test]
fn a_frame_of_another_segment_is_found() {
    let directory = small_journal();
    let paths = segments(directory.path());
    let other = fs::read(&paths[0]).expect("read");
    rewrite(&paths[1], |bytes| bytes[frame_range(1)].copy_from_slice(&other[frame_range(1)]));
    assert!(problems(directory.path())[0].contains("CRC"));
}

#[test]
fn segments_missing_cut_or_exchanged_are_found() {
    let directory = small_journal();
    fs::remove_file(&segments(directory.path())[0]).expect("removed");
    assert!(problems(directory.path())[0].contains("the segments before it are missing"));

    let directory = small_journal();
    fs::remove_file(&segments(directory.path())[1]).expect("removed");
    assert!(
        problems(directory.path())[0].contains("segment 3 at offset 0: the segment before it is missing")
    );

    let directory = small_journal();
    rewrite(&segments(directory.path())[1], |bytes| bytes.truncate(frame_range(1).end));
    let found = problems(directory.path()).concat();
    assert!(found.contains("segment 3 at offset 0: the segment before it has another length"), "{found}");

    let directory = small_journal();
    rewrite(&segments(directory.path())[1], |bytes| bytes.truncate(frame_range(1).end + 5));
    assert!(problems(directory.path())[0].contains("it ends within a frame"));

    let directory = small_journal();
    let paths = segments(directory.path());
    let (second, third) = (fs::read(&paths[1]).expect("read"), fs::read(&paths[2]).expect("read"));
    fs::write(&paths[1], third).expect("written");
    fs::write(&paths[2], second).expect("written");
    assert!(problems(directory.path())[0].contains("another number"));
}

/// Chains are the caller's, so a caller can make what an attacker with the CRCs right would.
#[test]
fn a_chain_that_does_not_hold_is_found() {
    type Change = fn(&mut Chain);
    let changes: [(&str, Change); 3] = [
        ("session 0000000000009: frame 3 where 2 is due", |chain| chain.sequence += 1),
        ("session 0000000000009: frame 1 where 2 is due", |chain| chain.sequence -= 1),
        ("session 0000000000009: the hash chain breaks here", |chain| chain.head[31] ^= 1),
    ];
    for (what, change) in changes {
        let directory = tempfile::tempdir().expect("a directory");
        let journal = open(directory.path()).expect("opened");
        let mut chain = Chain::new(SessionId(9));
        append(&journal, &mut chain, Kind::Open, b"{}");
        append(&journal, &mut chain, Kind::Request, b"1");
        change(&mut chain);
        append(&journal, &mut chain, Kind::Request, b"2");
        append(&journal, &mut chain, Kind::Request, b"3");
        let found = problems(directory.path());
        assert_eq!(found.len(), 1, "one fault, one problem: {found:?}");
        assert!(found[0].ends_with(what), "{found:?}");
    }
}

#[test]
fn a_session_has_one_beginning_and_one_end() {
    let cases: [(&[Kind], Option<&str>); 5] = [
        (&[Kind::Open, Kind::Close], None),
        (&[Kind::Request, Kind::Close], Some("a session starts with one open")),
        (&[Kind::Open, Kind::Open, Kind::Close], Some("a session starts with one open")),
        (&[Kind::Open, Kind::Close, Kind::Reply], Some("a frame after its close")),
        (&[Kind::Open, Kind::Recovered, Kind::Close], Some("recoveries and damage belong to the node")),
    ];
    for (kinds, expected) in cases {
        let directory = tempfile::tempdir().expect("a directory");
        let journal = open(directory.path()).expect("opened");
        let mut chain = Chain::new(SessionId(9));
        for kind in kinds {
            append(&journal, &mut chain, *kind, b"{}");
        }
        let found = problems(directory.path());
        assert_eq!(found.len(), usize::from(expected.is_some()), "{kinds:?}: {found:?}");
        assert!(found.iter().zip(expected).all(|(found, expected)| found.contains(expected)), "{found:?}");
    }
}
