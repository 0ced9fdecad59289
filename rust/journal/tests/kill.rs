//! A process that is killed while it writes: every acknowledged frame is there afterwards.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use common::append;
use narrows_journal::{Chain, Journal, Kind, SessionId, read, verify};

const DIRECTORY: &str = "NARROWS_JOURNAL_KILL_TEST";
const ROUNDS: usize = 8;
const LINES: usize = 200;

#[test]
fn a_killed_writer_loses_no_acknowledged_frame() {
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        write_for_ever(Path::new(&directory));
    }
    let directory = tempfile::tempdir().expect("a directory");
    let mut acknowledged = 0;
    for _ in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "a_killed_writer_loses_no_acknowledged_frame", "--nocapture"])
            .env(DIRECTORY, directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut appended = lines.by_ref().map(|line| line.expect("a line")).filter(|line| line == "appended");
        assert_eq!(appended.by_ref().take(LINES).count(), LINES);
        child.kill().expect("killed");
        child.wait().expect("gone");
        acknowledged += LINES + appended.count();

        let report = verify(directory.path()).expect("verified");
        assert_eq!(report.problems, vec![]);
        let replies = read(directory.path(), None).expect("read");
        let replies = replies.iter().filter(|frame| frame.kind == Kind::Reply).count();
        assert!(replies >= acknowledged, "{replies} of {acknowledged}");
    }
    Journal::open(directory.path(), 1 << 20).expect("recovered");
    let report = verify(directory.path()).expect("verified");
    assert_eq!((report.problems, report.torn, report.unfinished.len()), (vec![], None, ROUNDS));
}

fn write_for_ever(directory: &Path) -> ! {
    let journal = Journal::open(directory, 1 << 20).expect("opened");
    let mut chain = Chain::new(SessionId::new(u64::from(std::process::id()), 0));
    append(&journal, &mut chain, Kind::Open, b"{}");
    let mut out = std::io::stdout();
    writeln!(out).expect("the parent listens");
    loop {
        append(&journal, &mut chain, Kind::Reply, &vec![b'x'; 20_000]);
        writeln!(out, "appended").expect("the parent listens");
    }
}
