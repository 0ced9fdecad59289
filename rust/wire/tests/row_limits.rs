//! Statements that may touch only so many rows.

mod playbook;

use narrows_wire::{Allow, Phase};
use playbook::messages::*;
use playbook::*;

const TOO_MANY: &str = "invalid input syntax for type bigint: \"narrows_rows_n0nce 7 \"";

fn limited() -> Allow {
    Allow { rows_max: Some(5), ..allowing() }
}

fn exceeded() -> Vec<u8> {
    narrows_error(
        "42501",
        "Narrows: it would have touched 7 rows, and may touch 5; it was rolled back",
        "rule reads, limit rows = 5",
        "Touch fewer rows at a time; what triggers and cascades change counts too.",
    )
}

/// Replies to the messages that count.
fn counting() -> Vec<u8> {
    [
        close_complete(),
        parse_complete(),
        bind_complete(),
        complete("SELECT 0"),
        close_complete(),
        close_complete(),
    ]
    .concat()
}

/// An allowed query that is counted: what the target was sent is looked at, and taken away.
fn counted_query() -> Playbook {
    let mut talk = Playbook::open();
    talk.agent(query("delete -- all")).asks(Phase::Query, "delete -- all").allow_with(limited());
    let sent = talk.sent();
    assert_eq!(sent.len(), 1, "one message, so one transaction: {sent:?}");
    let parts: Vec<&str> = sent.iter().flat_map(|query| query.split(";\\ndelete -- all\\n;")).collect();
    assert!(
        matches!(parts[..], [first, rest] if first.starts_with("Q SELECT FROM") && rest.contains("5::pg"))
    );
    talk
}

/// An allowed execution that is counted, and its reply up to `BindComplete`.
fn counted_execution() -> Playbook {
    let mut talk = Playbook::open();
    talk.agent_all([parse("", "delete"), bind("", ""), execute(""), sync()])
        .asks(Phase::Parse, "delete")
        .allow_with(limited());
    let tags: String = talk.sent().iter().map(|message| &message[..1]).collect();
    assert_eq!(tags, "PBCPBECCECPBECCS", "counted before and after, and all of it before the Sync");
    talk.target([parse_complete(), bind_complete()]).agent_gets([parse_complete(), bind_complete()]);
    talk
}

#[test]
fn a_query_within_its_limit_looks_as_if_nobody_had_counted() {
    counted_query()
        .target([columns(&[]), complete("SELECT 0"), complete("DELETE 5")])
        .agent_gets([])
        .target([columns(&[]), complete("SELECT 0"), ready(b'I')])
        .agent_gets([complete("DELETE 5"), ready(b'I')]);
}

#[test]
fn rows_that_it_returns_pass_at_once() {
    let rows = [columns(&[(0, 0)]), row(&[Some("1")])];
    counted_query()
        .target([columns(&[]), complete("SELECT 0")])
        .target(rows.clone())
        .agent_gets(rows)
        .target([complete("DELETE 1"), columns(&[]), complete("SELECT 0"), ready(b'I')])
        .agent_gets([complete("DELETE 1"), ready(b'I')]);
}

#[test]
fn a_query_beyond_its_limit_is_told_so_and_never_that_it_succeeded() {
    counted_query()
        .target([columns(&[]), complete("SELECT 0"), complete("DELETE 7"), columns(&[])])
        .agent_gets([])
        .target([error("22P02", TOO_MANY), ready(b'I')])
        .agent_gets([exceeded(), ready(b'I')]);
}

#[test]
fn the_error_of_an_agents_own_statement_points_into_its_own_text() {
    let shift = "Q ".len();
    let mut talk = Playbook::open();
    talk.agent(query("delete")).asks(Phase::Query, "delete").allow_with(limited());
    let sent = talk.sent();
    let place = sent[0].replace("\\n", "\n").replace("\\'", "'").find("delete").unwrap() - shift;
    let position = (place + 3).to_string();
    talk.target([columns(&[]), complete("SELECT 0")])
        .target([report(b'E', &[('S', "ERROR"), ('C', "42601"), ('M', "no"), ('P', &position)]), ready(b'E')])
        .agent_gets([report(b'E', &[('S', "ERROR"), ('C', "42601"), ('M', "no"), ('P', "3")]), ready(b'E')]);
}

#[test]
fn an_execution_within_its_limit_looks_as_if_nobody_had_counted() {
    counted_execution()
        .target([counting(), complete("DELETE 5")])
        .agent_gets([])
        .target([counting(), ready(b'I')])
        .agent_gets([complete("DELETE 5"), ready(b'I')]);
}

#[test]
fn an_execution_beyond_its_limit_fails_and_the_session_is_in_sync() {
    counted_execution()
        .target([counting(), complete("DELETE 7"), close_complete(), parse_complete(), bind_complete()])
        .agent_gets([])
        .target([error("22P02", TOO_MANY), ready(b'E')])
        .agent_gets([exceeded(), ready(b'E')])
        .agent(query("rollback"))
        .asks(Phase::Query, "rollback")
        .allow()
        .target_gets([query("rollback")]);
}

#[test]
fn a_failed_transaction_answers_as_it_does_to_anything() {
    let aborted = error("25P02", "current transaction is aborted");
    counted_execution()
        .target([close_complete(), aborted.clone(), ready(b'E')])
        .agent_gets([aborted, ready(b'E')]);
}

#[test]
fn what_only_looks_like_the_check_is_the_targets_own_error() {
    let forged = error("22P02", TOO_MANY);
    Playbook::open()
        .agent(query("select 'narrows_rows_n0nce 7 '::int"))
        .asks(Phase::Query, "select 'narrows_rows_n0nce 7 '::int")
        .allow()
        .target_gets([query("select 'narrows_rows_n0nce 7 '::int")])
        .target([forged.clone(), ready(b'I')])
        .agent_gets([forged, ready(b'I')]);
}

#[test]
fn a_target_that_does_not_count_lets_nothing_through() {
    let uncounted = "invalid input syntax for type bigint: \"narrows_rows_n0nce 0 \"";
    let mut talk = counted_query();
    talk.target([columns(&[]), complete("SELECT 0"), complete("DELETE 7"), columns(&[])])
        .target([error("22P02", uncounted), ready(b'I')]);
    let told = talk.told();
    assert!(told.contains("track_counts") && !told.contains("DELETE"), "{told}");
}

#[test]
fn a_second_result_where_one_was_judged_ends_the_session() {
    counted_query()
        .target([columns(&[]), complete("SELECT 0"), complete("DELETE 1"), columns(&[(0, 0)])])
        .target([row(&[Some("1")])])
        .ends("RowDescription")
        .told();
}
