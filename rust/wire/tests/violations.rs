//! Whoever breaks the protocol ends the session, and the error says who it was.

mod playbook;

use narrows_wire::{Inspector, Limits, Phase, Side};
use playbook::messages::*;
use playbook::*;

#[test]
fn an_unknown_message_of_the_agent_ends_the_session() {
    let mut talk = Playbook::open();
    talk.agent_all([unknown_message(), query("select")]).ends("the agent sent message type 'y'");
    let told = talk.told();
    assert!(told.contains("FATAL") && told.contains("08P01"), "{told}");
    assert!(!talk.inspector.wants_input(Side::Downstream) && !talk.inspector.wants_input(Side::Upstream));
}

#[test]
fn malformed_messages_of_the_agent_end_the_session() {
    for bad in [
        vec![b'Q', 0, 0, 0, 3],
        message(b'B', b"no end"),
        message(b'E', b"\0\0\0"),
        message(b'D', b"X\0"),
        message(b'C', b"S\0more"),
    ] {
        let mut talk = Playbook::open();
        talk.agent(bad).target_gets([]).ends("the agent sent a malformed message");
        talk.told();
    }
}

#[test]
fn a_control_message_over_its_limit_ends_the_session() {
    let mut talk = Playbook::open();
    talk.agent(beginning_of(b'E', 1 << 20, b"")).ends("control_bytes_max");
    assert!(talk.told().contains("54000"));
}

#[test]
fn a_reply_to_nothing_ends_the_session() {
    for reply in [
        parse_complete(),
        row(&[Some("x")]),
        columns(&[(1, 1)]),
        complete("SELECT 1"),
        ready(b'I'),
        copy_in_response(),
        copy_data("x"),
        error("22012", "x"),
        message(b'V', b"\xff\xff\xff\xff"),
        message(b'R', b"\0\0\0\0"),
        message(b'?', b""),
    ] {
        let mut talk = Playbook::open();
        talk.target([reply.clone()]).ends("the target sent");
        let told = talk.told();
        assert!(told.contains("FATAL"), "{:?} {told}", pretty(&reply));
    }
}

#[test]
fn a_reply_out_of_order_ends_the_session() {
    let mut talk = Playbook::open();
    talk.agent_all([parse("", "a"), bind("", ""), sync()]).asks(Phase::Parse, "a").allow();
    talk.target_gets([parse("", "a"), bind("", ""), sync()]);
    talk.target([bind_complete()]).ends("where a reply to what was sent was expected").told();
}

#[test]
fn a_fatal_error_of_the_target_is_told_and_ends_the_session() {
    let mut talk = Playbook::open();
    let goodbye = report(b'E', &[('S', "FATAL"), ('V', "FATAL"), ('C', "57P01"), ('M', "shutting down")]);
    talk.target([goodbye.clone()]).agent_gets([goodbye]).ends("57P01");
}

#[test]
fn a_session_that_the_target_ends_while_something_is_held_is_told_so() {
    // Row b: idle_in_transaction_session_timeout runs although nothing has been forwarded.
    let timeout =
        report(b'E', &[('S', "FATAL"), ('V', "FATAL"), ('C', "25P03"), ('M', "terminating connection")]);
    let mut talk = Playbook::open();
    talk.agent(query("delete")).asks(Phase::Query, "delete");
    talk.target([timeout.clone()]).agent_gets([timeout]).ends("25P03").target_gets([]);
    assert_eq!(talk.inspector.held(), None);
}

#[test]
fn settings_under_which_sql_cannot_be_judged_end_any_session() {
    for (name, value) in [("standard_conforming_strings", "off"), ("client_encoding", "SJIS")] {
        let mut talk = Playbook::open();
        talk.target([parameter_status(name, value)]).ends(name).told();
    }
    Playbook::open()
        .target([parameter_status("client_encoding", "UTF8")])
        .agent_gets([parameter_status("client_encoding", "UTF8")]);
}

#[test]
fn asynchronous_messages_may_come_anywhere() {
    let notice = || report(b'N', &[('S', "NOTICE"), ('C', "00000"), ('M', "hello")]);
    let mut talk = Playbook::open();
    talk.agent(query("select")).asks(Phase::Query, "select").allow().target_gets([query("select")]);
    let conversation = || {
        [
            notice(),
            columns(&[(0, 0)]),
            notification("c", "p"),
            row(&[Some("1")]),
            parameter_status("a", "b"),
            complete("SELECT 1"),
            notice(),
            ready(b'I'),
        ]
    };
    talk.target(conversation()).agent_gets(conversation());
}

#[test]
fn a_notice_of_our_own_waits_for_the_end_of_a_row_that_streams() {
    let mut talk = Playbook::open();
    talk.agent(query("select")).asks(Phase::Query, "select").allow().target_gets([query("select")]);
    let beginning = beginning_of(b'D', 100_000, b"\0\x01");
    talk.target([columns(&[(0, 0)]), beginning.clone()]).agent_gets([columns(&[(0, 0)]), beginning]);
    talk.notice("held").agent_gets([]);
    talk.target([vec![b'x'; 99_998]]);
    let ours = report(b'N', &[('S', "NOTICE"), ('V', "NOTICE"), ('C', "00000"), ('M', "held")]);
    talk.agent_gets([[vec![b'x'; 99_998], ours].concat()]);
}

#[test]
fn no_error_is_written_into_a_row_that_streams() {
    let mut talk = Playbook::open();
    talk.agent(query("select")).asks(Phase::Query, "select").allow().target_gets([query("select")]);
    let beginning = beginning_of(b'D', 100_000, b"\0\x01");
    talk.target([columns(&[(0, 0)]), beginning.clone()]).agent_gets([columns(&[(0, 0)]), beginning]);
    talk.agent(unknown_message()).agent_gets([]).ends("the agent");
}

#[test]
fn a_pipeline_deeper_than_the_limit_waits_for_replies() {
    let mut talk = Playbook::limited(Limits { pipeline_max: 2, ..Limits::default() });
    talk.agent_all([sync(), sync(), sync()]).target_gets([sync(), sync()]);
    assert!(!talk.inspector.wants_input(Side::Downstream));
    talk.target([ready(b'I')]).agent_gets([ready(b'I')]).target_gets([sync()]);
}

#[test]
fn a_span_longer_than_the_limit_is_not_kept_back() {
    let mut talk = Playbook::limited(Limits { span_bytes_max: 20, ..Limits::default() });
    talk.agent_all([parse("", "a"), bind("", ""), bind("", "")]).asks(Phase::Parse, "a").allow();
    talk.target_gets([parse("", "a"), bind("", "")]);
}

#[test]
fn terminate_releases_the_span_and_ends_the_agents_side() {
    let mut talk = Playbook::open();
    talk.agent_all([execute("x"), terminate(), query("drop")]).target_gets([execute("x"), terminate()]);
    assert!(!talk.inspector.wants_input(Side::Downstream));
}
