//! Peers that break the protocol.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod sftp;

use narrows_wire::ssh::sftp::SftpLimits;
use sftp::messages::*;
use sftp::{Session, allowing};

#[test]
fn an_agent_that_breaks_the_protocol_is_cut_off() {
    let hostile: [(&[u8], &str); 5] = [
        (&init(3), "where a request was expected"),
        (&[0, 0, 0, 0], "without a type"),
        (&[0, 4, 0, 1], "packet_bytes_max"),
        (&packet(4, b"\0\0"), "without an id"),
        (&[0xff, 0xff, 0xff, 0xff], "packet_bytes_max"),
    ];
    for (bytes, reason) in hostile {
        let mut session = Session::open();
        session.send(&[bytes, &remove(1, "/a")].concat());
        assert!(session.closed.as_ref().is_some_and(|told| told.contains(reason)), "{:?}", session.closed);
        assert!(session.asks.is_empty() && session.done().is_empty());
    }
}

#[test]
fn a_session_starts_with_init_of_version_three_or_later() {
    for (bytes, accepted) in [(init(3), true), (init(6), true), (init(2), false), (stat(1, "/"), false)] {
        let mut session = Session::unopened(SftpLimits::default());
        session.send(&bytes);
        assert_eq!(session.closed.is_none(), accepted, "{:?}", session.closed);
    }
}

#[test]
fn a_target_that_answers_what_was_not_asked_is_cut_off() {
    let mut session = Session::open();
    session.say(&packet(101, &[number(77), number(0), string(""), string("")].concat()));
    assert!(session.error.is_some());
}

#[test]
fn a_handle_comes_only_from_an_opening() {
    let mut session = Session::open();
    session.send(&stat(1, "/a"));
    // The target's next answer is forged: the id under which the request will go up is not hard to guess.
    let ask = session.asks.remove(0);
    session.say(&packet(102, &[number(3), string("forged")].concat()));
    assert!(session.error.is_some());
    let _ = session.resolve_ask(ask.id, &allowing());
    assert!(session.done().is_empty());
}

#[test]
fn nothing_moves_after_the_end() {
    let mut session = Session::open();
    session.send(&stat(1, "/a"));
    let ask = session.asks.remove(0);
    session.hang_up();
    assert!(session.resolve_ask(ask.id, &allowing()).is_err());
    session.send(&stat(2, "/b"));
    assert!(session.done().is_empty() && session.asks.is_empty() && session.heard().is_empty());
}
