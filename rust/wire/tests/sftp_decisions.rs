//! What is asked, what goes up, and what the agent hears.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod sftp;

use narrows_wire::ssh::sftp::{Action, SftpLimits, SftpRecord, Transfer, Verdict};
use sftp::messages::*;
use sftp::{Session, allowing, allowing_in, denying};
use sha2::{Digest as _, Sha256};

const READ: u32 = 1;
const WRITE: u32 = 0x1a;

fn transfer(action: Action, path: &str) -> Transfer {
    Transfer { action, path: path.into(), other: None, directory: false, resolved: true }
}

#[test]
fn nothing_but_the_question_where_a_path_leads_goes_up_before_the_verdict() {
    let mut session = Session::open();
    session.send(&open(7, "/srv/data/report", READ));
    assert_eq!(session.asked(), &transfer(Action::Read, "/srv/data/report"));
    assert!(session.done().is_empty() && session.heard().is_empty());
    session.resolve(&allowing());
    assert_eq!(session.done(), ["open /srv/data/report"]);
    assert_eq!(session.heard(), [Answer::Handle(7, "h1".to_owned())]);
}

#[test]
fn a_path_is_judged_where_it_leads_and_sent_on_so() {
    for (path, place) in [
        ("/srv/data/out/passwd", "/etc/passwd"),
        ("/srv/data/out/../x", "/x"),
        ("notes", "/home/deploy/notes"),
        ("../../etc/passwd", "/etc/passwd"),
    ] {
        let mut session = Session::open();
        session.send(&open(1, path, READ));
        assert_eq!(session.asked().path.as_ref(), place, "{path}");
        session.resolve(&allowing());
        assert_eq!(session.done(), [format!("open {place}")]);
    }
}

#[test]
fn a_name_is_removed_and_not_what_it_points_to() {
    let mut session = Session::open();
    session.send(&remove(1, "/srv/data/out"));
    assert_eq!(session.asked(), &transfer(Action::Remove, "/srv/data/out"));
    session.resolve(&allowing());
    session.send(&remove(2, "/srv/data/out/passwd"));
    assert_eq!(session.asked(), &transfer(Action::Remove, "/etc/passwd"));
}

#[test]
fn a_denial_answers_one_request_and_the_session_lives_on() {
    let mut session = Session::open();
    session.send(&remove(1, "/srv/data/a"));
    session.resolve(&denying());
    let message = "Narrows: this is not for agents (rule no-entry); ask the owners".to_owned();
    assert_eq!(session.heard(), [Answer::Status(1, 3, message)]);
    assert!(session.done().is_empty());
    assert_eq!(session.allowed(&stat(2, "/srv/data/a")), [Answer::Attributes(2)]);
    assert_eq!(session.closed, None);
}

#[test]
fn open_handles_are_used_while_something_else_is_held() {
    let mut session = Session::open();
    session.allowed(&open(1, "/srv/data/a", READ));
    session.send(&remove(2, "/srv/data/b"));
    session.send(&read(3, "h1", 0));
    assert_eq!(session.heard(), [Answer::Data(3, b"data".to_vec())]);
    session.resolve(&allowing());
    assert_eq!(session.heard(), [Answer::Status(2, 0, String::new())]);
}

#[test]
fn what_changes_waits_for_what_is_before_it_and_holds_what_is_behind_it() {
    let mut session = Session::open();
    session.send(&[stat(1, "/a"), stat(2, "/b"), remove(3, "/a"), stat(4, "/a")].concat());
    let asked: Vec<_> = session.asks.iter().map(|ask| ask.transfer.action).collect();
    assert_eq!(asked, [Action::Look, Action::Look]);
    let resolved = session.target.resolved;
    session.resolve(&allowing());
    assert_eq!(session.target.resolved, resolved, "the second stat is still before the removal");
    session.resolve(&allowing());
    assert_eq!(session.asked().action, Action::Remove);
    session.resolve(&allowing());
    assert_eq!(session.asked().action, Action::Look);
    session.resolve(&allowing());
    assert_eq!(session.done(), ["look /a", "look /b", "13 /a", "look /a"]);
}

#[test]
fn where_a_path_leads_is_told_where_looking_is_allowed() {
    let mut session = Session::open();
    session.send(&realpath(1, "/srv/data/out/x"));
    assert_eq!(session.asked(), &transfer(Action::Look, "/etc/x"));
    session.resolve(&denying());
    assert!(matches!(session.heard()[..], [Answer::Status(1, 3, _)]));
    let place = Answer::Name(2, vec!["/srv/data/y".to_owned()]);
    assert_eq!(session.allowed(&realpath(2, "/srv/data/./y")), [place]);
}

#[test]
fn the_home_directory_needs_no_verdict() {
    let mut session = Session::open();
    session.send(&realpath(1, "."));
    assert_eq!(session.heard(), [Answer::Name(1, vec![sftp::target::HOME.to_owned()])]);
}

#[test]
fn of_a_path_that_leads_nowhere_only_the_targets_error_may_be_told() {
    let mut session = Session::open();
    for verdict in [allowing(), denying()] {
        session.send(&open(1, "/missing/x/../y", WRITE));
        let asked = session.asked();
        assert_eq!((asked.path.as_ref(), asked.resolved), ("/missing/y", false));
        session.resolve(&verdict);
        let code = if matches!(verdict, Verdict::Allow(_)) { 2 } else { 3 };
        assert!(matches!(session.heard()[..], [Answer::Status(1, told, _)] if told == code));
    }
    assert!(session.done().is_empty());
}

#[test]
fn a_rename_shows_both_ends_and_whether_a_tree_moves() {
    let mut session = Session::open();
    session.send(&rename(1, "/tmp/dir", "/srv/data/out/dir"));
    let asked = session.asked();
    assert_eq!((asked.action, asked.path.as_ref(), asked.directory), (Action::Rename, "/tmp/dir", true));
    assert_eq!(asked.other.as_deref(), Some("/etc/dir"));
    session.resolve(&allowing());
    assert_eq!(session.done().last().unwrap(), "rename /tmp/dir /etc/dir");
    session.send(&extended(2, "posix-rename@openssh.com", &[string("/tmp/file"), string("/tmp/x")]));
    assert!(!session.asked().directory);
}

#[test]
fn a_name_is_looked_at_where_it_is() {
    let mut session = Session::open();
    session.send(&lstat(1, "/srv/data/out"));
    assert_eq!(session.asked(), &transfer(Action::Look, "/srv/data/out"));
    assert_eq!(session.target.looked, 0);
    session.resolve(&allowing());
    assert_eq!(session.target.looked, 1);
    session.send(&lstat(2, "/srv/data/out/"));
    assert_eq!(session.asked(), &transfer(Action::Look, "/etc"));
}

#[test]
fn a_link_shows_where_it_would_point() {
    let mut session = Session::open();
    session.send(&symlink(1, "../../etc/shadow", "/srv/data/innocent"));
    let asked = session.asked();
    assert_eq!((asked.action, asked.path.as_ref()), (Action::Symlink, "/srv/data/innocent"));
    assert_eq!(asked.other.as_deref(), Some("/etc/shadow"));
    session.resolve(&allowing());
    assert_eq!(session.done(), ["symlink /srv/data/innocent to ../../etc/shadow"]);
    session.send(&extended(2, "hardlink@openssh.com", &[string("/srv/data/out/shadow"), string("/tmp/x")]));
    let asked = session.asked();
    assert_eq!(
        (asked.action, asked.path.as_ref(), asked.other.as_deref()),
        (Action::Hardlink, "/tmp/x", Some("/etc/shadow"))
    );
}

#[test]
fn a_handle_is_good_for_what_it_was_opened_for() {
    let mut session = Session::open();
    session.allowed(&open(1, "/srv/data/a", READ));
    for use_of in [write(2, "h1", 0, b"x"), fsetstat(2, "h1", 0o600), read(2, "h9", 0), close(2, "h9")] {
        session.send(&use_of);
        assert!(matches!(session.heard()[..], [Answer::Status(2, 4, _)]));
    }
    assert_eq!(session.done(), ["open /srv/data/a"]);
    session.allowed(&close(3, "h1"));
    session.send(&read(4, "h1", 0));
    assert!(matches!(session.heard()[..], [Answer::Status(4, 4, _)]));
}

#[test]
fn set_id_modes_are_refused_wherever_they_come() {
    let mut session = Session::open();
    session.allowed(&open(1, "/tmp/a", WRITE));
    let with_mode = request(3, 2, &[string("/tmp/b"), number(WRITE), number(4), number(0o4755)]);
    for hostile in [setstat(2, "/tmp/a", 0o4755), fsetstat(2, "h1", 0o2755), with_mode] {
        session.send(&hostile);
        assert!(matches!(&session.heard()[..], [Answer::Status(2, 3, text)] if text.contains("set-id")));
    }
    assert_eq!(session.done(), ["open /tmp/a"]);
}

#[test]
fn what_cannot_be_read_is_refused_and_the_session_lives_on() {
    let mut session = Session::open();
    let hostile = [
        (5, request(3, 2, &[string("/tmp/b"), number(READ)])),
        (5, request(3, 2, &[string("/tmp/b"), number(0x40), number(0)])),
        (5, request(13, 2, &[string(b"/tmp/\xff")])),
        (5, request(13, 2, &[string(b"/tmp/a\0b")])),
        (5, request(13, 2, &[string("/tmp/a"), string("/tmp/b")])),
        (4, with_path(13, 2, &"a/".repeat(2049))),
        (4, with_path(13, 2, "/srv/..")),
        (8, request(21, 2, &[])),
        (8, extended(2, "secret-door@example.com", &[])),
        (5, request(200, 2, &[])),
    ];
    for (code, bytes) in hostile {
        session.send(&bytes);
        let heard = session.heard();
        assert!(matches!(&heard[..], [Answer::Status(2, told, _)] if *told == code), "{heard:?}");
    }
    assert!(session.done().is_empty() && session.asks.is_empty() && session.closed.is_none());
}

#[test]
fn a_verdict_that_stands_is_not_asked_again_until_policy_moves() {
    let mut session = Session::open();
    let Verdict::Allow(allow) = allowing() else { panic!() };
    session.send(&stat(1, "/srv/data/a"));
    session.resolve(&Verdict::Allow(narrows_wire::ssh::sftp::Allow { reusable: true, ..allow }));
    session.send(&stat(2, "/srv/data/./a"));
    assert_eq!(session.heard(), [Answer::Attributes(1), Answer::Attributes(2)]);
    session.send(&lstat(3, "/srv/data/b"));
    assert_eq!(session.asked().path.as_ref(), "/srv/data/b");
    session.resolve(&allowing());
    session.set_policy_epoch(2);
    session.send(&stat(4, "/srv/data/a"));
    assert_eq!(session.asks.len(), 1);
}

#[test]
fn a_verdict_of_an_earlier_policy_decides_nothing() {
    let mut session = Session::open();
    session.send(&remove(1, "/srv/data/a"));
    let held = session.asks.remove(0);
    session.set_policy_epoch(2);
    session.resolve_ask(held.id, &allowing()).unwrap();
    assert!(session.done().is_empty());
    session.resolve(&allowing_in(2));
    assert_eq!(session.done(), ["13 /srv/data/a"]);
}

#[test]
fn open_handles_are_judged_again_when_policy_moves() {
    let mut session = Session::open();
    session.allowed(&open(1, "/srv/data/a", READ));
    session.allowed(&open(2, "/srv/data/b", READ));
    session.set_policy_epoch(2);
    session.send(&[read(3, "h1", 0), read(4, "h2", 0)].concat());
    assert!(session.heard().is_empty(), "no use before it is known whether it may go on");
    let denied = session.asks.iter().position(|ask| ask.transfer.path.as_ref() == "/srv/data/b").unwrap();
    let denied = session.asks.remove(denied);
    session.resolve(&allowing_in(2));
    session.resolve_ask(denied.id, &denying()).unwrap();
    let heard = session.heard();
    assert!(matches!(&heard[..], [Answer::Status(4, 3, _), Answer::Data(3, _)]), "{heard:?}");
    assert_eq!(session.allowed(&close(5, "h2")), [Answer::Status(5, 0, String::new())]);
}

#[test]
fn what_was_moved_is_recorded_when_the_file_is_closed() {
    let mut session = Session::open();
    session.allowed(&open(1, "/tmp/a", WRITE));
    session.allowed(&[write(2, "h1", 0, b"hello "), write(3, "h1", 6, b"world"), close(4, "h1")].concat());
    let Some(SftpRecord::Closed { path, read, written, complete }) = session.records.last() else { panic!() };
    assert_eq!((path.as_ref(), read.bytes, written.bytes, *complete), ("/tmp/a", 0, 11, true));
    assert_eq!(written.sha256, Some(Sha256::digest(b"hello world").into()));
    session.allowed(&open(5, "/tmp/b", READ));
    session.allowed(&[read_twice("h2"), close(8, "h2")].concat());
    let Some(SftpRecord::Closed { read, .. }) = session.records.last() else { panic!() };
    assert_eq!((read.bytes, read.sha256), (8, None), "the same part twice has no hash");
}

fn read_twice(handle: &str) -> Vec<u8> {
    [sftp::messages::read(6, handle, 0), sftp::messages::read(7, handle, 0)].concat()
}

#[test]
fn what_is_open_at_the_end_is_recorded_as_incomplete() {
    let mut session = Session::open();
    session.allowed(&open(1, "/tmp/a", WRITE));
    session.allowed(&write(2, "h1", 0, b"half"));
    session.hang_up();
    assert!(
        matches!(session.records.last(), Some(SftpRecord::Closed { complete: false, written, .. }) if written.bytes == 4)
    );
}

#[test]
fn a_decision_is_recorded_before_its_request_goes_up() {
    let mut session = Session::open();
    session.allowed(&remove(1, "/tmp/a"));
    let transfer = transfer(Action::Remove, "/tmp/a");
    let decided = SftpRecord::Decided { transfer: transfer.clone(), allowed: true, rule: "files".into() };
    assert_eq!(session.records, [decided, SftpRecord::Answered { transfer, code: 0 }]);
}

#[test]
fn limits_end_in_answers_or_in_backpressure() {
    let limits = SftpLimits { handles_max: 1, held_max: 2, ..SftpLimits::default() };
    let mut session = Session::with(limits);
    session.allowed(&open(1, "/a", READ));
    let heard = session.allowed(&open(2, "/b", READ));
    assert!(matches!(&heard[..], [Answer::Status(2, 4, text)] if text.contains("handles_max")));
    session.send(&[stat(3, "/a"), stat(4, "/b"), stat(5, "/c")].concat());
    assert_eq!(session.asks.len(), 2, "the third is not even read");
    session.resolve(&allowing());
    assert_eq!(session.asks.len(), 2);
}
