//! Denials: poison goes up, the target fails it, and only its text is rewritten.

mod playbook;

use narrows_wire::{Allow, Limits, Phase};
use playbook::messages::*;
use playbook::*;

#[test]
fn a_denied_query_is_poisoned_and_the_session_goes_on() {
    let mut talk = Playbook::open();
    talk.agent(query("drop"))
        .asks(Phase::Query, "drop")
        .deny()
        .target_gets([poisoned_query()])
        .target([poison_error("42601"), ready(b'T')])
        .agent_gets([denied(), ready(b'T')])
        .agent(query("select"))
        .asks(Phase::Query, "select")
        .allow()
        .target_gets([query("select")]);
    assert_eq!((talk.inspector.counters().operations, talk.inspector.counters().denials), (2, 1));
}

#[test]
fn a_denied_parse_is_poisoned_in_its_place_and_the_rest_of_the_span_is_dropped() {
    // Row h: what came before in the span is rolled back by the target itself.
    Playbook::open()
        .agent_all([
            parse("", "insert"),
            bind("", ""),
            execute(""),
            parse("s", "drop"),
            bind("", "s"),
            query("x"),
        ])
        .asks(Phase::Parse, "insert")
        .allow()
        .asks(Phase::Parse, "drop")
        .deny()
        .target_gets([parse("", "insert"), bind("", ""), execute(""), poisoned_parse("s")])
        .target([parse_complete(), bind_complete(), complete("INSERT 0 1"), poison_error("42601")])
        .agent_gets([parse_complete(), bind_complete(), complete("INSERT 0 1"), denied()])
        .agent_all([execute(""), sync()])
        .target_gets([sync()])
        .target([ready(b'I')])
        .agent_gets([ready(b'I')]);
}

#[test]
fn a_denied_bind_is_poisoned_by_a_statement_that_nobody_has() {
    Playbook::open()
        .agent_all([parse("", "delete"), bind("", ""), execute(""), sync(), query("next")])
        .asks(Phase::Parse, "delete")
        .allow_with(Allow { ask_at_bind: true, ..allowing() })
        .asks(Phase::Bind, "delete")
        .deny()
        .target_gets([parse("", "delete"), poisoned_bind(), sync()])
        .target([parse_complete(), poison_error("26000"), ready(b'I')])
        .agent_gets([parse_complete(), denied(), ready(b'I')])
        .asks(Phase::Query, "next");
}

#[test]
fn an_error_before_the_poison_is_the_only_one_told() {
    Playbook::open()
        .agent_all([parse("", "insert"), bind("", ""), execute(""), parse("", "drop"), sync()])
        .asks(Phase::Parse, "insert")
        .allow()
        .asks(Phase::Parse, "drop")
        .deny()
        .target_gets([parse("", "insert"), bind("", ""), execute(""), poisoned_parse(""), sync()])
        .target([parse_complete(), bind_complete(), error("23505", "duplicate"), ready(b'I')])
        .agent_gets([parse_complete(), bind_complete(), error("23505", "duplicate"), ready(b'I')]);
}

#[test]
fn both_poison_errors_are_recognised_by_the_nonce_alone() {
    // Row m. Another error in the poison's place is told as it is.
    Playbook::open()
        .agent(query("drop"))
        .asks(Phase::Query, "drop")
        .deny()
        .target_gets([poisoned_query()])
        .target([error("57014", "canceling statement due to statement timeout"), ready(b'I')])
        .agent_gets([error("57014", "canceling statement due to statement timeout"), ready(b'I')]);
}

#[test]
fn the_agent_cannot_provoke_a_rewrite_with_poison_of_its_own() {
    Playbook::open()
        .agent(query(POISON))
        .asks(Phase::Query, POISON)
        .allow()
        .target_gets([query(POISON)])
        .target([poison_error("42601"), ready(b'I')])
        .agent_gets([poison_error("42601"), ready(b'I')]);
}

#[test]
fn after_an_error_the_agents_messages_are_dropped_to_its_sync() {
    // Rule 1: the target would drop them too, a Query included.
    Playbook::open()
        .agent_all([execute("x"), flush()])
        .target_gets([execute("x"), flush()])
        .target([error("34000", "no portal")])
        .agent_gets([error("34000", "no portal")])
        .agent_all([query("delete"), parse("", "a"), sync()])
        .target_gets([sync()])
        .target([ready(b'I')])
        .agent_gets([ready(b'I')]);
}

#[test]
fn an_error_in_a_query_drops_nothing() {
    // Rule 2.
    Playbook::open()
        .agent_all([query("bad"), query("good")])
        .asks(Phase::Query, "bad")
        .allow()
        .asks(Phase::Query, "good")
        .allow()
        .target_gets([query("bad"), query("good")])
        .target([error("42601", "bad"), ready(b'I'), complete("SELECT 0"), ready(b'I')])
        .agent_gets([error("42601", "bad"), ready(b'I'), complete("SELECT 0"), ready(b'I')]);
}

#[test]
fn an_error_at_a_sync_is_followed_by_its_ready() {
    // Row f: a deferred constraint of an implicit transaction fails at Sync.
    Playbook::open()
        .agent_all([parse("", "insert"), bind("", ""), execute(""), sync()])
        .asks(Phase::Parse, "insert")
        .allow()
        .target_gets([parse("", "insert"), bind("", ""), execute(""), sync()])
        .target([parse_complete(), bind_complete(), complete("INSERT 0 1"), error("23505", "x"), ready(b'I')])
        .agent_gets([
            parse_complete(),
            bind_complete(),
            complete("INSERT 0 1"),
            error("23505", "x"),
            ready(b'I'),
        ]);
}

#[test]
fn text_that_cannot_be_judged_is_denied_politely() {
    let told = |fault: &str| {
        let hint = "Send SQL as UTF-8; pass other bytes as parameters.";
        narrows_error("22021", &format!("Narrows: {fault}"), "rule unreadable", hint)
    };
    Playbook::open()
        .agent(message(b'Q', b"select 1\0; drop\0"))
        .target_gets([poisoned_query()])
        .target([poison_error("42601"), ready(b'I')])
        .agent_gets([told("the statement holds a NUL byte"), ready(b'I')])
        .agent_all([message(b'P', b"s\0select '\xff'\0\0\0"), sync()])
        .target_gets([poisoned_parse("s"), sync()])
        .target([poison_error("42601"), ready(b'I')])
        .agent_gets([told("the statement is not valid UTF-8"), ready(b'I')])
        .agent_all([message(b'P', b"s\0select\0; drop\0\0\0"), sync()])
        .target_gets([poisoned_execute(), sync()]);
}

#[test]
fn a_function_call_is_denied_in_its_own_place() {
    Playbook::open()
        .agent(function_call())
        .target_gets([poisoned_query()])
        .target([poison_error("42601"), ready(b'I')])
        .agent_gets([
            narrows_error(
                "42501",
                "Narrows: the FunctionCall message is not allowed",
                "rule function-call",
                "Call the function by a statement.",
            ),
            ready(b'I'),
        ]);
}

fn small() -> Limits {
    Limits { statement_bytes_max: 16, bind_bytes_max: 32, names_max: 1, ..Limits::default() }
}

fn over(what: &str, limit: &str, max: usize) -> Vec<u8> {
    narrows_error(
        "54000",
        &format!("Narrows: {what} over the limit"),
        &format!("{limit} = {max}"),
        &format!("Send less at a time, or ask the operator to raise {limit}."),
    )
}

#[test]
fn an_oversized_query_is_denied_by_its_header_and_its_body_never_goes_up() {
    Playbook::limited(small())
        .agent(beginning_of(b'Q', 1 << 24, b"delete from"))
        .target_gets([poisoned_query()])
        .target([poison_error("42601"), ready(b'I')])
        .agent_gets([over("the statement is", "statement_bytes_max", 16), ready(b'I')])
        .agent(vec![b'x'; (1 << 24) - 11])
        .target_gets([])
        .agent(query("select"))
        .asks(Phase::Query, "select");
}

#[test]
fn an_oversized_parse_or_bind_is_denied_likewise() {
    Playbook::limited(small())
        .agent(beginning_of(b'P', 40, b"s\0"))
        .agent(vec![b'x'; 38])
        .agent(sync())
        .target_gets([poisoned_execute(), sync()])
        .target([poison_error("34000"), ready(b'I')])
        .agent_gets([over("the statement is", "statement_bytes_max", 16), ready(b'I')])
        .agent(beginning_of(b'B', 40, &[0; 40]))
        .agent(sync())
        .target_gets([poisoned_bind(), sync()])
        .target([poison_error("26000"), ready(b'I')])
        .agent_gets([over("the parameters are", "bind_bytes_max", 32), ready(b'I')]);
}

#[test]
fn one_name_too_many_is_denied() {
    let limits = Limits { names_bytes_max: 12, ..Limits::default() };
    Playbook::limited(limits)
        .agent_all([parse("a", "0123456789"), sync()])
        .asks(Phase::Parse, "0123456789")
        .allow()
        .agent_all([bind("too long a name", "a"), sync()])
        .target_gets([parse("a", "0123456789"), sync(), poisoned_bind(), sync()])
        .target([parse_complete(), ready(b'I'), poison_error("26000"), ready(b'I')])
        .agent_gets([
            parse_complete(),
            ready(b'I'),
            over("prepared statements and portals together are", "names_bytes_max", 12),
            ready(b'I'),
        ]);
    Playbook::limited(small())
        .agent_all([parse("a", "x"), parse("b", "x"), sync()])
        .asks(Phase::Parse, "x")
        .allow()
        .target_gets([parse("a", "x"), poisoned_parse("b"), sync()])
        .target([parse_complete(), poison_error("42601"), ready(b'I')])
        .agent_gets([
            parse_complete(),
            over("prepared statements and portals are", "names_max", 1),
            ready(b'I'),
        ]);
}
